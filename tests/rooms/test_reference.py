"""The reference room's tables: shipped rows, the ministry's list of regions, the calendar."""

import csv
import io
from datetime import date
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction

from miaoce.registry.reference import actions, queries
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.reference.models import Code, Edition, Region, Workday
from miaoce.registry.reference.regionplan import (
    RegionCodeMalformed,
    RegionCodeTwice,
    RegionListIncomplete,
    RegionListUnreadable,
    RegionNameMissing,
    RegionParentMissing,
    RegionPlanStale,
)
from miaoce.registry.reference.rows import Entry, RegionEntry

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)
SMALL_CODES = {
    "sex": (Entry("1", "男", source="GB/T 2261.1"), Entry("2", "女", source="GB/T 2261.1", sort=1)),
    "ethnicity": (Entry("01", "汉族", aliases=("汉",), extra={"note": "x"}, source="GB/T 3304"),),
}
PLACES = (
    RegionEntry("000000", "全国", "nation", "", source="list"),
    RegionEntry("990000", "云川省", "province", "000000", source="list"),
    RegionEntry("990100", "青江市", "city", "990000", source="list"),
    RegionEntry("990101", "青禾区", "county", "990100", source="list"),
    RegionEntry("990102", "柳溪县", "county", "990100", source="list"),
    RegionEntry("990103", "临江县", "county", "990100", valid_to=2020, source="list"),
    RegionEntry("990171", "青江高新区", "zone", "990100", source="2023 list"),
    RegionEntry("990200", "白石市", "city", "990000", source="list"),
    *(RegionEntry(f"9902{n:02d}", f"石{n}区", "county", "990200", source="list") for n in range(1, 21)),
)


@pytest.fixture
def empty():
    for model in (Code, Region, Workday, Edition):
        model.objects.all().delete()


@pytest.fixture
def small(empty):
    """A register with few codes and one province."""
    load(SMALL_CODES, PLACES)


def load(codes, regions, on=TODAY):
    with (
        patch.object(actions, "shipped_codes", return_value=codes),
        patch.object(actions, "shipped_regions", return_value=regions),
    ):
        return actions.load_shipped(on=on)


def as_list(*, without=(), renamed=None, more=()):
    """The ministry's list for the small province: what is in force, with changes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["行政区划代码", "单位名称"])
    for row in Region.objects.filter(valid_to=None).exclude(level__in=["zone", "nation"]).order_by("code"):
        if row.code not in without:
            writer.writerow([row.code, (renamed or {}).get(row.code, row.name)])
    writer.writerows(more)
    return text.getvalue()


def plan(text, **options):
    return actions.plan_regions(text, year=2026, source="民政部 2026", **options)


# ------------------------------------------------------------------------------------------------ shipped rows


@pytest.mark.slow
def test_the_shipped_rows_load_once_and_answer_as_the_files_do(empty):
    assert actions.load_shipped(on=TODAY) is not None
    counts = (Code.objects.count(), Region.objects.count(), Workday.objects.count(), Edition.objects.count())
    assert actions.load_shipped(on=TODAY) is None
    assert counts == (Code.objects.count(), Region.objects.count(), Workday.objects.count(), Edition.objects.count())
    loaded, shipped = queries.codebook(TODAY), Codebook.from_files(TODAY)
    for name, entries in shipped.lists.items():
        assert loaded.entries(name) == entries.entries
    assert loaded.regions.in_force() == shipped.regions.in_force()
    assert loaded.region_code("云川省青江市青禾区") == "990101"


def test_before_the_first_load_the_shipped_files_answer(empty):
    assert queries.codebook(TODAY) is Codebook.from_files(TODAY)
    assert not queries.is_working(date(2026, 10, 1))


def test_a_changed_code_is_closed_and_opened_anew(small):
    changed = SMALL_CODES | {"sex": (Entry("1", "男性", source="GB/T 2261.1"), SMALL_CODES["sex"][1])}
    edition = load(changed, PLACES, on=date(2027, 1, 1))
    assert edition.changes["sex"] == {"opened": 1, "closed": 1, "ended": 0}
    assert edition.changes["ethnicity"] == {"opened": 0, "closed": 0, "ended": 0}
    assert queries.codebook(date(2026, 12, 31)).name("sex", "1") == "男"
    assert queries.codebook(date(2027, 1, 1)).name("sex", "1") == "男性"


def test_a_code_that_is_gone_is_closed_and_kept(small):
    load(SMALL_CODES | {"sex": SMALL_CODES["sex"][:1]}, PLACES, on=date(2027, 1, 1))
    assert queries.codebook(date(2026, 12, 31)).code("sex", "女") == "2"
    assert queries.codebook(date(2027, 1, 1)).code("sex", "女") is None
    assert Code.objects.filter(list="sex").count() == 2


def test_a_code_changed_twice_on_one_day_keeps_every_row(small):
    for name in ("甲", "乙"):
        load(SMALL_CODES | {"sex": (Entry("1", name), SMALL_CODES["sex"][1])}, PLACES, on=date(2027, 1, 1))
    assert queries.codebook(date(2027, 1, 1)).name("sex", "1") == "乙"
    assert Code.objects.filter(list="sex", code="1").count() == 3


def test_an_entry_shipped_as_ended_counts_in_its_time(small):
    ended = Entry("9", "未说明", valid_to=date(2020, 1, 1))
    for on in (date(2027, 1, 1), date(2027, 1, 2)):
        load(SMALL_CODES | {"sex": (*SMALL_CODES["sex"], ended)}, PLACES[: on.day + 20], on=on)
    assert queries.codebook(date(2019, 1, 1)).code("sex", "9") == "9"
    assert queries.codebook(TODAY).code("sex", "9") is None
    assert Code.objects.filter(list="sex", code="9").count() == 1


def test_a_shipped_region_that_ends_is_ended_here_and_named(small):
    ended = [RegionEntry("990102", "柳溪县", "county", "990100", valid_to=2026, source="list")]
    ended += [RegionEntry("990104", "柳溪区", "county", "990100", valid_from=2026, source="list")]
    edition = load(SMALL_CODES, [*(row for row in PLACES if row.code != "990102"), *ended])
    assert edition.changes["regions"] == {"opened": 1, "mended": ["990102"]}
    assert queries.codebook(TODAY).region_code("柳溪") == "990104"
    assert queries.codebook(TODAY).knows_region("990102")


def test_a_region_that_an_import_touched_is_left_to_the_import(small):
    actions.apply_regions(plan=plan(as_list(renamed={"990102": "柳溪市"})))
    load(SMALL_CODES | {"sex": SMALL_CODES["sex"][:1]}, PLACES)
    assert queries.codebook(TODAY).region_name("990102") == "云川省青江市柳溪市"


def test_a_book_is_read_again_only_after_an_edition(small, django_assert_num_queries):
    book = queries.codebook(TODAY)
    with django_assert_num_queries(1):
        assert queries.codebook(TODAY) is book
    load(SMALL_CODES | {"sex": SMALL_CODES["sex"][:1]}, PLACES)
    assert queries.codebook(TODAY) is not book


# ------------------------------------------------------------------------------------------------ the ministry's list


def test_a_list_that_says_what_is_here_changes_nothing(small):
    same = plan(as_list())
    assert same.changes_nothing
    assert same.counts() == {"added": 0, "renamed": 0, "moved": 0, "closed": 0, "reopened": 0, "unchanged": 25}
    assert actions.apply_regions(plan=same) is None


def test_a_plan_shows_what_it_would_do_before_it_does(small):
    text = as_list(
        without=["990102", "990220"],
        renamed={"990101": "青禾新区"},
        more=[["990104", "柳溪县"], ["990105", "云溪区"], ["990103", "临江县"]],
    )
    shown = plan(text)
    assert [(c.code, c.name, c.was_name) for c in shown.renamed] == [("990101", "青禾新区", "青禾区")]
    assert [(c.was_code, c.code) for c in shown.moved] == [("990102", "990104")]
    assert [c.code for c in shown.closed] == ["990220"]
    assert [(c.code, c.parent) for c in shown.added] == [("990105", "990100")]
    assert [c.code for c in shown.reopened] == ["990103"]
    assert shown.lines() == [
        "改名 990101 青禾区 → 青禾新区",
        "调整 990102 → 990104 柳溪县（上级 990100 → 990100）",
        "新增 990105 云溪区",
        "恢复 990103 临江县",
        "停用 990220 石20区",
        "2026 年：改名 1 个，调整 1 个，新增 1 个，恢复 1 个，停用 1 个，不变 22 个。",
    ]
    assert queries.codebook(TODAY).region_name("990101") == "云川省青江市青禾区"

    edition = actions.apply_regions(plan=shown)
    book = queries.codebook(TODAY)
    assert book.region_name("990101") == "云川省青江市青禾新区"
    assert book.region_code("柳溪县") == "990104"
    assert book.region_code("临江县") == "990103"
    assert book.knows_region("990220")
    assert "990220" not in book.regions.in_force()
    assert "990171" in book.regions.in_force()
    assert queries.codebook(date(2025, 1, 1)).region_name("990101") == "云川省青江市青禾区"
    assert edition.source == "民政部 2026"
    assert edition.changes["closed_codes"] == ["990220", "990101", "990102"]


def test_a_region_moves_to_another_parent(small):
    shown = plan("code,name,parent\n990220,石20区,990100\n", complete=False)
    assert [(c.code, c.was_parent, c.parent) for c in shown.moved] == [("990220", "990200", "990100")]
    actions.apply_regions(plan=shown)
    assert queries.codebook(TODAY).region_name("990220") == "云川省青江市石20区"


def test_the_same_change_back_and_forth_within_a_year_keeps_every_row(small):
    for name in ("甲区", "青禾区", "甲区"):
        actions.apply_regions(plan=plan(as_list(renamed={"990101": name})))
    assert queries.codebook(TODAY).region_name("990101") == "云川省青江市甲区"
    assert Region.objects.filter(code="990101").count() == 4


def test_a_list_of_changes_only_closes_nothing(small):
    shown = plan("\ufeffcode,name,level\n\n990172,青江临空区,zone\n", complete=False)
    assert [(c.code, c.level, c.parent) for c in shown.added] == [("990172", "zone", "990100")]
    assert shown.closed == ()


@pytest.mark.parametrize(
    ("text", "refusal", "code"),
    [
        ("", RegionListUnreadable, "REF-01"),
        ("a,b\n1,2\n", RegionListUnreadable, "REF-01"),
        ("code,name\n", RegionListUnreadable, "REF-01"),
        ("code,name\n99010,青禾区\n", RegionCodeMalformed, "REF-02"),
        ("code,name,level\n990101,青禾区,street\n", RegionCodeMalformed, "REF-02"),
        ("code,name\n990101,青禾区\n990101,青禾区\n", RegionCodeTwice, "REF-03"),
        ("code,name\n990101,\n", RegionNameMissing, "REF-04"),
        ("code,name\n990101," + "长" * 41 + "\n", RegionNameMissing, "REF-04"),
        ("code,name\n980101,某区\n", RegionParentMissing, "REF-05"),
        ("code,name\n990101,青禾区\n", RegionListIncomplete, "REF-06"),
    ],
)
def test_a_malformed_list_is_refused_with_its_reason(small, text, refusal, code):
    with pytest.raises(refusal) as refused:
        plan(text)
    assert refused.value.code == code
    assert str(refused.value).endswith("。")
    assert "{" not in str(refused.value)


def test_a_plan_that_the_register_has_overtaken_is_refused(small):
    first = plan(as_list(renamed={"990101": "甲区"}))
    actions.apply_regions(plan=plan(as_list(renamed={"990102": "乙县"})))
    with pytest.raises(RegionPlanStale):
        actions.apply_regions(plan=first)
    assert queries.codebook(TODAY).region_name("990101") == "云川省青江市青禾区"


# ------------------------------------------------------------------------------------------------ constraints


@pytest.mark.parametrize(
    "row",
    [
        Code(list="sex", code="1", name="男", valid_from=date(2026, 1, 1)),
        Code(list="sex", code="7", name="x", valid_from=date(2026, 1, 1), valid_to=date(2025, 1, 1)),
        Region(code="990101", name="青禾", level="county", valid_from=2026),
        Region(code="990199", name="x", level="street"),
        Region(code="990199", name="x", level="county", valid_from=2026, valid_to=2025),
        Workday(day=date(2026, 10, 1), is_working=True),
    ],
    ids=["two open codes", "code ends first", "two open regions", "no such level", "region ends first", "a day twice"],
)
def test_the_database_refuses_rows_that_contradict(small, row):
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


# ------------------------------------------------------------------------------------------------ working days


def test_the_calendar_of_the_table_counts_make_up_days(small):
    assert queries.is_working(date(2026, 10, 10))
    assert queries.add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert queries.working_days_between(date(2026, 9, 30), date(2026, 10, 10)) == 3


def test_loading_a_year_again_adds_nothing_and_keeps_what_was_set_by_hand(small):
    assert actions.load_workdays(years=[2026], on=TODAY) == 0
    actions.set_workday(day=date(2026, 10, 8), is_working=False, name="停课", source="青禾区教育局", on=TODAY)
    assert actions.load_workdays(years=[2026], on=TODAY) == 0
    assert queries.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 9)
    actions.set_workday(day=date(2026, 10, 8), is_working=True, name="", source="青禾区教育局", on=TODAY)
    assert queries.is_working(date(2026, 10, 8))
    latest = Edition.objects.filter(kind="workdays").order_by("-id").first()
    assert latest.changes["before"] == {"is_working": False, "name": "停课", "source": "青禾区教育局"}


def test_a_year_that_no_notice_covers_is_asked_for(small):
    assert queries.years_without_calendar(date(2026, 9, 1)) == []
    Workday.objects.filter(day__year=2026).delete()
    Edition.objects.create(kind="workdays", source="test", digest="", effective_on=TODAY)
    assert queries.years_without_calendar(date(2026, 9, 1)) == [2026]


@pytest.mark.parametrize("model", [Code, Region, Workday, Edition])
def test_every_field_says_how_private_it_is(model):
    fields = {field.name for field in model._meta.concrete_fields}
    assert set(model.Privacy.scrub) | set(model.Privacy.keep) == fields
    assert str(model())
