"""A table of states and steps as one SVG picture: states stand side by side, each step is a line of its own below them.

Every line has its own row and every state its own column, so that nothing can lie over anything else, however many steps
a table holds. A dot says whence, an arrow whither. The same table gives the same bytes.
"""

from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from miaoce.cli.states import Table
    from miaoce.registry.approvals.states import Step

COLUMN, ROW, HEAD, EDGE, LINE = 104, 46, 64, 24, 18
LETTERS = 6  # of a state's word in one line of its box
INK, SOFT, FAINT, STEP, PAPER = "#1f2933", "#52606d", "#cbd2d9", "#0b6e4f", "#ffffff"
LEGEND = "圆点：从这个状态　箭头：到这个状态　实心起点：从这里开始　双线框：到此为止"


def drawing(table: "Table") -> str:
    """Return the picture of a table."""
    from miaoce.cli.states import who

    notes = [(f"{step.label}", who(step)) for step in table.steps]
    left = EDGE + int(max(max(width(a, 14), width(b, 11)) for a, b in notes)) + EDGE
    wide = max(left + COLUMN * len(table.labels), int(width(LEGEND, 12)) + 2 * EDGE) + EDGE
    top = EDGE + 30
    first = top + HEAD + ROW
    high = first + ROW * len(table.steps) + 30
    at = {code: left + COLUMN * place + COLUMN // 2 for place, code in enumerate(table.labels)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img">',
        f"<title>{escape(table.title)}：状态和步骤</title>",
        f'<rect width="{wide}" height="{high}" fill="{PAPER}"/>',
        "<g font-family=\"'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif\">",
        text(EDGE, EDGE + 12, table.title, 18, INK),
        *(part for code in table.labels for part in _column(table, code, at[code], top, high - 40)),
    ]
    for place, (step, (label, by)) in enumerate(zip(table.steps, notes, strict=True)):
        y = first + ROW * place
        parts += [text(EDGE, y, label, 14, INK), text(EDGE, y + 16, by, 11, SOFT), *_step(step, at, y)]
    parts += [text(EDGE, high - 14, LEGEND, 12, SOFT), "</g>", "</svg>"]
    return "\n".join(parts) + "\n"


def _column(table: "Table", code: str, x: int, top: int, bottom: int) -> Iterator[str]:
    """Yield a state: its box with its word, and the line that goes down from it."""
    box = COLUMN - 12
    yield f'<line x1="{x}" y1="{top + HEAD}" x2="{x}" y2="{bottom}" stroke="{FAINT}"/>'
    yield _box(x - box // 2, top, box, HEAD)
    if not any(code in step.sources for step in table.steps):
        yield _box(x - box // 2 + 3, top + 3, box - 6, HEAD - 6)
    word = table.labels[code]
    lines = [word[start : start + LETTERS] for start in range(0, len(word), LETTERS)]
    for place, line in enumerate(lines):
        yield text(x, top + HEAD // 2 + 5 + int((place - (len(lines) - 1) / 2) * LINE), line, 13, INK, anchor="middle")
    if code in table.begins:
        yield f'<circle cx="{x}" cy="{top + HEAD}" r="5" fill="{INK}"/>'


def _box(x: int, y: int, wide: int, high: int) -> str:
    """Return the frame of a state."""
    return f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="6" fill="{PAPER}" stroke="{SOFT}"/>'


def _step(step: "Step", at: dict[str, int], y: int) -> Iterator[str]:
    """Yield the line of a step: dots where it leads from, arrows where it leads to, a loop where both are one."""
    end = at[step.target]
    others = sorted(at[code] for code in step.sources if code != step.target)
    for near, far in pairwise(sorted({*others, end})):
        head = 7 * (far == end), -7 * (near == end)
        yield (f'<line x1="{near - head[1]}" y1="{y}" x2="{far - head[0]}" y2="{y}" stroke="{STEP}" stroke-width="2"/>')
    yield from (f'<circle cx="{x}" cy="{y}" r="4.5" fill="{STEP}"/>' for x in others)
    for x, side in ((min(others, default=end), -1), (max(others, default=end), 1)):
        if x * side > end * side:
            yield f'<path d="M{end} {y}l{side * 10} -5v10z" fill="{STEP}"/>'
    if step.target in step.sources:
        yield f'<path d="M{end} {y - 9}h26v14h-18" fill="none" stroke="{STEP}" stroke-width="2"/>'
        yield f'<circle cx="{end}" cy="{y - 9}" r="4.5" fill="{STEP}"/>'
        yield f'<path d="M{end} {y + 5}l10 -5v10z" fill="{STEP}"/>'


def text(x: int, y: int, words: str, size: int, ink: str, *, anchor: str = "start") -> str:
    """Return words at a place."""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{ink}" text-anchor="{anchor}">{escape(words)}</text>'


def width(words: str, size: int) -> float:
    """Return about how wide words are: a Chinese sign is as wide as high, others about six tenths."""
    return sum(size * (1 if ord(sign) > 0x2E7F else 0.6) for sign in words)
