"""The style sheet, the script and the icons: small, plain enough for old browsers, and without anything inline."""

import gzip
import re
from pathlib import Path

import pytest

from miaoce.registry.approvals import states as cases
from miaoce.registry.enrolments import states as stays
from miaoce.registry.intake import states as intake
from miaoce.web.components.blocks import NOTE_ICONS
from miaoce.web.components.lists import CHECK_LOOKS
from miaoce.web.components.states import ICONS, TONES

WEB = Path(__file__).resolve().parents[3] / "miaoce" / "web"
STATIC = WEB / "static"
SHEETS = sorted(STATIC.glob("*.css"))
TEMPLATES = sorted(WEB.rglob("*.html"))
SPRITE = WEB / "components" / "templates" / "components" / "sprite.html"
BANNED = [
    "color-mix(",
    "oklch(",
    "light-dark(",
    ":has(",
    "@layer",
    "@container",
    "dvh",
    "svh",
    "@import",
    "url(",
    ":is(",
    ":where(",
]
TOO_NEW = re.compile(r"\?\.|\?\?|\bat\(|replaceAll|structuredClone|\beval\b|new Function|document\.write")


def bare(css: str) -> str:
    """Return a sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", css, flags=re.S)


def tokens() -> dict[str, str]:
    """Return the colours of the sheet by name."""
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", (STATIC / "miaoce.css").read_text())
    return {name: value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:]) for name, value in found}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
@pytest.mark.parametrize("word", BANNED)
def test_nothing_newer_than_the_floor(sheet: Path, word: str) -> None:
    assert word not in bare(sheet.read_text())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_nested_rules(sheet: Path) -> None:
    depth, selectors = 0, bare(sheet.read_text())
    for piece in re.findall(r"[^{}]+|[{}]", selectors):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth -= 1
        else:
            assert "&" not in piece
    assert depth == 0


@pytest.mark.parametrize(
    ("file", "kilobytes"),
    [(STATIC / "miaoce.css", 10), (STATIC / "print.css", 2), (STATIC / "miaoce.js", 4.5), (SPRITE, 2.5)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_weight(file: Path, kilobytes: float) -> None:
    assert len(gzip.compress(file.read_bytes(), 9)) <= kilobytes * 1024


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("ink", "ink2", "ink3", "brand") for ground in ("bg", "card")),
        ("brand-d", "brand-l"),
        *((tone, f"{tone}-l") for tone in ("ok", "bad", "warn", "dup")),
        ("ink2", "warn-l"),
        ("ink2", "bad-l"),
        ("ink2", "dup-l"),
        ("ink2", "plain"),
        *(("card", ground) for ground in ("brand", "brand-d", "bad", "dup")),
    ],
)
def test_text_stands_out(ink: str, ground: str) -> None:
    assert contrast(tokens()[ink], tokens()[ground]) >= 4.5


def test_text_sizes_follow_the_reader() -> None:
    """大字 and the reader's own size act on rem; a size in px would not follow."""
    sheet = bare((STATIC / "miaoce.css").read_text())
    fixed = [size for size in re.findall(r"font-size: ([^;]+);", sheet) if size.endswith("px")]
    assert fixed == ["13px"]  # the labels of a chart, which scale with its view box


def test_script_is_plain() -> None:
    script = (STATIC / "miaoce.js").read_text()
    assert not TOO_NEW.search(bare(script))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(WEB)))
def test_nothing_inline(template: Path) -> None:
    """The policy of headers.py lets no inline style, script or handler run, so none may be written."""
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text)
    assert not re.search(r"<style|hx-on|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_every_named_icon_is_drawn() -> None:
    drawn = set(re.findall(r'id="i-([\w-]+)"', SPRITE.read_text()))
    named = {
        name for file in TEMPLATES if file != SPRITE for name in re.findall(r'{% icon "(\w+)" %}', file.read_text())
    }
    named |= {icon for _, icon in TONES.values()} | set(ICONS.values()) | set(NOTE_ICONS.values())
    named |= {icon for _, icon, _ in CHECK_LOOKS.values()}
    assert named <= drawn


def test_every_state_has_a_look() -> None:
    states = {*intake.ROW_LABELS, *intake.BATCH_LABELS, *cases.LABELS, *stays.LABELS}
    assert states <= set(TONES)
