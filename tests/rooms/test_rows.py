"""Many rows at once: what goes in by the bulk road reads back as what bulk_create would have written."""

import itertools
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from miaoce.registry import rows
from miaoce.registry.access.models import Staff
from miaoce.registry.children.models import NumberClaim
from miaoce.registry.ids import new_id
from miaoce.registry.journal.models import Event
from tests.factories.places import make_kindergarten

pytestmark = pytest.mark.django_db


def events(count: int) -> list[Event]:
    now = timezone.now()
    return [
        Event(
            process_id=new_id(), child_id=new_id() if number % 2 else None, subject="child", subject_id=new_id(),
            verb="child.recorded", before={}, after={"名": "阿卜杜拉·买买提\t\\N\n", "n": number, "list": [1, None]},
            effective_on=date(2026, 9, 1), recorded_at=now + timedelta(microseconds=number),
        )
        for number in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, rows.COPY_FROM - 1, rows.COPY_FROM, 300])
def test_every_row_comes_back_as_it_went_in(count: int):
    made = events(count)
    rows.insert(made)
    found = Event.objects.in_bulk([event.pk for event in made])
    fields = [field.attname for field in Event._meta.concrete_fields]
    assert [[getattr(found[e.pk], f) for f in fields] for e in made] == [[getattr(e, f) for f in fields] for e in made]


@pytest.mark.parametrize("count", [0, 1, 60])
def test_rows_without_models_become_what_a_model_would(count: int):
    """What a row leaves out is the model's default; what is written back by key leaves the rest."""
    lines = [{"id": new_id(), "username": f"line-{number}", "password": "!"} for number in range(count)]
    rows.insert_lines(Staff, lines)
    expected = [Staff(**line) for line in lines]
    found = Staff.objects.in_bulk([line["id"] for line in lines])
    fields = [field.attname for field in Staff._meta.concrete_fields]
    assert [[getattr(found[e.pk], f) for f in fields] for e in expected] == [
        [getattr(e, f) for f in fields] for e in expected
    ]
    rows.rewrite_lines(Staff, [{**line, "name": "改名", "password": "不写"} for line in lines], ("name",))
    assert set(Staff.objects.filter(pk__in=found).values_list("name", "password")) == (
        {("改名", "!")} if count else set()
    )


@pytest.mark.parametrize("count", [1, 60])
def test_what_a_table_has_already_is_left_out_and_not_counted(count: int):
    now, first, second = timezone.now(), new_id(), new_id()
    columns = ("digest", "child_id", "claimed_at")
    assert rows.insert_new(NumberClaim, columns, [(f"{n:064x}", first, now) for n in range(count)]) == count
    later = [(f"{n:064x}", second, now) for n in range(count - 1, count + 2)]
    assert rows.insert_new(NumberClaim, columns, [*later, later[-1]]) == 2
    assert NumberClaim.objects.filter(child_id=first).count() == count
    assert set(NumberClaim.objects.filter(child_id=second).values_list("digest", flat=True)) == {
        digest for digest, *_ in later[1:]
    }
    assert rows.insert_new(NumberClaim, columns, []) == 0


@pytest.mark.parametrize("count", [2, 60])
def test_a_broken_constraint_refuses_all(count: int):
    made = events(count)
    made[-1].id = made[0].id
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(made)
    assert not Event.objects.exists()


@pytest.mark.parametrize("count", [1, 40])
def test_columns_are_written_back_by_key(count: int):
    places = [make_kindergarten(classes=False) for _ in range(count)]
    untouched = make_kindergarten(classes=False)
    for number, place in enumerate(places):
        place.name, place.licence_to, place.code = f"改名{number}", date(2030, 1, 1), "9" * 10
    rows.rewrite(places, ("name", "licence_to"))
    for number, place in enumerate(places):
        code = type(place).objects.values_list("code", flat=True).get(pk=place.pk)
        place.refresh_from_db()
        assert (place.name, place.licence_to) == (f"改名{number}", date(2030, 1, 1))
        assert place.code == code != "9" * 10
    before = untouched.name
    untouched.refresh_from_db()
    assert untouched.name == before
    rows.rewrite([], ("name",))


def test_many_rows_are_written_back_each_with_its_own_values():
    """Above REWRITE_FROM PostgreSQL takes another road; what was not named stays as it is."""
    changed = [
        Staff(username=f"rows-{n}", name=f"原名{n}", password="!", is_active=True) for n in range(rows.REWRITE_FROM)
    ]
    rows.insert(changed)
    for number, person in enumerate(changed):
        person.name, person.is_active, person.username = f"改名\t{number}\\", number % 2 == 0, "不写"
    rows.rewrite(changed, ("name", "is_active"))
    found = Staff.objects.in_bulk([person.pk for person in changed])
    assert [(found[p.pk].name, found[p.pk].is_active, found[p.pk].username) for p in changed] == [
        (f"改名\t{n}\\", n % 2 == 0, f"rows-{n}") for n in range(rows.REWRITE_FROM)
    ]


def test_values_go_in_without_a_model_each():
    now, ids = timezone.now(), [new_id() for _ in range(3)]
    names = ("digest", "child_id", "claimed_at")
    rows.insert_values(NumberClaim, names, [(f"{child.hex:0>64}", child, now) for child in ids])
    rows.insert_values(NumberClaim, names, [])
    assert set(NumberClaim.objects.values_list("child_id", "claimed_at")) == {(child, now) for child in ids}


MANY = [1, rows.TOGETHER_FROM - 1, rows.TOGETHER_FROM, 60]


@pytest.mark.parametrize("count", MANY)
def test_asking_by_many_ids_finds_what_asking_by_each_does(count: int):
    made = events(count + 3)
    rows.insert(made)
    wanted = [event.pk for event in made[:count]]
    asked = [*wanted, *wanted, new_id(), None]
    assert set(Event.objects.filter(pk__in=asked).values_list("pk", flat=True)) == set(wanted)
    assert set(Event.objects.exclude(pk__in=asked[:-1]).values_list("pk", flat=True)) == {e.pk for e in made[count:]}
    assert Event.objects.filter(pk__in=[str(key) for key in wanted]).count() == count
    assert Event.objects.filter(pk__in=Event.objects.filter(pk__in=wanted).values("pk")).count() == count


@pytest.mark.parametrize("count", MANY)
def test_asking_by_many_texts_takes_each_as_it_is(count: int):
    texts = [f"{odd}{number}" for number, odd in zip(range(count), itertools.cycle(ODD))]
    rows.insert_lines(Staff, [{"id": new_id(), "username": text, "password": "!"} for text in [*texts, "x", "NULL "]])
    assert set(Staff.objects.filter(username__in=[*texts, "y"]).values_list("username", flat=True)) == set(texts)
    assert Staff.objects.filter(username__in=[text.upper() + "?" for text in texts]).count() == 0


ODD = ["阿卜杜拉·买买提", "NULL", "{a,b}", 'a"b', "a\\b", "a'b", "a,b", " a\t", "%s", "𠮷"]


def test_more_keys_than_the_database_takes_parameters():
    made = events(2)
    rows.insert(made)
    asked = [*(new_id() for _ in range(40_000)), *(event.pk for event in made)]
    assert Event.objects.filter(pk__in=asked).count() == 2
