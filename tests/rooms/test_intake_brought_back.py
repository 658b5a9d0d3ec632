"""The problem sheet comes back: into the same batch, each row to its own, and never over what the page knows better."""

import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from miaoce.registry.access.officers import Officer
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import actions, queries, rereading, review, rules
from miaoce.registry.intake.models import Batch
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.rolls import child, pasted
from tests.rooms.test_intake import brought_in, counts, process_of, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Kindergarten:
    return make_kindergarten()


@pytest.fixture
def registrar(place: Kindergarten) -> Officer:
    return make_officer("registrar", place)


def test_the_problem_sheet_comes_back_into_the_same_batch(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1), child(2, 民族="汗族"), child(3)]))
    sheet = queries.problem_sheet(batch)
    book = load_workbook(io.BytesIO(sheet))
    page = book.active
    assert "汗族" in str(page.cell(3, 10).value)
    page.cell(3, 5).value = "汉族"
    out = io.BytesIO()
    book.save(out)
    done = actions.bring_back(
        batch=batch, file_name="问题清单.xlsx", data=out.getvalue(), actor=registrar, at=timezone.now()
    )
    assert (done.changed, done.same, done.new) == (1, 2, 0)
    assert counts(batch) == {"ready": 3}
    assert Batch.objects.count() == 1


def brought_back(batch: Batch, who: Officer, lines: list[list[str]]) -> rereading.BroughtBack:
    data = "\n".join("\t".join(cell or "" for cell in line) for line in lines).encode()
    return actions.bring_back(batch=batch, file_name="问题清单.csv", data=data, actor=who, at=timezone.now())


def test_a_sorted_sheet_with_a_row_more_brings_each_row_home(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(n) for n in (1, 2, 3)]))
    page = load_workbook(io.BytesIO(queries.problem_sheet(batch))).active
    heading, *lines = [[cell or "" for cell in line] for line in page.iter_rows(values_only=True)]
    more = [*list(child(4).values()), *[""] * (len(heading) - 9)]
    done = brought_back(batch, registrar, [heading, *reversed(lines), more])
    assert (done.changed, done.same, done.new, done.left) == (0, 3, 1, 0)
    assert [row.content.values["name"] for row in review.open_rows(batch)] == [child(n)["姓名"] for n in (1, 2, 3, 4)]
    assert brought_back(batch, registrar, [heading, *reversed(lines), more]).new == 0


def test_another_sheet_is_not_laid_over_the_batch(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(n) for n in (1, 2, 3)]))
    other = [line.split("\t") for line in pasted([child(n) for n in (40, 41)]).splitlines()]
    with pytest.raises(rules.NothingToTake):
        brought_back(batch, registrar, other)
    assert [row.content.raw["name"] for row in review.open_rows(batch)] == [child(n)["姓名"] for n in (1, 2, 3)]


def taken_out(batch: Batch) -> list[list[str]]:
    """Return the problem sheet as lines of cells, the heading first."""
    page = load_workbook(io.BytesIO(queries.problem_sheet(batch))).active
    return [[str(cell or "") for cell in line] for line in page.iter_rows(values_only=True)]


def mended(batch: Batch, who: Officer, number: int, **values: str) -> None:
    with process_of(who) as process:
        actions.mend(batch=batch, row_id=row_of(batch, number).pk, values=values, version=None, process=process)


def column(sheet: list[list[str]], heading: str) -> int:
    return sheet[0].index(heading)


def test_a_row_changed_on_the_page_since_is_refused_alone_with_both_texts(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1, 民族="汗族"), child(2, 民族="汗族"), child(3)]))
    sheet = taken_out(batch)
    for line in sheet[1:3]:
        line[column(sheet, "民族")] = "汉族"
    mended(batch, registrar, 2, ethnicity="回族")
    done = brought_back(batch, registrar, sheet)
    assert (done.changed, done.same, done.new) == (1, 1, 0)
    assert [(clash.row.row.number, clash.texts) for clash in done.clashes] == [(2, [("ethnicity", "回族", "汉族")])]
    assert [row.content.raw["ethnicity"] for row in review.open_rows(batch)] == ["回族", "汉族", "汉族"]
    assert counts(batch) == {"ready": 3}


def test_a_change_on_the_page_that_the_sheet_went_out_with_is_no_clash(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1, 民族="汗族"), child(2)]))
    mended(batch, registrar, 2, ethnicity="回族")
    sheet = taken_out(batch)
    sheet[1][column(sheet, "民族")] = "满族"
    done = brought_back(batch, registrar, sheet)
    assert (done.changed, done.clashes) == (1, [])
    assert review.open_rows(batch)[0].content.raw["ethnicity"] == "满族"


def test_a_change_in_another_field_hinders_nothing(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1, 民族="汗族"), child(2, 民族="汗族")]))
    sheet = taken_out(batch)
    sheet[1][column(sheet, "民族")] = "汉族"
    mended(batch, registrar, 3, ethnicity="汉族")  # its neighbour's findings are written anew by that
    assert brought_back(batch, registrar, sheet[:2]).changed == 1


def test_the_same_mend_in_both_places_is_no_clash(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1, 民族="汗族"), child(2)]))
    sheet = taken_out(batch)
    sheet[1][column(sheet, "民族")] = "汉族"
    mended(batch, registrar, 2, ethnicity="汉族")
    done = brought_back(batch, registrar, sheet)
    assert (done.changed, done.same, done.clashes) == (0, 2, [])


def test_a_sheet_without_marks_never_goes_over_what_was_mended_on_the_page(place, registrar) -> None:
    rows = [child(1, 民族="汗族"), child(2)]
    batch = brought_in(place, registrar, pasted(rows))
    mended(batch, registrar, 2, ethnicity="汉族")
    done = brought_back(batch, registrar, [line.split("\t") for line in pasted(rows).splitlines()])
    assert [(clash.row.row.number, clash.texts) for clash in done.clashes] == [(2, [("ethnicity", "汉族", "汗族")])]


def test_bringing_the_same_sheet_back_again_changes_nothing(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1, 民族="汗族"), child(2)]))
    sheet = taken_out(batch)
    sheet[1][column(sheet, "民族")] = "汉族"
    assert brought_back(batch, registrar, sheet).changed == 1
    again = brought_back(batch, registrar, sheet)
    assert (again.changed, again.same, again.clashes) == (0, 2, [])
