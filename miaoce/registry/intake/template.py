"""Makes the template that kindergartens download: one sheet to fill in, one that explains, no macro, no lock."""

import io
from collections.abc import Mapping

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from miaoce.registry.intake.fields import FIELDS, Field
from miaoce.registry.intake.groups import Place
from miaoce.registry.reference.codebook import Codebook

SHEET, HELP_SHEET, LISTS_SHEET = "幼儿信息", "填表说明", "选项"
ROWS = 1000
"""Rows below the heading that offer lists to choose from."""

_TEXT = {"num_format": "@", "valign": "vcenter"}
_RULES = (
    "每名幼儿一行，不要合并单元格。第 2 行是示例，不用删，上传时不读。",
    "列的次序可以变，多出来的列会列出来、不会读错。",
    "证件号码和手机号码两列已设成“文本”，请不要改成数字。",
    "没有证件的幼儿，证件类型选“暂无证件”，证件号码留空。",
    "两位监护人里有一位写全（姓名、关系、手机号）就可以。",
)


def build(*, place: Place, codebook: Codebook) -> bytes:
    """Return the template as xlsx for one kindergarten: its own classes stand in the list of classes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True, "strings_to_formulas": False})
    fields = [f for f in FIELDS if f.in_template]
    choices = {f.key: names for f in fields if (names := _choices(f, place, codebook))}
    looks = _looks(book)
    sheet = book.add_worksheet(SHEET)
    _fill(sheet, fields, looks, place)
    _offer(sheet, fields, choices)
    _explain(book.add_worksheet(HELP_SHEET), fields, looks)
    lists = book.add_worksheet(LISTS_SHEET)
    lists.hide()
    _list(lists, choices)
    book.close()
    return out.getvalue()


def _looks(book: xlsxwriter.Workbook) -> Mapping[str, Format]:
    head = {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True, "num_format": "@"}
    return {
        "text": book.add_format(_TEXT),
        "required": book.add_format(head | {"bg_color": "#CFE3F5"}),
        "optional": book.add_format(head | {"bg_color": "#F0F3F6"}),
        "example": book.add_format(_TEXT | {"font_color": "#7A7A7A", "italic": True, "bg_color": "#F5F5F5"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _fill(sheet: Worksheet, fields: list[Field], looks: Mapping[str, Format], place: Place) -> None:
    for column, field in enumerate(fields):
        sheet.set_column(column, column, field.width, looks["text"])
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 1)
    for column, field in enumerate(fields):
        sheet.write_string(0, column, field.label, looks["required" if field.required else "optional"])
    for column, field in enumerate(fields):
        sheet.write_string(1, column, _example(field, place), looks["example"])


def _example(field: Field, place: Place) -> str:
    if field.key == "class" and place.classes:
        return place.classes[0].name
    if field.key == "entry_date":
        return place.school_year_start.isoformat()
    return field.example


def _choices(field: Field, place: Place, codebook: Codebook) -> list[str]:
    if field.key == "class":
        return [c.name for c in place.classes]
    if field.code_list is None or field.key == "nationality":
        return []
    return codebook.names(field.code_list)


def _offer(sheet: Worksheet, fields: list[Field], choices: Mapping[str, list[str]]) -> None:
    """Offer lists to choose from. What is not in a list can still be written: the check explains, Excel only asks."""
    places = {key: column for column, key in enumerate(choices)}
    for column, field in enumerate(fields):
        if field.key not in places:
            continue
        letter = xlsxwriter.utility.xl_col_to_name(places[field.key])
        source = f"='{LISTS_SHEET}'!${letter}$2:${letter}${len(choices[field.key]) + 1}"
        sheet.data_validation(
            1,
            column,
            ROWS,
            column,
            {"validate": "list", "source": source, "error_type": "warning", "error_title": field.label[:32],
             "error_message": "列表里没有这一项。确定要这样填吗？"},
        )  # fmt: skip


def _list(sheet: Worksheet, choices: Mapping[str, list[str]]) -> None:
    longest = max((len(names) for names in choices.values()), default=0)
    for column, key in enumerate(choices):
        sheet.write_string(0, column, f"选项：{key}")
    for row in range(longest):
        for column, names in enumerate(choices.values()):
            if row < len(names):
                sheet.write_string(row + 1, column, names[row])


def _explain(sheet: Worksheet, fields: list[Field], looks: Mapping[str, Format]) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 8)
    sheet.set_column(2, 2, 70, looks["wrap"])
    sheet.write_string(0, 0, "填表说明")
    row = 1
    for number, rule in enumerate(_RULES, 1):
        sheet.write_string(row, 0, f"{number}. {rule}")
        row += 1
    row += 1
    for field in fields:
        sheet.write_string(row, 0, field.label)
        sheet.write_string(row, 1, "必填" if field.required else "选填")
        sheet.write_string(row, 2, field.help, looks["wrap"])
        row += 1
