"""Makes the template that kindergartens download: one sheet to fill in, one that explains, no macro, no lock."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from miaoce.registry.intake.cascade import Cascade, cascade
from miaoce.registry.intake.fields import FIELDS, Field
from miaoce.registry.intake.groups import Place
from miaoce.registry.reference.codebook import Codebook

SHEET, HELP_SHEET, LISTS_SHEET, PLACES_SHEET = "幼儿信息", "填表说明", "选项", "地区"
PROVINCES, ABOVE_CITIES, CITIES, ABOVE_COUNTIES, COUNTIES = "省名单", "市的上级", "市名单", "区县的上级", "区县名单"
"""Names that the formulas of the lists use; each is a column of the hidden sheet of places."""
ROWS = 1000
"""Rows below the heading that offer lists to choose from."""

_TEXT = {"num_format": "@", "valign": "vcenter"}
_RULES = (
    "每名幼儿一行，不要合并单元格。第 2 行是示例，不用删，上传时不读。",
    "列的次序可以变，多出来的列会列出来、不会读错。",
    "证件号码和手机号码两列已设成“文本”，请不要改成数字。",
    "没有证件的幼儿，证件类型选“暂无证件”，证件号码留空。",
    "两位监护人里有一位写全（姓名、关系、手机号）就可以。",
    "户口所在地依次选省、市、区县：选了省，市的下拉表才有内容；选了市，才有区县。",
)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the sheet to fill in: a field, or one of the three steps (1 to 3) of a field that is a place."""

    field: Field
    label: str
    step: int = 0


def build(*, place: Place, codebook: Codebook) -> bytes:
    """Return the template as xlsx for one kindergarten: its own classes stand in the list of classes, its own county is
    the first of the places.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True, "strings_to_formulas": False})
    columns = list(_columns())
    regions = cascade(codebook.regions, place.region_code)
    choices = {c.field.key: names for c in columns if (names := _choices(c.field, place, codebook))}
    looks = _looks(book)
    sheet = book.add_worksheet(SHEET)
    _fill(sheet, columns, looks, place, regions)
    _offer(sheet, columns, choices)
    _offer_places(sheet, columns)
    _explain(book.add_worksheet(HELP_SHEET), looks)
    lists, places = book.add_worksheet(LISTS_SHEET), book.add_worksheet(PLACES_SHEET)
    lists.hide()
    places.hide()
    _list(lists, choices)
    _list_places(book, places, regions)
    book.close()
    return out.getvalue()


def _columns() -> Iterator[_Column]:
    for field in FIELDS:
        if field.in_template and field.steps:
            yield from (_Column(field, label, step) for step, label in enumerate(field.steps, 1))
        elif field.in_template:
            yield _Column(field, field.label)


def _looks(book: xlsxwriter.Workbook) -> Mapping[str, Format]:
    head = {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True, "num_format": "@"}
    return {
        "text": book.add_format(_TEXT),
        "required": book.add_format(head | {"bg_color": "#CFE3F5"}),
        "optional": book.add_format(head | {"bg_color": "#F0F3F6"}),
        "example": book.add_format(_TEXT | {"font_color": "#7A7A7A", "italic": True, "bg_color": "#F5F5F5"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _fill(
    sheet: Worksheet, columns: Sequence[_Column], looks: Mapping[str, Format], place: Place, regions: Cascade
) -> None:
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.field.width, looks["text"])
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 1)
    for index, column in enumerate(columns):
        sheet.write_string(0, index, column.label, looks["required" if column.field.required else "optional"])
    for index, column in enumerate(columns):
        sheet.write_string(1, index, _example(column, place, regions), looks["example"])


def _example(column: _Column, place: Place, regions: Cascade) -> str:
    if column.step:
        return regions.own[column.step - 1]
    if column.field.key == "class" and place.classes:
        return place.classes[0].name
    if column.field.key == "entry_date":
        return place.school_year_start.isoformat()
    return column.field.example


def _choices(field: Field, place: Place, codebook: Codebook) -> list[str]:
    if field.key == "class":
        return [c.name for c in place.classes]
    if field.code_list is None or field.key == "nationality":
        return []
    return codebook.names(field.code_list)


def _offer(sheet: Worksheet, columns: Sequence[_Column], choices: Mapping[str, list[str]]) -> None:
    """Offer lists to choose from. What is not in a list can still be written: the check explains, Excel only asks."""
    places = {key: index for index, key in enumerate(choices)}
    for index, column in enumerate(columns):
        if column.field.key in places:
            letter = xl_col_to_name(places[column.field.key])
            last = len(choices[column.field.key]) + 1
            _validate(sheet, index, column.label, f"='{LISTS_SHEET}'!${letter}$2:${letter}${last}")


def _offer_places(sheet: Worksheet, columns: Sequence[_Column]) -> None:
    """Offer provinces, then the cities of the province beside, then its counties: no macro, only OFFSET and MATCH.

    One defined name for each of 370 cities (INDIRECT) would do the same, but names may not be said twice (朝阳) and WPS
    refuses some of them as names.
    """
    for index, column in enumerate(columns):
        if column.step == 1:
            _validate(sheet, index, column.label, f"={PROVINCES}")
        elif column.step:
            above = "&".join(f"${xl_col_to_name(i)}2" for i in range(index - column.step + 1, index))
            over, own = (ABOVE_CITIES, CITIES) if column.step == 2 else (ABOVE_COUNTIES, COUNTIES)
            _validate(
                sheet, index, column.label, f"=OFFSET({own},MATCH({above},{over},0)-1,0,COUNTIF({over},{above}),1)"
            )


def _validate(sheet: Worksheet, index: int, label: str, source: str) -> None:
    sheet.data_validation(
        1, index, ROWS, index,
        {"validate": "list", "source": source, "error_type": "warning", "error_title": label[:32],
         "error_message": "列表里没有这一项。确定要这样填吗？"},
    )  # fmt: skip


def _list(sheet: Worksheet, choices: Mapping[str, list[str]]) -> None:
    _write_down(sheet, {f"选项：{key}": names for key, names in choices.items()})


def _list_places(book: xlsxwriter.Workbook, sheet: Worksheet, regions: Cascade) -> None:
    """Write the places in blocks below what they lie in, and name the columns for the formulas."""
    cities = [(above, name) for above, names in regions.cities.items() for name in names]
    counties = [(above, name) for above, names in regions.counties.items() for name in names]
    columns = {
        PROVINCES: regions.provinces,
        ABOVE_CITIES: [above for above, _ in cities], CITIES: [name for _, name in cities],
        ABOVE_COUNTIES: [above for above, _ in counties], COUNTIES: [name for _, name in counties],
    }  # fmt: skip
    _write_down(sheet, columns)
    for index, (name, texts) in enumerate(columns.items()):
        letter = xl_col_to_name(index)
        end = 2 if name in (CITIES, COUNTIES) else len(texts) + 1  # OFFSET starts from the first cell
        book.define_name(name, f"='{PLACES_SHEET}'!${letter}$2:${letter}${end}")


def _write_down(sheet: Worksheet, columns: Mapping[str, Sequence[str]]) -> None:
    """Write lists as columns under their headings, row by row as constant memory wants it."""
    for index, heading in enumerate(columns):
        sheet.write_string(0, index, heading)
    for row in range(max(map(len, columns.values()), default=0)):
        for index, texts in enumerate(columns.values()):
            if row < len(texts):
                sheet.write_string(row + 1, index, texts[row])


def _explain(sheet: Worksheet, looks: Mapping[str, Format]) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 8)
    sheet.set_column(2, 2, 70, looks["wrap"])
    sheet.write_string(0, 0, "填表说明")
    row = 1
    for number, rule in enumerate(_RULES, 1):
        sheet.write_string(row, 0, f"{number}. {rule}")
        row += 1
    row += 1
    for field in FIELDS:
        if field.in_template:
            sheet.write_string(row, 0, "、".join(field.steps) or field.label)
            sheet.write_string(row, 1, "必填" if field.required else "选填")
            sheet.write_string(row, 2, field.help, looks["wrap"])
            row += 1
