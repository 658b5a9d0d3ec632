"""Reads tables from HTML that was saved under a workbook's name, as many web systems “export to Excel”."""

import re
from html.parser import HTMLParser

from miaoce.registry.intake.sheets import FileRefused, Limits, Merge, RawRow, RawSheet, is_blank
from miaoce.registry.intake.text_files import decode, from_gb18030
from miaoce.registry.intake.wording import file_message

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "x-gbk", "cp936"})
_SILENT = frozenset({"style", "script", "head", "title"})
_STARTS = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|meta|table|style|body|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_MAX_SPAN = 1000


def looks_like_html(head: bytes) -> bool:
    """Tell HTML by its first bytes."""
    return _STARTS.match(head.replace(b"\0", b"")) is not None and b"<?mso-application" not in head


def read_html(data: bytes, limits: Limits) -> tuple[RawSheet, str]:
    """Return one sheet of all table rows, numbered as Excel would show them, and the encoding."""
    text, encoding = _decode(data)
    parser = _Tables(limits)
    parser.feed(text)
    parser.close()
    if not parser.number:
        raise FileRefused("NOT_A_TABLE", file_message("not_a_table"))
    if not parser.rows:
        raise FileRefused("EMPTY", file_message("empty"))
    return RawSheet("", tuple(parser.rows), tuple(parser.merged)), encoding


def _decode(data: bytes) -> tuple[str, str]:
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) and name in _CHINESE:
        try:
            data.decode("utf-8")
            declared_wrongly = not data.isascii()
        except UnicodeDecodeError:
            declared_wrongly = False
        if not declared_wrongly:
            return from_gb18030(data.decode("gb18030", "replace")), "gb18030"
    return decode(data)


class _Tables(HTMLParser):
    """Collects cells row by row; a cell over several rows or columns keeps its place in the grid."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.limits = limits
        self.rows: list[RawRow] = []
        self.merged: list[Merge] = []
        self.number = 0
        self._cells: dict[int, str] = {}
        self._taken: dict[int, int] = {}  # column → last row that a cell from above covers
        self._column = 0
        self._text: list[str] | None = None
        self._silent = 0
        self._characters = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "tr":
            self._end_row()
            self.number += 1
            self._column = 0
        elif tag in ("td", "th"):
            self._end_cell()
            self._begin_cell(dict(attrs))
        elif tag in ("br", "p", "div") and self._text:
            self._text.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._silent:
            self._characters += len(data)
            if self._characters > self.limits.characters:
                raise FileRefused("BOMB", file_message("bomb"))
            self._text.append(re.sub(r"[ \t\r\n]+", " ", data))

    def close(self) -> None:
        super().close()
        self._end_row()

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over <![…> that is none of the kinds Python knows, as browsers do; Python would raise AssertionError."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i, report)

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        if not self.number:
            self.number = 1
        while self._taken.get(self._column, 0) >= self.number:
            self._column += 1
        if self._column >= self.limits.columns:
            raise FileRefused("TOO_LARGE", file_message("many_columns", columns=self.limits.columns))
        down, across = _span(attributes.get("rowspan")), _span(attributes.get("colspan"))
        across = min(across, self.limits.columns - self._column)
        self._text = []
        if down > 1 or across > 1:
            self.merged.append((self.number, self._column, self.number + down - 1, self._column + across - 1))
        for column in range(self._column, self._column + across):
            self._taken[column] = self.number + down - 1

    def _end_cell(self) -> None:
        if self._text is None:
            return
        text = "".join(self._text).replace("\xa0", " ")
        self._text = None
        self._cells[self._column] = "\n".join(line.strip() for line in text.split("\n")).strip()
        self._column += 1

    def _end_row(self) -> None:
        self._end_cell()
        if any(not is_blank(c) for c in self._cells.values()):
            last = max(c for c, text in self._cells.items() if not is_blank(text))
            self.rows.append(RawRow(self.number, tuple(self._cells.get(i, "") for i in range(last + 1))))
            if len(self.rows) > self.limits.rows:
                raise FileRefused("TOO_LARGE", file_message("many_rows", rows=self.limits.rows))
        self._cells = {}


def _span(text: str | None) -> int:
    """Read rowspan or colspan; nonsense counts as one, and no cell covers more than a thousand."""
    digits = (text or "").strip()
    return max(1, min(int(digits[:6]), _MAX_SPAN)) if digits.isascii() and digits.isdigit() else 1
