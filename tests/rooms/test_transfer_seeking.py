"""The receiving kindergarten is told a number and a name: it never browses, and a miss says nothing."""

from datetime import date, timedelta

import pytest

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import claims
from miaoce.registry.approvals import states as cases
from miaoce.registry.children.models import Child, ChildNumber
from miaoce.registry.enrolments import states as standings
from miaoce.registry.enrolments.rules import NotLicensed
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal.models import Reading
from miaoce.registry.transfers import actions, opening, queries, rules, states
from miaoce.registry.transfers.models import SeekingDay, Transfer, TransferWish
from miaoce.registry.transfers.opening import Told
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import HIDDEN
from tests.factories.children import make_child
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.transfers import Stage

pytestmark = pytest.mark.django_db


def number_of(child: Child) -> str:
    number = ChildNumber.objects.get(child_id=child.pk)
    return vault.open_safe([child.pk]).open(child.pk, "child_number", "number", number.pk, bytes(number.number))


def ask(stage: Stage, number: str, *, name: str = "", born_on: date | None = None, by=None):
    with stage.doing("transfer.ask", by or stage.taker) as process:
        return opening.ask_for(told=Told(number, name, born_on), process=process, code_days=7)


def test_number_and_name_or_number_and_birth_date_begin_a_transfer():
    stage = Stage()
    for told in ("name", "born_on"):
        child = make_child(stage.old)
        value = getattr(child, told)
        answer = ask(stage, number_of(child).lower(), **{told: value})
        assert (answer.refusal, answer.transfer.child_id) == (None, child.pk)
        assert answer.transfer.state == states.REQUESTED
    assert Reading.objects.filter(what="transfer.sought").count() == 2


def test_a_wrong_name_and_a_number_that_does_not_exist_answer_alike():
    stage = Stage()
    child = make_child(stage.old)
    answers = [
        ask(stage, number_of(child), name="别的名字"),
        ask(stage, "G990101202301039999", name=child.name),
        ask(stage, number_of(child), born_on=child.born_on + timedelta(days=1)),
        ask(stage, "不是学籍号", name=child.name),
        ask(stage, number_of(child)),
    ]
    assert {answer.refusal.code for answer in answers} == {"TRF-04"}
    assert [answer.refusal.facts["left"] for answer in answers] == [9, 8, 7, 6, 5]
    assert not Transfer.objects.exists()
    assert not Reading.objects.exists()


def test_after_ten_misses_the_kindergarten_waits_for_tomorrow():
    stage = Stage()
    child = make_child(stage.old)
    for _ in range(10):
        assert ask(stage, number_of(child), name="别的名字").refusal.code == "TRF-04"
    assert ask(stage, number_of(child), name=child.name).refusal.code == "TRF-05"
    assert SeekingDay.objects.get().tries == 10
    other = make_officer("registrar", make_kindergarten())
    assert ask(stage, number_of(child), name=child.name, by=other).refusal is None
    assert not [t for t in Transfer.objects.all() if t.to_kindergarten_id == stage.new.pk]


def test_a_right_answer_wears_nothing_out():
    stage = Stage()
    ask(stage, "G990101202301039999", name="某")
    for _ in range(3):
        child = make_child(stage.old)
        assert ask(stage, number_of(child), name=child.name).refusal is None
    assert SeekingDay.objects.get().tries == 1


def test_an_older_number_leads_to_the_child_too():
    stage = Stage()
    child = make_child(stage.old, id_type="none", id_number="")
    old_number = number_of(child)
    assert old_number.startswith("L")
    assert ask(stage, old_number, name=child.name).transfer.child_id == child.pk


def test_a_child_of_the_own_kindergarten_and_one_that_left_are_told_as_such():
    stage = Stage()
    own = make_child(stage.new)
    with pytest.raises(rules.AlreadyHere):
        ask(stage, number_of(own), name=own.name)
    left = make_child(stage.old)
    Child.objects.filter(pk=left.pk).update(standing=standings.LEFT)
    with pytest.raises(rules.NotAttending):
        ask(stage, number_of(left), name=left.name)


def test_a_child_with_another_change_in_hand_is_refused_without_saying_which():
    stage = Stage()
    child = make_child(stage.old)
    with stage.doing("case.file", stage.releaser) as process:
        claims.claim(cases={child.pk: new_id()}, kind=cases.CANCELLATION, process=process)
    with pytest.raises(rules.OtherChangeInHand) as refused:
        ask(stage, number_of(child), name=child.name)
    assert "注销" not in str(refused.value)


def test_an_unlicensed_kindergarten_and_a_county_ask_for_nobody():
    stage = Stage()
    child = make_child(stage.old)
    with pytest.raises(Denied):
        ask(stage, number_of(child), name=child.name, by=stage.county)
    Kindergarten.objects.filter(pk=stage.new.pk).update(licence_to=date(2021, 1, 1))
    with pytest.raises(NotLicensed):
        ask(stage, number_of(child), name=child.name)


def test_a_wish_of_intake_becomes_a_transfer_once():
    stage = Stage()
    children = stage.children(2)
    with stage.doing("intake.decide", stage.taker) as process:
        wishes = [
            actions.wish(child_id=c.pk, kindergarten_id=stage.new.pk, row_id=new_id(), process=process)
            for c in children
        ]
    assert [w.pk for w in queries.wishes_of(stage.taker)] == [w.pk for w in wishes]
    with stage.doing("transfer.begin", stage.taker) as process:
        opened = opening.begin(wish_ids=[w.pk for w in wishes], process=process, code_days=7)
    assert {t.child_id for t in opened.done} == {c.pk for c in children}
    assert set(TransferWish.objects.values_list("transfer_id", flat=True)) == {t.pk for t in opened.done}
    assert queries.wishes_of(stage.taker) == []
    with stage.doing("transfer.begin", stage.taker) as process:
        again = opening.begin(wish_ids=[wishes[0].pk], process=process, code_days=7)
    assert (again.done, again.refused[wishes[0].pk].code) == ([], "TRF-18")
    with stage.doing("intake.decide", stage.taker) as process:
        assert actions.unwish(row_id=wishes[0].row_id, process=process) == 0


def test_a_foreign_wish_is_not_there():
    stage = Stage()
    (child,) = stage.children()
    with stage.doing("intake.decide", stage.taker) as process:
        wish = actions.wish(child_id=child.pk, kindergarten_id=stage.new.pk, row_id=new_id(), process=process)
    other = make_officer("registrar", make_kindergarten())
    with stage.doing("transfer.begin", other) as process:
        opened = opening.begin(wish_ids=[wish.pk], process=process, code_days=7)
    assert opened.refused[wish.pk].code == "TRF-18"


def test_only_the_own_children_are_invited():
    stage = Stage()
    (child,) = stage.children()
    with stage.doing("transfer.invite", stage.taker) as process:
        assert opening.invite(child_ids=[child.pk], process=process).refused[child.pk].code == "TRF-07"


@pytest.mark.parametrize("state", [states.REQUESTED, states.CONFIRMED, states.SWITCHED])
def test_each_party_is_shown_what_it_needs_and_no_more(state):
    stage = Stage()
    (transfer,) = stage.bring_to(state)
    child = Child.objects.get(pk=transfer.child_id)
    full, born = child.name, child.born_on.isoformat()
    province = make_officer("analyst", stage.old.office.parent.parent)
    seen_by = {
        who: queries.who_of([transfer], officer)[transfer.pk]
        for who, officer in {
            "old": stage.releaser, "old county": stage.county, "new": stage.taker, "new county": stage.far_county,
            "province": province,
        }.items()
    }  # fmt: skip
    has_moved = state == states.SWITCHED
    at_home, far = (
        (("new", "new county"), ("old", "old county")) if has_moved else (("old", "old county"), ("new", "new county"))
    )
    for who in at_home:
        assert (seen_by[who].name, seen_by[who].born_on) == (full, born)
        assert seen_by[who].number.startswith("G990101")
    for who in far:
        assert seen_by[who].number.startswith("****")
        if state == states.CONFIRMED:
            assert (seen_by[who].name, seen_by[who].born_on) == (full, born)
        else:
            assert (seen_by[who].name, seen_by[who].born_on) == (f"{full[0]}*{full[-1]}", HIDDEN)
    assert (seen_by["province"].name, seen_by["province"].born_on) == (HIDDEN, born[:7])
    assert seen_by["province"].stay is None
    if has_moved:
        assert seen_by["old"].stay[1] == transfer.switched_on, "the stub says until when"


def test_who_is_no_party_sees_no_transfer():
    stage = Stage()
    (transfer,) = stage.bring_to(states.CONFIRMED)
    assert stage.old.office.parent is not None
    for role, unit, sees in (
        ("registrar", make_kindergarten(), False),
        ("county_reviewer", make_kindergarten().office, True),
        ("analyst", stage.new.office.parent, True),
        ("auditor", stage.new.office.parent, False),
        ("principal", stage.new, True),
    ):
        officer = make_officer(role, unit)
        assert Transfer.objects.visible_to(officer).filter(pk=transfer.pk).exists() == sees, role
