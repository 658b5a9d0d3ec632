"""Primary schools: the list looked up, records claimed, corrections sent back, changes told. Nobody is kept out of school."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import claims, states
from miaoce.registry.approvals.models import Clock
from miaoce.registry.approvals.states import ChangedSinceShown, ChangeInHand
from miaoce.registry.children.models import ChildNumber
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.handover import actions, feed, looking, rules
from miaoce.registry.handover import states as answers
from miaoce.registry.handover.models import Handover, SentBack
from miaoce.registry.handover.rules import Line
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault
from tests.factories.children import child_values, make_child, make_children
from tests.factories.places import make_kindergarten, make_officer, make_school

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def registrar(school):
    return make_officer("school_registrar", school)


def look(actor, *lines):
    return looking.look_up(actor=actor, lines=lines, book=reference.codebook(timezone.localdate(NOW)))


def claim(actor, *children, by="number"):
    with journal.process("handover.claim", actor=actor, at=timezone.now()) as process:
        return actions.claim(chosen={child.pk: by for child in children}, process=process)


def number_of(child):
    safe = vault.open_safe([child.pk])
    return safe.open(child.pk, "child", "number", child.pk, bytes(child.number))


def test_a_child_is_found_by_its_number_its_document_or_its_family(registrar):
    values = child_values(name="周禾禾", guardian1_name="周大山")
    child = make_child(**values)
    lines = [
        Line(1, "周禾禾", number=number_of(child)),
        Line(2, "周禾禾", document=values["id_number"]),
        Line(3, "周禾禾", born_on=date(2023, 1, 3), guardian="周大山"),
        Line(4, "周河禾", number=number_of(child)),  # written by its sound
    ]
    found = look(registrar, *lines)
    assert [(one.outcome, one.by, one.child_id) for one in found] == [
        (rules.FOUND, "number", child.pk),
        (rules.FOUND, "document", child.pk),
        (rules.FOUND, "person", child.pk),
        (rules.FOUND, "number", child.pk),
    ]
    assert looking.holder_of(found[0].claim_pass, registrar) == (child.pk, "number")


def test_a_number_alone_opens_nothing(registrar):
    child = make_child(name="周禾禾")
    wrong_name, no_name = look(
        registrar, Line(1, "吴苗苗", number=number_of(child)), Line(2, "", number=number_of(child))
    )
    assert (wrong_name.outcome, no_name.outcome) == (rules.NOT_FOUND, rules.UNREADABLE)
    assert wrong_name.child_id is None
    assert not wrong_name.claim_pass


def test_an_old_number_leads_to_the_child_too(registrar):
    child = make_child(name="周禾禾")
    ChildNumber.objects.filter(child_id=child.pk).update(to_on=date(2026, 10, 1))
    assert look(registrar, Line(1, "周禾禾", number=number_of(child)))[0].child_id == child.pk


def test_several_alike_are_said_and_cannot_be_claimed_from_the_list(registrar):
    place = make_kindergarten()
    make_children([{"name": "周禾禾", "guardian1_name": "周大山"} for _ in range(2)], place)
    (answer,) = look(registrar, Line(1, "周禾禾", born_on=date(2023, 1, 3), guardian="周大山"))
    assert (answer.outcome, answer.alike, answer.claim_pass) == (rules.SEVERAL, 2, "")


def test_a_child_without_a_record_is_a_normal_answer_and_leaves_nothing_behind(registrar):
    before = Event.objects.count()
    lines = [Line(row, f"新生{row}", born_on=date(2020, 5, 5), guardian="某家长") for row in range(100)]
    assert {one.outcome for one in look(registrar, *lines)} == {rules.NOT_FOUND}
    assert Event.objects.count() == before
    assert "不影响入学" in rules.NEVER_HINDERS


def test_children_whose_registration_waits_are_not_found(registrar):
    make_child(name="周禾禾", state=states.SUBMITTED, guardian1_name="周大山")
    (answer,) = look(registrar, Line(1, "周禾禾", born_on=date(2023, 1, 3), guardian="周大山"))
    assert answer.outcome == rules.NOT_FOUND


def test_only_a_school_looks_up_and_no_longer_than_a_list(registrar):
    with pytest.raises(Denied):
        look(make_officer("registrar", make_kindergarten()), Line(1, "周禾禾", number="L1"))
    with pytest.raises(rules.TooManyLines):
        look(registrar, *[Line(row, "某") for row in range(rules.MOST_LINES + 1)])


def test_a_pass_is_of_one_school_and_ends(registrar, time_machine):
    child = make_child(name="周禾禾")
    (answer,) = look(registrar, Line(1, "周禾禾", number=number_of(child)))
    stranger = make_officer("school_registrar", make_school(name="临江路小学"))
    for claim_pass, actor in ((answer.claim_pass, stranger), (answer.claim_pass + "x", registrar), ("", registrar)):
        with pytest.raises(rules.NotShown):
            looking.holder_of(claim_pass, actor)
    time_machine.move_to(datetime.now(tz=timezone.get_current_timezone()) + timedelta(minutes=31))
    with pytest.raises(rules.NotShown):
        looking.holder_of(answer.claim_pass, registrar)


def test_a_claim_ends_the_stay_keeps_the_number_and_is_seen_on_both_sides(registrar, school):
    child = make_child(name="周禾禾", entry_date="2026-09-01")
    number = number_of(child)
    assert claim(registrar, child).done == [child.pk]
    child.refresh_from_db()
    stay = Enrolment.objects.get(child_id=child.pk)
    assert (child.standing, number_of(child)) == (stays.PROMOTED, number)
    assert (stay.state, stay.ended_on) == (stays.GRADUATED, timezone.localdate())
    one = Handover.objects.get(child_id=child.pk)
    clerk = make_officer("registrar", child.kindergarten)
    county = make_officer("county_reviewer", child.office)
    assert [list(Handover.objects.visible_to(who)) for who in (registrar, clerk, county)] == [[one]] * 3
    other = make_officer("school_registrar", make_school(name="临江路小学"))
    assert not Handover.objects.visible_to(other).exists()
    assert look(registrar, Line(1, "周禾禾", number=number))[0].outcome == rules.MINE
    assert look(other, Line(1, "周禾禾", number=number))[0].outcome == rules.ELSEWHERE


def test_a_second_claim_takes_nothing_and_says_why(registrar):
    child = make_child()
    claim(registrar, child)
    again = claim(make_officer("school_registrar", make_school(name="临江路小学")), child)
    assert again.done == []
    assert isinstance(again.refused[child.pk], stays.StepNotAllowed)
    assert Handover.objects.count() == 1


def test_a_child_whose_transfer_is_in_hand_waits(registrar):
    child = make_child()
    with journal.process("transfer.request", actor=registrar, at=NOW) as process:
        claims.claim(cases={child.pk: new_id()}, kind="transfer", process=process)
    assert isinstance(claim(registrar, child).refused[child.pk], ChangeInHand)
    child.refresh_from_db()
    assert child.standing == stays.ATTENDING


def test_a_child_that_does_not_exist_is_refused_like_one_that_is_gone(registrar):
    with journal.process("handover.claim", actor=registrar, at=NOW) as process:
        done = actions.claim(chosen={(unknown := new_id()): "number"}, process=process)
    assert isinstance(done.refused[unknown], stays.StepNotAllowed)


@pytest.fixture
def handed(registrar):
    child = make_child(name="周禾禾")
    claim(registrar, child)
    return Handover.objects.select_related("kindergarten", "school").get(child_id=child.pk)


def send(handover, actor, column="name", wanted="周禾和", words="户口簿上是“和”"):
    with journal.process("handover.send_back", actor=actor, at=NOW) as process:
        return actions.send_back(handover=handover, column=column, wanted=wanted, words=words, process=process)


def reply(one, actor, verb="correct", words="", version=1):
    with journal.process("handover.answer", actor=actor, at=NOW) as process:
        return actions.answer(one=one, verb=verb, version=version, words=words, process=process)


def test_a_correction_reaches_the_kindergarten_and_its_answer_the_school(handed, registrar):
    one = send(handed, registrar)
    clock = Clock.objects.get(case_id=one.pk)
    assert (clock.owner_id, clock.stopped_at) == (handed.kindergarten_id, None)
    safe = vault.open_safe([one.child_id])
    assert safe.open(one.child_id, "sent_back", "wanted", one.pk, bytes(one.wanted)) == "周禾和"
    clerk = make_officer("registrar", handed.kindergarten)
    assert list(SentBack.objects.visible_to(clerk)) == [one]
    done = reply(one, clerk)
    assert done.state == answers.DONE
    assert Clock.objects.get(case_id=one.pk).stopped_at == NOW
    assert SentBack.objects.visible_to(registrar).get().state == answers.DONE


def test_who_declines_says_why_and_nobody_answers_twice(handed, registrar):
    one, clerk = send(handed, registrar), make_officer("registrar", handed.kindergarten)
    with pytest.raises(rules.NothingWanted):
        reply(one, clerk, "decline")
    with pytest.raises(ChangedSinceShown):
        reply(one, clerk, version=7)
    reply(one, clerk, "decline", "户口簿就是现在这样写的")
    with pytest.raises(answers.StepNotAllowed):
        reply(one, clerk, version=2)


@pytest.mark.parametrize(("column", "wanted"), [("name", " "), ("photo", "x")])
def test_a_correction_says_what_and_how(handed, registrar, column, wanted):
    with pytest.raises(rules.NothingWanted):
        send(handed, registrar, column, wanted)
    assert not SentBack.objects.exists()


def test_a_hundred_corrections_reach_the_kindergarten_and_close(handed, registrar):
    clerk = make_officer("registrar", handed.kindergarten)
    for number in range(100):
        send(handed, registrar, "other", f"第 {number} 条")
    for one in SentBack.objects.visible_to(clerk).filter(state=answers.OPEN):
        reply(one, clerk)
    assert set(SentBack.objects.visible_to(registrar).values_list("state", flat=True)) == {answers.DONE}
    assert not Clock.objects.filter(stopped_at=None).exists()


def test_each_is_told_of_its_own_children_and_of_no_personal_value(registrar):
    here, there = make_kindergarten(), make_kindergarten()
    child, other = make_child(here, name="周禾禾"), make_child(there, name="吴苗苗")
    clerk = make_officer("registrar", here)
    told = feed.events_for(clerk, after=None, limit=1_000)
    assert {one.child_id for one in told} == {child.pk}
    assert "child.recorded" in {one.verb for one in told}
    assert not {"clock.started", "proposal.opened"} & {one.verb for one in told}
    words = "".join(f"{one.as_cloud_event()}" for one in told)
    assert "周禾禾" not in words
    assert child_values()["guardian1_phone"] not in words
    assert feed.events_for(registrar, after=None, limit=10) == []
    claim(registrar, child)
    after = told[-1].id
    assert {one.verb for one in feed.events_for(clerk, after=after, limit=10)} >= {
        "child.promoted",
        "enrolment.graduated",
    }
    assert {one.child_id for one in feed.events_for(registrar, after=None, limit=1_000)} == {child.pk}
    assert other.pk not in {one.child_id for one in feed.events_for(registrar, after=None, limit=1_000)}


def test_pages_of_the_feed_follow_each_other_without_gap_or_repeat():
    place = make_kindergarten()
    make_children([{"name": f"周禾{sign}"} for sign in "甲乙丙丁"], place)
    clerk = make_officer("registrar", place)
    whole = feed.events_for(clerk, after=None, limit=1_000)
    pages, last = [], None
    while page := feed.events_for(clerk, after=last, limit=3):
        pages += page
        last = page[-1].id
    assert pages == whole


def test_only_who_may_reads_the_feed():
    with pytest.raises(Denied):
        feed.events_for(make_officer("principal", make_kindergarten()), after=None, limit=10)
