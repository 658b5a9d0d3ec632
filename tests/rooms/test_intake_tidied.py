"""What was tidied by itself is listed by kind, put back by cell or by column, and tidied again."""

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import actions, review, rules, states
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.tidied import Tidied, tidied_of
from miaoce.registry.journal.models import Event
from miaoce.registry.reference import queries as reference
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


@pytest.fixture
def batch(place, registrar) -> Batch:
    rows = [child(n, 民族="汉", 联系电话=f"138-0000-{n:04d}") for n in range(1, 4)] + [child(4, 姓名="赵 子轩")]
    return brought_in(place, registrar, pasted(rows))


def seen(batch: Batch, **more) -> Tidied:
    return tidied_of(batch, reference.codebook(timezone.localdate()), **more)


def put_back(batch: Batch, who: Officer, field: str, **more) -> int:
    with process_of(who, "intake.untidy") as process:
        return len(actions.undo_tidy(batch=batch, field=field, process=process, **more))


def test_what_was_tidied_is_listed_by_kind(batch) -> None:
    found = seen(batch)
    assert [(kind.field, kind.tidied) for kind in found.kinds] == [
        ("name", 1),
        ("ethnicity", 3),
        ("guardian1_phone", 3),
    ]
    assert found.total == 7
    assert [(text.before, text.after) for text in seen(batch, field="ethnicity").texts] == [("汉", "汉族")] * 3


def test_telephones_in_the_list_are_masked(batch) -> None:
    assert {(text.before, text.after) for text in seen(batch, field="guardian1_phone").texts} == {
        ("138****0001", "138****0001"), ("138****0002", "138****0002"), ("138****0003", "138****0003"),
    }  # fmt: skip


def test_a_text_of_a_persons_own_stays_as_it_was_written(batch, registrar) -> None:
    assert put_back(batch, registrar, "name", row_ids=[row_of(batch, 5).pk]) == 1
    assert review.open_rows(batch)[3].content.values["name"] == "赵 子轩"
    assert counts(batch) == {"ready": 4}


def test_a_cell_that_has_one_form_only_waits_to_be_mended(batch, registrar) -> None:
    put_back(batch, registrar, "ethnicity", row_ids=[row_of(batch, 2).pk])
    row = review.open_rows(batch)[0]
    assert row.content.raw["ethnicity"] == "汉"
    assert "ethnicity" not in row.content.values
    assert [(f.code, f.suggestion) for f in row.content.findings if not f.remark] == [("TIDY_UNDONE", "01")]
    assert counts(batch) == {"ready": 3, "fix": 1}
    shown = review.views_of([row], reference.codebook(timezone.localdate()))[0].problems[0]
    assert (shown.value, shown.suggestion) == ("汉", "汉族")


def test_a_whole_column_goes_back_and_comes_again(batch, registrar) -> None:
    before = [row.content for row in review.open_rows(batch)]
    assert put_back(batch, registrar, "guardian1_phone") == 3
    kind = seen(batch, field="guardian1_phone").kind
    assert (kind.tidied, kind.undone) == (0, 3)
    assert counts(batch) == {"ready": 1, "fix": 3}
    assert put_back(batch, registrar, "guardian1_phone", again=True) == 3
    assert [row.content for row in review.open_rows(batch)] == before
    assert Event.objects.filter(verb="row.untidied").count() == Event.objects.filter(verb="row.tidied").count() == 3


def test_pressing_twice_puts_back_once(batch, registrar) -> None:
    assert put_back(batch, registrar, "ethnicity") == 3
    assert put_back(batch, registrar, "ethnicity") == 0
    assert counts(batch) == {"ready": 1, "fix": 3}


def test_what_a_person_types_then_is_tidied_like_any_text(batch, registrar) -> None:
    row = row_of(batch, 2)
    put_back(batch, registrar, "ethnicity", row_ids=[row.pk])
    with process_of(registrar) as process:
        actions.mend(batch=batch, row_id=row.pk, values={"ethnicity": "回"}, version=None, process=process)
    content = review.open_rows(batch)[0].content
    assert (content.values["ethnicity"], content.verbatim) == ("03", [])
    assert counts(batch) == {"ready": 4}


def test_a_row_with_the_county_keeps_its_form(batch, registrar) -> None:
    row = row_of(batch, 2)
    with process_of(registrar, "intake.submit") as process:
        actions.submit(batch=batch, row_ids=[row.pk], process=process)
    with pytest.raises(rules.RowNotFree):
        put_back(batch, registrar, "ethnicity", row_ids=[row.pk])
    assert put_back(batch, registrar, "ethnicity") == 2
    assert Row.objects.get(pk=row.pk).state == states.SENT
    assert [text.may_undo for text in seen(batch, field="ethnicity").texts] == [False, True, True]


def test_a_long_list_comes_a_page_at_a_time(batch, monkeypatch) -> None:
    monkeypatch.setattr("miaoce.registry.intake.tidied.PAGE", 3)
    found = seen(batch, page=3)
    assert (found.pages, found.page, len(found.texts), found.total) == (3, 3, 1, 7)
