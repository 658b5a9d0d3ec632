"""Invented children and the sheets they come in, as a kindergarten would send them. The same seed gives the same people."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from miaoce.cli.demonstration.people import SURNAMES, People
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.intake.fields import FIELDS, Field
from miaoce.registry.reference.codebook import Codebook

LEFT_OUT = {"birth_certificate_number", "entry_kind", "former_name", "birth_region", "disability"}
COLUMNS = [field for field in FIELDS if field.key not in LEFT_OUT]
FIRST = "一子雨浩梓若思安明语宇欣奕沐诗俊雅瑞梦天书嘉星乐知云予景清南禾望青小如平米晓彤屿可佳晨辰博文静怡欢"
SECOND = "诺墨桐然涵汐远哲轩曦航阳杰静霖瑶佑禾辰言行舒安和乔穗苗满意朵森琪轩宁悦萱妍昊睿宸琳彬蕾芸薇岚溪"


class Crowd(People):
    """People with more names than the demonstration has: of a million, about as many are namesakes as in life.

    `lane` is a digit that keeps the papers of several crowds in one register apart.
    """

    def __init__(self, seed: str, lane: int = 0) -> None:
        super().__init__(seed)
        self._lane, self._count = lane, 0

    def child(self, *, region: str, group_kind: str, group: str, year_start: date, entered_on: date) -> dict[str, str]:
        """Return one child as checked intake values."""
        child = super().child(
            region=region, group_kind=group_kind, group=group, year_start=year_start, entered_on=entered_on
        )
        draw = self._random
        if child["ethnicity"] == "01":
            child["name"] = draw.choice(SURNAMES) + draw.choice(FIRST) + draw.choice(SECOND)
        self._count += 1
        if child["id_type"] == "birth_certificate":
            child["id_number"] = f"X{self._lane}{self._count:08d}"
        elif child["id_type"] == "hm_travel_permit":
            child["id_number"] = f"H{self._lane}{self._count:07d}"
        return child


@dataclass(frozen=True)
class Intakes:
    """Where the children of one kindergarten come from. `prefix` begins their ID numbers (empty: the kindergarten's region)."""

    kindergarten: Kindergarten
    groups: Sequence[Group]
    year_start: date
    on: date
    people: People
    prefix: str = ""

    def values(self, count: int) -> list[tuple[Group, dict[str, str]]]:
        """Return children as checked values, each with its group."""
        found = []
        for index in range(count):
            group = self.groups[index % len(self.groups)]
            child = self.people.child(
                region=self.prefix or self.kindergarten.region_code,
                group_kind=group.kind,
                group=group.name,
                year_start=self.year_start,
                entered_on=self.on,
            )
            found.append((group, child))
        return found

    def sheet(self, count: int, book: Codebook) -> bytes:
        """Return an xlsx sheet of that many children."""
        return workbook([[text(field, values, book) for field in COLUMNS] for _, values in self.values(count)])


def text(field: Field, values: dict[str, str], book: Codebook) -> str:
    """Return what a person writes into a cell for a checked value."""
    value = values.get(field.key, "")
    return value if field.code_list is None or not value else book.name(field.code_list, value)


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook of one sheet with a line of headings."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("幼儿信息")
    for number, row in enumerate([[field.label for field in COLUMNS], *rows]):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(number, column, cell)
    book.close()
    return out.getvalue()
