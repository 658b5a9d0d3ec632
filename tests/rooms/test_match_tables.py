"""The table of outcomes: changed with a reason, tried out, put in force by another person, taken back."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from miaoce.registry.access.officers import Denied, Officer
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.matching import deciding, revising, rules, running
from miaoce.registry.matching.models import MatchPair, MatchTable
from tests.factories.places import make_kindergarten, make_office_tree, make_officer
from tests.rooms.test_match_entry import recorded, values
from tests.rooms.test_match_runs import SLIP, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    return make_office_tree().province


@pytest.fixture
def maker(province) -> Officer:
    return make_officer("arbiter", province)


@pytest.fixture
def other(province) -> Officer:
    return make_officer("arbiter", province)


def by(who: Officer, kind: str = "table.change", reason: str = "双胞胎看漏了"):
    return journal.process(kind, actor=who, at=timezone.now(), reason=reason)


def code() -> str:
    return revising.lines(None, verdict="review")[0].code


def drafted(who: Officer, **outcomes) -> MatchTable:
    with by(who) as process:
        return revising.draft(outcomes=outcomes or {code(): "different"}, bounds={}, process=process)


def put(table: MatchTable, who: Officer) -> MatchTable:
    with by(who) as process:
        return revising.put_in_force(table_id=table.pk, process=process)


def verdict_of(wanted: str) -> str:
    import numpy as np

    digits = np.array([[int(digit) for digit in wanted]], np.uint8)
    return deciding.Verdict(int(deciding.current().outcomes.of(digits)[0])).name.lower()


def test_a_draft_decides_nothing_until_another_person_puts_it_in_force(maker, other):
    changed = code()
    table = drafted(maker, **{changed: "different"})
    assert verdict_of(changed) == "review"
    assert put(table, other).state == "in_force"
    assert verdict_of(changed) == "different"
    assert {e.verb for e in Event.objects.filter(subject="match_table")} == {"table.drafted", "table.put_in_force"}


def test_its_maker_does_not_put_it_in_force(maker):
    table = drafted(maker)
    with pytest.raises(rules.OwnTable):
        put(table, maker)
    with pytest.raises(IntegrityError), transaction.atomic():
        MatchTable.objects.filter(pk=table.pk).update(put_by=table.made_by, from_at=timezone.now())


def test_a_code_without_a_row_gets_one(maker, other):
    rare = "5923999465730"
    known = {line.code for line in revising.lines(None, most=100_000)}
    assert rare not in known
    put(drafted(maker, **{rare: "review"}), other)
    assert verdict_of(rare) == "review"


def test_taking_one_back_lets_the_one_before_decide(maker, other):
    changed = code()
    first, second = put(drafted(maker, **{changed: "twin"}), other), None
    second = put(drafted(other, **{changed: "different"}), maker)
    with by(maker) as process:
        assert revising.withdraw(table_id=second.pk, process=process).state == "withdrawn"
    assert verdict_of(changed) == "twin"
    with by(other) as process:
        revising.withdraw(table_id=first.pk, process=process)
    assert verdict_of(changed) == "review"
    assert deciding.current().table_id is None


def test_a_version_builds_on_the_one_in_force(maker, other):
    one, two = (line.code for line in revising.lines(None, verdict="review")[:2])
    put(drafted(maker, **{one: "twin"}), other)
    assert drafted(maker, **{two: "twin"}).outcomes == {one: "twin", two: "twin"}


@pytest.mark.parametrize(
    ("outcomes", "bounds", "refusal"),
    [
        ({"123": "same"}, {}, rules.CodeUnknown),
        ({"9999999999999": "same"}, {}, rules.CodeUnknown),
        ({"1111130112010": "perhaps"}, {}, rules.CodeUnknown),
        ({}, {"same": 1.5}, rules.BoundsWrong),
        ({}, {"floor": 0.5}, rules.BoundsWrong),
        ({}, {"same": 0.2}, rules.BoundsWrong),
        ({}, {}, rules.TableUnchanged),
    ],
)
def test_what_cannot_be_is_refused(maker, outcomes, bounds, refusal):
    with pytest.raises(refusal), by(maker) as process:
        revising.draft(outcomes=outcomes, bounds=bounds, process=process)
    assert not MatchTable.objects.exists()


def test_silence_about_why_is_refused(maker):
    with pytest.raises(rules.TableReasonMissing), by(maker, reason=" ") as process:
        revising.draft(outcomes={}, bounds={"same": 0.999}, process=process)


def test_a_city_a_county_and_a_kindergarten_change_nothing(province):
    tree = make_office_tree()
    for who in (
        make_officer("arbiter", tree.city), make_officer("county_reviewer", tree.county), make_officer("registrar", make_kindergarten()),
    ):  # fmt: skip
        with pytest.raises(Denied), by(who) as process:
            revising.draft(outcomes={}, bounds={"same": 0.999}, process=process)


def test_who_comes_second_is_told_so(maker, other, province):
    table = put(drafted(maker), other)
    with pytest.raises(rules.TableMoved):
        put(table, make_officer("arbiter", province))
    with pytest.raises(rules.NoSuchTable), by(maker) as process:
        revising.withdraw(table_id=maker.unit_id, process=process)


@pytest.mark.slow
def test_a_version_is_tried_out_before_it_takes_effect(maker, other):
    recorded(make_kindergarten(), values())
    recorded(make_kindergarten(), values(**SLIP))
    run()
    pair = MatchPair.objects.get()
    table = drafted(maker, **{pair.code: "different"})
    trial = revising.try_out(table, officer=maker)
    assert (trial.records, trial.counts) == (2, {(pair.verdict, "different"): 1})
    assert [(m.one_id, m.other_id, m.before, m.after) for m in trial.moved] == [
        (pair.one_id, pair.other_id, pair.verdict, "different")
    ]
    assert MatchPair.objects.get().verdict == pair.verdict, "trying writes nothing"
    put(table, other)
    assert running.run_now(everybody=False, actor=maker, at=timezone.now(), now=timezone.now).is_whole
    assert not MatchPair.objects.exists()


def test_the_table_is_read_by_who_may(maker, province):
    table = drafted(maker)
    assert list(revising.versions(make_officer("analyst", province))) == [table]
    with pytest.raises(Denied):
        revising.versions(make_officer("registrar", make_kindergarten()))
    first = revising.lines(table)[0]
    assert (first.code in table.outcomes, first.verdict, first.shipped) == (True, "different", "review")
    assert first.reasons
    assert revising.bounds_of(table).same == revising.bounds_of(None).same
