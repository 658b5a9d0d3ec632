"""Sheets that are no list from top to bottom: two lists beside each other, a list that lies on its side.

Reading them as they stand would take one child for the guardian of another; they are refused with how to turn them.
"""

from collections.abc import Sequence

from miaoce.registry.intake.headers import Header, enough
from miaoce.registry.intake.headings import arrange, simplify, understand
from miaoce.registry.intake.sheets import FileRefusal, RawSheet
from miaoce.registry.intake.wording import file_message

_RUNNING_NUMBER = frozenset({"序号", "编号", "号", "no"})
_OF_A_CHILD_ONLY = frozenset({"sex", "birth_date", "ethnicity", "class"})
_LEAST_COLUMNS, _FIRST_COLUMNS = 3, 3


def refusal(sheets: Sequence[RawSheet], found: Sequence[tuple[RawSheet, Header]]) -> FileRefusal | None:
    """Return why a file cannot be read as it lies (NO_HEADER), or None."""
    for sheet, header in found:
        if _holds_two_lists(header):
            return FileRefusal("NO_HEADER", file_message("beside", sheet=sheet.name or "表"))
    if found:
        return None
    if any(_lies_on_its_side(sheet) for sheet in sheets):
        return FileRefusal("NO_HEADER", file_message("sideways"))
    return FileRefusal("NO_HEADER", file_message("no_header"))


def _holds_two_lists(header: Header) -> bool:
    """Tell whether the headings from the child's name on stand there again in the same order, with more than a name."""
    layout = header.layout
    name = next((column for column in layout.columns if column.field == "name"), None)
    if name is None or header.rows > 1:
        return False
    all_ = sorted([(column.index, column.heading) for column in layout.columns] + list(layout.unmapped))
    texts = [simplify(heading) for index, heading in all_ if index >= name.index]
    texts = [text for text in texts if text and text not in _RUNNING_NUMBER]
    if texts.count(texts[0]) < 2:
        return False
    width = texts.index(texts[0], 1)
    first, second = texts[:width], texts[width : 2 * width]
    parts = {meaning.part for text in first if (meaning := understand(text)) is not None}
    return width >= _LEAST_COLUMNS and first == second and bool(parts & _OF_A_CHILD_ONLY)


def _lies_on_its_side(sheet: RawSheet) -> bool:
    """Tell whether the headings stand below each other in one of the first columns."""
    for column in range(_FIRST_COLUMNS):
        texts = ["".join(row.cells[column].split()) for row in sheet.rows[:60] if column < len(row.cells)]
        if enough(arrange([(text, "") for text in texts], {})):
            return True
    return False
