"""A transfer from the first word to the switch: one case, each step by its party, one open stay at every moment."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from miaoce.registry.access.models import Staff
from miaoce.registry.access.officers import the_guardian, the_system
from miaoce.registry.approvals.models import ChangeClaim, Clock
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group, Kindergarten, SchoolYear
from miaoce.registry.journal.facts import facts_of
from miaoce.registry.journal.models import Event
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.transfers import actions, deciding, guardians, queries, rules, states, switching
from miaoce.registry.transfers.guardians import Spoken
from miaoce.registry.transfers.models import Transfer
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.transfers import ENDING, Stage, fresh, seen

pytestmark = pytest.mark.django_db


def test_a_transfer_between_two_counties_goes_its_whole_way():
    stage = Stage()
    (transfer,) = stage.bring_to(states.SWITCHED)
    child = Child.objects.get(pk=transfer.child_id)
    assert (child.kindergarten_id, child.office_id, child.standing) == (stage.new.pk, stage.new.office_id, "attending")
    old, new = Enrolment.objects.filter(child_id=child.pk).order_by("started_on", "id")
    assert (old.state, old.kindergarten_id, old.ended_on) == (stays.TRANSFERRED, stage.old.pk, transfer.switched_on)
    assert (new.state, new.kindergarten_id, new.started_on, new.ended_on) == (
        stays.ATTENDING, stage.new.pk, transfer.switched_on, None,
    )  # fmt: skip
    assert new.group_id == transfer.group_id
    assert not ChangeClaim.objects.filter(child_id=child.pk).exists()
    assert not Clock.objects.filter(child_id=child.pk, stopped_at=None).exists()
    verbs = list(
        Event.objects.filter(child_id=child.pk, subject="transfer").order_by("id").values_list("verb", flat=True)
    )
    assert verbs == [
        "transfer.requested", "transfer.confirmed", "transfer.released", "transfer.accepted", "transfer.forwarded",
        "transfer.approved", "transfer.switched",
    ]  # fmt: skip


def test_within_one_county_one_approval_is_enough():
    stage = Stage(is_near=True)
    (transfer,) = stage.bring_to(states.WINDOW)
    assert (transfer.in_decided_at, transfer.out_decided_by) == (None, stage.county.staff_id)


def test_the_old_stay_stays_open_until_the_switch():
    stage = Stage()
    (transfer,) = stage.bring_to(states.WINDOW)
    assert transfer.switch_at == stage.now + timedelta(days=3)
    assert stage.switch(at=transfer.switch_at - timedelta(seconds=1)) == 0
    open_stay = Enrolment.objects.get(child_id=transfer.child_id, ended_on=None)
    assert (open_stay.kindergarten_id, open_stay.state) == (stage.old.pk, stays.ATTENDING)
    assert stage.switch(at=transfer.switch_at) == 1
    assert fresh([transfer])[0].state == states.SWITCHED


def codes_of(moved):
    return {refusal.code for refusal in moved.refused.values()}


def test_a_silent_kindergarten_is_replaced_by_its_county_only_once_its_day_is_over():
    stage = Stage()
    transfers = stage.bring_to(states.CONFIRMED)
    due = Clock.objects.get(case_id=transfers[0].pk, step="release").due_on
    with stage.doing("transfer.release", stage.county) as process:
        moved = deciding.release_for(chosen=seen(transfers), process=process)
    assert codes_of(moved) == {"TRF-13"}
    assert str(due) in str(moved.refused[transfers[0].pk])
    stage.now += timedelta(days=30)
    with stage.doing("transfer.release", stage.county) as process:
        assert deciding.release_for(chosen=seen(transfers), process=process).done
    (transfer,) = fresh(transfers)
    assert (transfer.state, transfer.is_released_by_county) == (states.RELEASED, True)
    assert stage.accept([transfer]).done


def test_no_clock_however_late_moves_a_transfer():
    stage = Stage()
    made = [t for state in sorted(states.OPEN - {states.WINDOW, states.INVITED, states.STOPPED, states.FORWARDED})
            for t in Stage().bring_to(state)]  # fmt: skip
    before = [(t.state, t.version) for t in fresh(made)]
    assert stage.switch(at=stage.now + timedelta(days=400)) == 0
    assert [(t.state, t.version) for t in fresh(made)] == before


def test_only_the_own_county_steps_in_for_a_kindergarten():
    stage = Stage()
    transfers = stage.bring_to(states.CONFIRMED)
    stage.now += timedelta(days=60)
    with stage.doing("transfer.release", stage.far_county) as process:
        assert codes_of(deciding.release_for(chosen=seen(transfers), process=process)) == {"TRF-01"}


def test_the_county_releases_children_of_a_closed_kindergarten_at_once():
    stage = Stage()
    transfers = stage.request(stage.children())
    Kindergarten.objects.filter(pk=stage.old.pk).update(closed_on=stage.now.date())
    for code in stage.paper(transfers, by=stage.county).values():
        assert stage.consent(code).refusal is None
    assert Clock.objects.get(case_id=transfers[0].pk, step="release").owner_id == stage.old.office_id
    with stage.doing("transfer.release", stage.county) as process:
        assert deciding.release_for(chosen=seen(transfers), process=process).done


@pytest.mark.parametrize("is_guardian", [True, False])
def test_an_objection_stops_the_switch_until_the_county_has_looked(is_guardian):
    stage = Stage()
    made = stage.request(stage.children())
    follow = stage.confirm(made)[made[0].pk]
    for step in (stage.release, stage.accept, stage.approve):
        step(made)
    stage.approve(made, by=stage.far_county)
    if is_guardian:
        with stage.doing("transfer.dispute", the_guardian()) as process:
            guardians.dispute(spoken=Spoken(follow, ENDING), words="我们不搬家了", process=process)
    else:
        with stage.doing("transfer.object", stage.releaser) as process:
            actions.object_(chosen=seen(made), words="家长说没有同意", process=process)
    (transfer,) = fresh(made)
    assert transfer.state == states.STOPPED
    assert stage.switch(at=stage.now + timedelta(days=30)) == 0
    assert Clock.objects.get(case_id=transfer.pk, stopped_at=None).owner_id == stage.old.office_id
    with stage.doing("transfer.resume", stage.county) as process:
        assert deciding.resume(chosen=seen(made), words="已核实，监护人同意", process=process).done
    assert stage.switch(at=stage.now) == 1
    assert fresh(made)[0].state == states.SWITCHED


def test_an_objection_that_holds_ends_the_transfer_where_the_child_is():
    stage = Stage()
    made = stage.bring_to(states.WINDOW)
    with stage.doing("transfer.object", stage.releaser) as process:
        actions.object_(chosen=seen(made), words="监护人没有同意", process=process)
    with stage.doing("transfer.reject", stage.county) as process:
        moved = deciding.reject(
            chosen=seen(made), reasons=["objection_upheld"], words="监护人确认没有同意", process=process
        )
    assert moved.done[0].state == states.TURNED_DOWN
    child = Child.objects.get(pk=made[0].child_id)
    assert child.kindergarten_id == stage.old.pk
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).kindergarten_id == stage.old.pk
    assert not ChangeClaim.objects.exists()


def test_fees_are_no_reason_to_hold_a_child_back():
    stage = Stage()
    made = stage.bring_to(states.CONFIRMED)
    with pytest.raises(rules.FeesAreNoReason), stage.doing("transfer.refuse", stage.releaser) as process:
        actions.refuse(chosen=seen(made), reasons=["wrong_child"], words="上学期的伙食费还没结清", process=process)
    assert fresh(made)[0].state == states.CONFIRMED
    book = Codebook.from_files(stage.now.date())
    assert not [entry.name for entry in book.entries("transfer_refusal") if "费" in entry.name]


@pytest.mark.parametrize(("reasons", "words"), [([], "不行"), (["no_place"], "没有学位"), (["wrong_child"], " ")])
def test_a_refusal_needs_a_reason_of_that_party_and_a_sentence(reasons, words):
    stage = Stage()
    made = stage.bring_to(states.CONFIRMED)
    with pytest.raises(rules.ReasonMissing), stage.doing("transfer.refuse", stage.releaser) as process:
        actions.refuse(chosen=seen(made), reasons=reasons, words=words, process=process)


def test_either_kindergarten_may_say_no_and_everybody_reads_why():
    for who, state, reason in (("releaser", states.CONFIRMED, "not_attending"), ("taker", states.RELEASED, "no_place")):
        stage = Stage()
        made = stage.bring_to(state)
        with stage.doing("transfer.refuse", getattr(stage, who)) as process:
            moved = actions.refuse(chosen=seen(made), reasons=[reason], words="详见附言", process=process)
        assert (moved.done[0].state, moved.done[0].reasons) == (states.TURNED_DOWN, [reason])
        (note,) = queries.notes_of(moved.done[0])
        assert note.words == "详见附言"
        assert not ChangeClaim.objects.filter(case_id=made[0].pk).exists()


@pytest.mark.parametrize(
    "state", [states.REQUESTED, states.CONFIRMED, states.ACCEPTED, states.FORWARDED, states.WINDOW]
)
def test_the_receiving_kindergarten_withdraws_until_the_switch(state):
    stage = Stage()
    made = stage.bring_to(state)
    with stage.doing("transfer.withdraw", stage.taker) as process:
        assert actions.withdraw(chosen=seen(made), process=process).done[0].state == states.CALLED_OFF
    assert stage.switch(at=stage.now + timedelta(days=30)) == 0
    assert not Clock.objects.filter(case_id=made[0].pk, stopped_at=None).exists()


def test_after_the_switch_nothing_is_taken_back():
    stage = Stage()
    made = stage.bring_to(states.SWITCHED)
    with stage.doing("transfer.withdraw", stage.taker) as process:
        assert codes_of(actions.withdraw(chosen=seen(made), process=process)) == {"TRF-01"}
    with stage.doing("transfer.object", stage.releaser) as process:
        assert codes_of(actions.object_(chosen=seen(made), words="太晚了", process=process)) == {"TRF-01"}


def test_a_step_of_another_party_is_refused_like_an_unknown_case():
    stage = Stage()
    made = stage.bring_to(states.CONFIRMED)
    assert codes_of(stage.release(made, by=stage.taker)) == {"TRF-01"}
    assert codes_of(stage.accept(made)) == {"TRF-01"}
    stranger = make_officer("registrar", make_kindergarten())
    foreign = stage.release(made, by=stranger)
    with stage.doing("transfer.release", stranger) as process:
        missing = actions.release(chosen={new_id(): 1}, process=process)
    assert str(*foreign.refused.values()) == str(*missing.refused.values())


def test_who_asked_for_a_child_neither_releases_it_nor_decides_for_a_county():
    stage = Stage(is_near=True)
    person = Staff.objects.get(pk=stage.taker.staff_id)
    at_old = make_officer("registrar", stage.old, staff=person)
    at_county = make_officer("county_reviewer", stage.old.office, staff=person)
    made = stage.bring_to(states.CONFIRMED)
    assert codes_of(stage.release(made, by=at_old)) == {"TRF-03"}
    stage.release(made)
    stage.accept(made)
    assert codes_of(stage.approve(made, by=at_county)) == {"TRF-03"}
    assert stage.approve(made).done


def test_who_released_a_child_does_not_take_it():
    stage = Stage()
    made = stage.bring_to(states.RELEASED)
    same = make_officer("registrar", stage.new, staff=Staff.objects.get(pk=stage.releaser.staff_id))
    assert codes_of(stage.accept(made, by=same)) == {"TRF-03"}


def test_an_old_view_of_a_transfer_is_refused():
    stage = Stage()
    made = stage.bring_to(states.CONFIRMED)
    with stage.doing("transfer.release", stage.releaser) as process:
        assert codes_of(actions.release(chosen={made[0].pk: made[0].version - 1}, process=process)) == {"TRF-02"}


def test_the_group_is_one_of_the_receiving_kindergarten_in_this_school_year():
    stage = Stage()
    made = stage.bring_to(states.RELEASED)
    foreign = stage.old.groups.first()
    with stage.doing("transfer.accept", stage.taker) as process:
        moved = actions.accept(chosen=seen(made), groups={made[0].pk: foreign.pk}, process=process)
        none = actions.accept(chosen=seen(made), groups={}, process=process)
    assert codes_of(moved) == codes_of(none) == {"TRF-12"}


def test_another_group_may_be_chosen_until_the_switch():
    stage = Stage()
    made = stage.bring_to(states.WINDOW)
    other = stage.new.groups.order_by("sort")[2]
    with stage.doing("transfer.regroup", stage.taker) as process:
        assert actions.regroup(chosen=seen(made), groups={made[0].pk: other.pk}, process=process).done
    assert stage.switch() == 1
    assert Enrolment.objects.get(child_id=made[0].child_id, ended_on=None).group_id == other.pk


def test_a_group_of_a_past_year_is_asked_for_again_and_the_child_stays_where_it_is():
    stage = Stage()
    made = stage.bring_to(states.WINDOW)
    year = SchoolYear.objects.create(
        name="从前", starts_on=stage.now.date() - timedelta(days=900), ends_on=stage.now.date() - timedelta(days=600)
    )
    Group.objects.filter(pk=fresh(made)[0].group_id).update(school_year=year)
    assert stage.switch() == 1
    (transfer,) = fresh(made)
    assert transfer.state == states.WINDOW
    clock = Clock.objects.get(case_id=transfer.pk, stopped_at=None)
    assert (clock.step, clock.owner_id) == (states.PLACE_AGAIN, stage.new.pk)
    assert stage.switch(at=stage.now + timedelta(hours=1)) == 0, "it is looked at again tomorrow, not every second"
    other = stage.new.groups.exclude(pk=transfer.group_id).first()
    with stage.doing("transfer.regroup", stage.taker) as process:
        actions.regroup(chosen=seen(made), groups={transfer.pk: other.pk}, process=process)
    assert stage.switch(at=stage.now) == 1
    assert fresh(made)[0].state == states.SWITCHED


def test_a_receiver_that_closed_stops_the_switch_for_the_county():
    stage = Stage()
    made = stage.bring_to(states.WINDOW)
    Kindergarten.objects.filter(pk=stage.new.pk).update(closed_on=stage.now.date())
    stage.switch()
    (transfer,) = fresh(made)
    assert transfer.state == states.STOPPED
    assert "停办" in queries.notes_of(transfer)[0].words


def test_a_child_that_is_gone_from_the_old_kindergarten_is_not_moved():
    stage = Stage()
    made = stage.bring_to(states.WINDOW)
    Enrolment.objects.filter(child_id=made[0].child_id).update(state=stays.LEFT, ended_on=stage.now.date())
    stage.switch()
    assert fresh(made)[0].state == states.ENDED
    assert Child.objects.get(pk=made[0].child_id).kindergarten_id == stage.old.pk


def test_a_transfer_whose_ground_is_gone_is_ended_by_the_room_above():
    stage = Stage()
    made = stage.bring_to(states.ACCEPTED)
    with stage.doing("case.agree", the_system()) as process:
        assert switching.end_for(child_ids=[made[0].child_id], words="学籍已注销", process=process) == 1
    assert fresh(made)[0].state == states.ENDED
    assert not ChangeClaim.objects.exists()


def test_a_batch_goes_by_a_fixed_number_of_statements():
    stage = Stage()
    few, many = stage.bring_to(states.CONFIRMED, 2), Stage()
    more = many.bring_to(states.CONFIRMED, 30)
    with CaptureQueriesContext(connection) as two:
        stage.release(few)
    with CaptureQueriesContext(connection) as thirty:
        many.release(more)
    assert len(two) == len(thirty)
    stage, many = Stage(), Stage()
    stage.bring_to(states.WINDOW, 2)
    with CaptureQueriesContext(connection) as two:
        stage.switch()
    many.bring_to(states.WINDOW, 30)
    with CaptureQueriesContext(connection) as thirty:
        many.switch()
    assert abs(len(two) - len(thirty)) <= 2, "beyond twenty rows PostgreSQL takes them by COPY"


def test_what_can_be_moved_moves_though_another_cannot():
    stage = Stage()
    one, two = stage.bring_to(states.CONFIRMED, 2)
    stage.release([one])
    moved = stage.release([one, two])
    assert [t.pk for t in moved.done] == [two.pk]
    assert codes_of(moved) == {"TRF-01"}


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"state": states.SWITCHED}, "transfer_"),
        ({"state": states.WINDOW}, "transfer_decided_with_three_consents"),
        ({"state": states.FORWARDED}, "transfer_forwarded_with_three_consents"),
        ({"state": "somewhere"}, "transfer_state_is_known"),
        ({"to_office": None}, "transfer_receiver_is_whole"),
        ({"to_kindergarten": F("from_kindergarten")}, "transfer_leads_elsewhere"),
        ({"out_decided_by": F("opened_by")}, "transfer_out_decided_by_not_opened_by"),
        ({"in_decided_by": F("opened_by")}, "transfer_in_decided_by_not_opened_by"),
        ({"switched_on": "2026-11-01"}, "transfer_switched_when_its_state_says_so"),
    ],
)
def test_the_database_itself_refuses(columns, constraint):
    stage = Stage()
    (transfer,) = stage.bring_to(states.REQUESTED)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(**columns)


def test_the_journal_rebuilds_the_case():
    stage = Stage()
    (transfer,) = stage.bring_to(states.SWITCHED)
    folded = {}
    for event in Event.objects.filter(subject="transfer", subject_id=transfer.pk).order_by("recorded_at", "id"):
        folded |= event.after
    assert {name: value for name, value in folded.items() if value not in (None, "")} == facts_of(fresh([transfer])[0])
