"""Reads text: csv, tsv and cells pasted from a sheet, in UTF-8, UTF-16 or GB 18030, with cells of several lines."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from miaoce.registry.intake.sheets import FileRefused, Limits, RawRow, RawSheet, is_blank
from miaoce.registry.intake.wording import file_message

_SEPARATORS = ("\t", ",", ";", "|", "，", "；")
_SAMPLE = 200
_LEAST_CELLS = 3
_HINT = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
_EXCEL_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_PLAIN_BYTES = frozenset({9, 10, 13, *range(32, 127)})
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

_GB18030_2022 = {
    **{
        0xE81E: 0x9FB4,
        0xE826: 0x9FB5,
        0xE82B: 0x9FB6,
        0xE82C: 0x9FB7,
        0xE832: 0x9FB8,
        0xE843: 0x9FB9,
        0xE854: 0x9FBA,
        0xE864: 0x9FBB,
    },
    **{0xE78D + i: 0xFE10 + n for i, n in enumerate((0, 2, 1, 3, 4, 5, 6, 7, 8, 9))},
}
"""GB 18030-2022 gives these 18 two-byte codes characters; Python's codec still answers private-use ones."""


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding, or raise FileRefused (NOT_A_TABLE)."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    wide = _unmarked_utf16(data)
    if wide:
        return data.decode(wide, "replace"), wide
    if b"\0" in data[:4096]:
        raise FileRefused("NOT_A_TABLE", file_message("not_a_table"))
    for encoding in ("utf-8", "gb18030"):
        text = _decode_whole(data, encoding)
        if text is not None:
            return (from_gb18030(text) if encoding == "gb18030" else text), encoding
    if data.isascii() or _mostly_text(data):
        return from_gb18030(data.decode("gb18030", "replace")), "gb18030"
    raise FileRefused("NOT_A_TABLE", file_message("not_a_table"))


def from_gb18030(text: str) -> str:
    """Put the characters of GB 18030-2022 where Python's codec left private-use ones."""
    return text.translate(_GB18030_2022)


def _decode_whole(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        cut_off = len(data) - error.start < 4 and error.start > 0  # a file that lost its last bytes
        return data[: error.start].decode(encoding) if cut_off else None


def _unmarked_utf16(data: bytes) -> str | None:
    """Tell UTF-16 without a mark by the zero bytes of its separators and digits."""
    sample = data[:2000]
    pairs = list(zip(sample[0::2], sample[1::2], strict=False))
    little = sum(b == 0 and a in _PLAIN_BYTES for a, b in pairs)
    big = sum(a == 0 and b in _PLAIN_BYTES for a, b in pairs)
    if max(little, big) * 20 < len(pairs) or max(little, big) <= 2 * min(little, big):
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _mostly_text(data: bytes) -> bool:
    text = data[:20_000].decode("gb18030", "replace")
    return text.count("\ufffd") * 50 < len(text)


def read_text_sheet(text: str, limits: Limits) -> RawSheet:
    """Split text into rows and cells. Rows are numbered by the line on which they begin."""
    if not text.strip("\ufeff \t\r\n"):
        raise FileRefused("EMPTY", file_message("empty"))
    if _NOT_TEXT.search(text):
        raise FileRefused("NOT_A_TABLE", file_message("not_a_table"))
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first = 1
    hint = _HINT.match(text.split("\n", 1)[0])
    if hint:
        text, first = text.split("\n", 1)[1] if "\n" in text else "", 2
    separator = hint[1] if hint else _separator(text)
    if not hint and separator not in text:
        text = _by_spaces(text)
    rows = tuple(_rows(text, separator, first, limits))
    if not rows:
        raise FileRefused("EMPTY", file_message("empty"))
    return RawSheet("", rows)


def _separator(text: str) -> str:
    """Choose the separator that splits most lines into the same number of cells, with many cells before few."""
    lines = [line for line in text.split("\n", _SAMPLE)[:_SAMPLE] if line.strip()]
    best, best_score = "\t", 0.0
    for separator in _SEPARATORS:
        widths = [width for width in (_outside_quotes(line, separator) for line in lines) if width]
        if not widths:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w), w))
        score = usual * widths.count(usual) / len(lines)
        if score > best_score:
            best, best_score = separator, score
    return best


def _by_spaces(text: str) -> str:
    """Put tabs where cells are parted by spaces only (copied from a chat), if every line with three or more has as many."""
    lines = [line.split() for line in text.split("\n")]
    widths = {len(words) for words in lines if len(words) >= _LEAST_CELLS}
    if len(widths) != 1:
        return text
    return "\n".join("\t".join(words) for words in lines)


def _outside_quotes(line: str, separator: str) -> int:
    if '"' not in line:
        return line.count(separator)
    return sum(part.count(separator) for part in line.split('"')[0::2])


def _rows(text: str, separator: str, first: int, limits: Limits) -> Iterator[RawRow]:
    records = list(_records(text, separator, limits))
    width = max((len(cells) for _, cells in records[:50]), default=1)
    if _swallowed(records, separator, width):
        records = [(n, _plain(line, separator)) for n, line in enumerate(text.split("\n"))]
    count = characters = 0
    for line, cells in records:
        if all(is_blank(c) for c in cells):
            continue
        count += 1
        characters += sum(map(len, cells))
        _within(count, characters, cells, limits)
        yield RawRow(line + first, tuple(_unwrapped(c) for c in cells))


def _within(count: int, characters: int, cells: list[str], limits: Limits) -> None:
    if count > limits.rows:
        raise FileRefused("TOO_LARGE", file_message("many_rows", rows=limits.rows))
    if len(cells) > limits.columns:
        raise FileRefused("TOO_LARGE", file_message("many_columns", columns=limits.columns))
    if characters > limits.characters or max(map(len, cells)) > limits.cell_characters:
        raise FileRefused("BOMB", file_message("long_cell"))


def _records(text: str, separator: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Yield (lines before the record, cells)."""
    csv.field_size_limit(limits.file_bytes)
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator, strict=False)
    before = 0
    for cells in reader:
        yield before, cells
        before = reader.line_num


def _swallowed(records: Iterable[tuple[int, list[str]]], separator: str, width: int) -> bool:
    """Tell whether a lone quotation mark made one cell of several rows."""
    enough = max(width // 2, 2)
    for _, cells in records:
        for cell in cells:
            if "\n" in cell and any(line.count(separator) >= enough for line in cell.split("\n")):
                return True
    return False


def _plain(line: str, separator: str) -> list[str]:
    return [c[1:-1].replace('""', '"') if len(c) > 1 and c[0] == c[-1] == '"' else c for c in line.split(separator)]


def _unwrapped(cell: str) -> str:
    """Take the text out of Excel's ="…", the way exports keep long numbers whole."""
    match = _EXCEL_TEXT.fullmatch(cell)
    return match[1] if match else cell
