"""S-05: nobody pulls somebody's child. Codes are bound to one transfer, single, expiring, kept as digests only."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from miaoce.registry.access.officers import Denied, the_guardian
from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.messages import queries as messages
from miaoce.registry.messages.models import Message
from miaoce.registry.transfers import actions, codes, deciding, guardians, opening, rules, states
from miaoce.registry.transfers.guardians import Spoken
from miaoce.registry.transfers.models import Transfer, TransferCode
from tests.factories.children import make_child
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.transfers import CODE_DAYS, ENDING, PHONE, Stage, fresh, seen

pytestmark = pytest.mark.django_db
WAYS = {"guardian": states.REQUESTED, "release": states.CONFIRMED, "accept": states.RELEASED}


@pytest.mark.slow
@pytest.mark.parametrize("lacking", sorted(WAYS))
def test_of_transfers_lacking_one_of_three_consents_none_is_completed(lacking):
    """Everybody else does all they can, in every order, for months; then the tables are forced by raw updates."""
    stage = Stage()
    made = stage.bring_to(WAYS[lacking], 17)
    for _ in range(3):
        for who in (stage.taker, stage.releaser, stage.county, stage.far_county):
            for verb, act in (("release", stage.release), ("accept", stage.accept), ("approve", stage.approve)):
                withheld = verb == lacking and who in (stage.releaser, stage.taker)
                with suppress(Denied):
                    act(made, by=who) if not withheld else None
        stage.switch(at=stage.now + timedelta(days=40))
    assert not Transfer.objects.filter(state=states.SWITCHED).exists()
    assert set(Child.objects.filter(pk__in=[t.child_id for t in made]).values_list("kindergarten_id", flat=True)) == {
        stage.old.pk
    }
    stays = Enrolment.objects.filter(child_id__in=[t.child_id for t in made], ended_on=None)
    assert set(stays.values_list("kindergarten_id", flat=True)) == {stage.old.pk}
    for forced in (states.WINDOW, states.SWITCHED):
        with pytest.raises(IntegrityError, match="transfer_"), transaction.atomic():
            Transfer.objects.filter(pk__in=[t.pk for t in made]).update(state=forced, switch_at=stage.now)


def test_a_code_works_for_its_own_transfer_and_no_other():
    stage, other = Stage(), Stage()
    mine, theirs = stage.request(stage.children()), other.request(other.children())
    code = stage.paper(mine)[mine[0].pk]
    with stage.doing("transfer.consent", the_guardian()) as process:
        heard = guardians.consent(spoken=Spoken(code, ENDING, theirs[0].pk), process=process)
    assert (heard.transfer, heard.refusal.code) == (None, "TRF-14")
    assert {t.state for t in fresh([*mine, *theirs])} == {states.REQUESTED}
    assert stage.consent(code).transfer.pk == mine[0].pk
    assert fresh(theirs)[0].state == states.REQUESTED


def test_a_code_is_spent_once():
    stage = Stage()
    made = stage.request(stage.children())
    code = stage.paper(made)[made[0].pk]
    assert stage.consent(code).refusal is None
    assert stage.consent(code).refusal.code == "TRF-14"
    again = stage.request(stage.children())
    assert stage.consent(code).refusal.code == "TRF-14"
    assert fresh(again)[0].state == states.REQUESTED


def test_a_code_of_a_transfer_that_was_called_off_and_begun_anew_is_worth_nothing():
    stage = Stage()
    children = stage.children()
    first = stage.request(children)
    code = stage.paper(first)[first[0].pk]
    with stage.doing("transfer.withdraw", stage.taker) as process:
        actions.withdraw(chosen=seen(first), process=process)
    second = stage.request(children)
    assert stage.consent(code).refusal.code == "TRF-14"
    assert fresh(second)[0].state == states.REQUESTED


def test_a_code_ends_with_its_days_and_with_the_next_one():
    stage = Stage()
    made = stage.request(stage.children())
    first = stage.paper(made)[made[0].pk]
    second = stage.paper(made)[made[0].pk]
    assert stage.consent(first).refusal.code == "TRF-14"
    stage.now += timedelta(days=CODE_DAYS)
    assert stage.consent(second).refusal.code == "TRF-14"
    third = stage.paper(made)[made[0].pk]
    assert stage.consent(third).refusal is None


def test_five_wrong_endings_void_a_code():
    stage = Stage()
    made = stage.request(stage.children())
    code = stage.paper(made)[made[0].pk]
    for _ in range(5):
        assert stage.consent(code, "0000").refusal.code == "TRF-14"
    assert stage.consent(code).refusal.code == "TRF-14"
    assert fresh(made)[0].state == states.REQUESTED


def test_right_looks_do_not_wear_a_code_out():
    stage = Stage()
    made = stage.request(stage.children())
    code = stage.paper(made)[made[0].pk]
    for _ in range(9):
        with stage.doing("transfer.look", the_guardian()) as process:
            assert guardians.look(spoken=Spoken(code.lower(), ENDING), process=process).transfer is not None
    assert stage.consent(code).refusal is None


def test_only_the_digest_of_a_code_is_kept():
    stage = Stage()
    made = stage.request(stage.children())
    code = rules.tidy_code(stage.paper(made)[made[0].pk])
    rows = [repr(row) for model in (TransferCode, Transfer, Message) for row in model.objects.values_list()]
    assert not [row for row in rows if code in row or rules.shown_code(code) in row]
    assert len(TransferCode.objects.get(used_at=None, voided_at=None).digest) == 64


def test_who_wants_a_child_never_gets_its_code():
    stage = Stage()
    made = stage.request(stage.children())
    with stage.doing("transfer.code", stage.taker) as process:
        moved, shown = codes.hand_over(chosen=[made[0].pk], process=process, days=CODE_DAYS)
    assert shown == {}
    assert moved.refused[made[0].pk].code == "TRF-17"
    with stage.doing("transfer.code", stage.far_county) as process:
        moved, shown = codes.hand_over(chosen=[made[0].pk], process=process, days=CODE_DAYS)
    assert (shown, moved.refused[made[0].pk].code) == ({}, "TRF-17")
    assert stage.paper(made, by=stage.county), "the county of a silent kindergarten may hand it over"


def test_a_guardian_who_knows_no_phone_is_asked_for_the_document():
    stage = Stage()
    child = make_child(stage.old, guardian1_phone="", guardian1_id_number="990101199001011234")
    made = stage.request([child])
    code = stage.paper(made)[made[0].pk]
    assert stage.consent(code, "1234").refusal is None


def test_a_child_without_a_guardian_on_record_gets_no_code():
    stage = Stage()
    made = stage.request(stage.children())
    Guardian.objects.filter(child_id=made[0].child_id).delete()
    with stage.doing("transfer.code", stage.releaser) as process:
        moved, shown = codes.hand_over(chosen=[made[0].pk], process=process, days=CODE_DAYS)
    assert (shown, moved.refused[made[0].pk].code) == ({}, "TRF-15")


@override_settings(MESSAGES="inbox")
def test_a_request_asks_the_guardian_by_message_and_once_a_day():
    stage = Stage()
    made = stage.request(stage.children())
    (message,) = Message.objects.all()
    assert (message.kind, message.case_id) == ("transfer.code", made[0].pk)
    with stage.doing("transfer.code", stage.taker) as process:
        assert codes.send(chosen=[made[0].pk], process=process, days=7).refused[made[0].pk].code == "MSG-03"
    stage.now += timedelta(days=1)
    with stage.doing("transfer.code", stage.releaser) as process:
        assert codes.send(chosen=[made[0].pk], process=process, days=7).done
    assert TransferCode.objects.filter(voided_at=None).count() == 1


@override_settings(MESSAGES="inbox")
def test_nothing_in_a_message_names_anybody():
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.messages.actions import send_waiting

    stage = Stage()
    child = make_child(stage.old, name="欧阳若溪", guardian1_name="欧阳立", guardian1_phone=PHONE)
    (transfer,) = stage.request([child])
    stage.now += timedelta(hours=1)
    assert send_waiting(actor=the_system(), at=stage.now) == 1
    (shown,) = messages.inbox()
    code = next(word for word in shown.text.replace("，", " ").split() if word.count("-") == 2)
    follow = stage.consent(code).follow
    for step in (stage.release, stage.accept, stage.approve):
        step([transfer])
    stage.approve([transfer], by=stage.far_county)
    send_waiting(actor=the_system(), at=stage.now)
    texts = "".join(one.text for one in messages.inbox())
    for personal in ("欧阳", "若溪", PHONE, stage.old.name, stage.new.name, "G99"):
        assert personal not in texts
    assert follow
    assert "查询码" in texts


def test_the_guardian_begins_with_a_code_and_names_the_kindergarten():
    stage = Stage()
    (child,) = stage.children()
    with stage.doing("transfer.invite", stage.releaser) as process:
        (transfer,) = opening.invite(child_ids=[child.pk], process=process).done
    assert (transfer.state, transfer.to_kindergarten_id) == (states.INVITED, None)
    code = stage.paper([transfer])[transfer.pk]
    for wrong in (None, stage.old, make_kindergarten(licensed=False)):
        with pytest.raises(rules.ReceiverNotThere):
            stage.consent(code, kindergarten=wrong)
    assert stage.consent(code, kindergarten=stage.new).transfer.state == states.CONFIRMED
    made = fresh([transfer])
    assert (made[0].to_kindergarten_id, made[0].to_office_id) == (stage.new.pk, stage.new.office_id)
    assert stage.release(made).done, "who handed the code over may release: it is one kindergarten's word"
    stage.accept(made)
    stage.approve(made)
    stage.approve(made, by=stage.far_county)
    assert stage.switch() == 1


def test_a_start_that_was_not_used_is_voided_by_who_handed_it_over():
    stage = Stage()
    (child,) = stage.children()
    with stage.doing("transfer.invite", stage.releaser) as process:
        made = opening.invite(child_ids=[child.pk], process=process).done
    code = stage.paper(made)[made[0].pk]
    with stage.doing("transfer.withdraw", stage.releaser) as process:
        assert actions.withdraw(chosen=seen(made), process=process).done[0].state == states.CALLED_OFF
    assert stage.consent(code, kindergarten=stage.new).refusal.code == "TRF-14"


def test_a_guardian_says_no_and_the_child_is_free_again():
    stage = Stage()
    children = stage.children()
    made = stage.request(children)
    code = stage.paper(made)[made[0].pk]
    with stage.doing("transfer.decline", the_guardian()) as process:
        guardians.decline(spoken=Spoken(code, ENDING), process=process)
    assert fresh(made)[0].state == states.DECLINED
    assert stage.request(children)


@pytest.mark.parametrize("state", [states.CONFIRMED, states.ACCEPTED, states.WINDOW])
def test_a_guardian_takes_back_until_the_switch(state):
    stage = Stage()
    made = stage.request(stage.children())
    follow = stage.confirm(made)[made[0].pk]
    if state != states.CONFIRMED:
        stage.release(made)
        stage.accept(made)
    if state == states.WINDOW:
        stage.approve(made)
        stage.approve(made, by=stage.far_county)
    with stage.doing("transfer.take_back", the_guardian()) as process:
        heard = guardians.take_back(spoken=Spoken(follow, ENDING), process=process)
    assert heard.transfer.state == states.CALLED_OFF


def test_a_code_for_looking_does_not_consent_and_one_for_consenting_does_not_take_back():
    stage = Stage()
    made = stage.request(stage.children())
    code = stage.paper(made)[made[0].pk]
    with stage.doing("transfer.take_back", the_guardian()) as process:
        assert guardians.take_back(spoken=Spoken(code, ENDING), process=process).refusal.code == "TRF-14"
    follow = stage.consent(code).follow
    assert stage.consent(follow).refusal.code == "TRF-14"


def test_a_guardian_may_not_take_anybody_elses_step():
    stage = Stage()
    made = stage.bring_to(states.CONFIRMED)
    for act in (actions.release, actions.withdraw, deciding.release_for):
        with pytest.raises(Exception, match="身份"), stage.doing("transfer.forged", the_guardian()) as process:
            act(chosen=seen(made), process=process)
    assert fresh(made)[0].state == states.CONFIRMED


def test_a_child_whose_record_has_no_county_officer_is_never_decided_by_a_kindergarten():
    stage = Stage()
    made = stage.bring_to(states.ACCEPTED)
    principal = make_officer("principal", stage.old)
    with pytest.raises(Exception, match="身份"), stage.doing("transfer.approve", principal) as process:
        deciding.approve(chosen=seen(made), process=process, objection_days=3)
