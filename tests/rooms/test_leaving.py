"""Leaving with reason and destination, the queue of those nobody knows whereto, and return under the same number."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import claims
from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child, ChildNumber, DocumentClaim
from miaoce.registry.enrolments import leaving, queries, rules, states
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from tests.factories import children as factory
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
BEGAN = TODAY - timedelta(days=40)
HOME = Leaving(on=TODAY - timedelta(days=2), reason="care_at_home", destination="home")
NOBODY_KNOWS = Leaving(on=TODAY, reason="moved", destination="unknown")


@pytest.fixture
def garden():
    return places.make_kindergarten()


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


def attending(garden, count=1):
    rows = [{"name": f"陈小{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "entry_date": BEGAN.isoformat()} for n in range(count)]
    return factory.make_children(rows, garden)


def leave(children, actor, how=HOME):
    with journal.process("child.leave", actor=actor, at=NOW) as process:
        return leaving.leave(chosen={c.pk: c.version for c in children}, leaving=how, process=process)


def name(child, destination, actor, words=""):
    with journal.process("destination.name", actor=actor, at=NOW) as process:
        return leaving.name_destination(child_ids=[child.pk], destination=destination, words=words, process=process)


def readmit(children, group, actor, *, on=TODAY, among=None, versions=None):
    chosen = versions or {c.pk: Child.objects.get(pk=c.pk).version for c in children}
    with journal.process("child.readmit", actor=actor, at=NOW) as process:
        return leaving.readmit(chosen=chosen, group=group, on=on, process=process, among=among)


def group_of(garden, name="中一班"):
    return garden.groups.select_related("school_year").get(name=name)


def last_stay(child):
    return Enrolment.objects.filter(child_id=child.pk).order_by("started_on", "id").last()


def test_the_stay_ends_with_reason_and_destination_and_the_record_stays(garden, registrar):
    (child,) = attending(garden)
    assert leave([child], registrar).done == [child.pk]
    stay, now = last_stay(child), Child.objects.get(pk=child.pk)
    assert (stay.state, stay.started_on, stay.ended_on) == (states.LEFT, BEGAN, HOME.on)
    assert (stay.leave_reason, stay.destination, stay.destination_words) == ("care_at_home", "home", None)
    assert (now.standing, now.version, now.kindergarten_id) == (states.LEFT, child.version + 1, garden.pk)
    assert ChildNumber.objects.filter(child_id=child.pk, to_on=None).exists()
    assert DocumentClaim.objects.filter(child_id=child.pk).exists(), "the document stays the child's"
    assert not Clock.objects.exists()


def test_words_are_sealed_under_the_childs_key(garden, registrar):
    children = attending(garden, 2)
    how = Leaving(on=TODAY, reason="other", destination="other", words="随父母去邻省做生意")
    leave(children, registrar, how)
    for child in children:
        stay = last_stay(child)
        assert "邻省".encode() not in bytes(stay.destination_words)
        assert leaving.destination_words(stay) == "随父母去邻省做生意"
    assert not [event for event in Event.objects.all() if "邻省" in str(event.after)]


@pytest.mark.parametrize(
    ("reason", "destination", "words"),
    [("", "home", ""), ("nonsense", "home", ""), ("moved", "", ""), ("other", "home", " "), ("moved", "other", "")],
)
def test_a_reason_and_a_destination_are_of_the_list_and_other_is_explained(
    garden, registrar, reason, destination, words
):
    (child,) = attending(garden)
    with pytest.raises(rules.CodeUnknown):
        leave([child], registrar, Leaving(on=TODAY, reason=reason, destination=destination, words=words))
    assert last_stay(child).ended_on is None


@pytest.mark.parametrize(("days", "code"), [(-41, "ENR-04"), (-40, None), (0, None), (1, "ENR-04")])
def test_the_day_lies_between_the_beginning_of_the_stay_and_today(garden, registrar, days, code):
    (child,) = attending(garden)
    done = leave([child], registrar, Leaving(TODAY + timedelta(days=days), "moved", "home"))
    assert [refusal.code for refusal in done.refused.values()] == ([code] if code else [])


def test_who_left_cannot_leave_again_and_who_is_in_hand_not_now(garden, registrar):
    gone, held = attending(garden, 2)
    leave([gone], registrar)
    with journal.process("case.file", actor=registrar, at=NOW) as process:
        claims.claim(cases={held.pk: new_id()}, kind="deferral", process=process)
    gone.refresh_from_db()
    done = leave([gone, held], registrar)
    assert {pk: refusal.code for pk, refusal in done.refused.items()} == {gone.pk: "ENR-02", held.pk: "APR-08"}


def test_a_destination_nobody_knows_is_asked_for_until_it_is_known(garden, registrar):
    child, other = attending(garden, 2)
    leave([child, other], registrar, NOBODY_KNOWS)
    clock = Clock.objects.get(child_id=child.pk)
    assert (clock.owner_id, clock.office_id, clock.step, clock.stopped_at) == (
        garden.pk, garden.office_id, "kindergarten", None,
    )  # fmt: skip
    county = places.make_officer("county_reviewer", garden.office)
    stranger = places.make_officer("registrar", places.make_kindergarten())
    for officer, seen in ((registrar, 2), (county, 2), (stranger, 0)):
        assert len(queries.whereto_unknown(officer, most=9)) == queries.whereto_count(officer)[0] == seen
    assert name(child, "kindergarten", registrar, words="城东幼儿园").done == [child.pk]
    assert (last_stay(child).destination, leaving.destination_words(last_stay(child))) == ("kindergarten", "城东幼儿园")
    assert [one.child.pk for one in queries.whereto_unknown(county, most=9)] == [other.pk]


def test_still_unknown_is_no_answer_and_who_attends_is_not_asked(garden, registrar):
    child, here = attending(garden, 2)
    leave([child], registrar, NOBODY_KNOWS)
    with pytest.raises(rules.StillUnknown):
        name(child, "unknown", registrar)
    assert [refusal.code for refusal in name(here, "home", registrar).refused.values()] == ["ENR-10"]
    stranger = places.make_officer("registrar", places.make_kindergarten())
    assert [refusal.code for refusal in name(child, "home", stranger).refused.values()] == ["ENR-10"]
    assert last_stay(child).destination == "unknown"


def test_a_child_returns_under_the_same_number(garden, registrar):
    (child,) = attending(garden)
    number = ChildNumber.objects.get(child_id=child.pk).digest
    leave([child], registrar, NOBODY_KNOWS)
    assert readmit([child], group_of(garden), registrar).done == [child.pk]
    stay, now = last_stay(child), Child.objects.get(pk=child.pk)
    assert (stay.state, stay.started_on, stay.ended_on, stay.entry_kind) == (states.ATTENDING, TODAY, None, "3")
    assert now.standing == states.ATTENDING
    assert ChildNumber.objects.get(child_id=child.pk).digest == number
    assert not Clock.objects.filter(stopped_at=None).exists(), "nobody asks whereto any more"
    first = Enrolment.objects.filter(child_id=child.pk).order_by("started_on").first()
    assert (first.state, first.ended_on) == (states.LEFT, TODAY)


def test_another_kindergarten_takes_in_only_whom_it_was_told_of(garden, registrar):
    (child,) = attending(garden)
    leave([child], registrar)
    other = places.make_kindergarten(places.make_office_tree().far_county)
    there = places.make_officer("registrar", other)
    refused = readmit([child], group_of(other), there).refused[child.pk]
    assert (refused.code, str(refused)) == (
        "ENR-02",
        str(states.StepNotAllowed(state="不在本单位名单里", verb="再入园")),
    )
    done = readmit([child], group_of(other), there, among=Child.objects.filter(pk=child.pk))
    assert done.done == [child.pk]
    now = Child.objects.get(pk=child.pk)
    assert (now.kindergarten_id, now.office_id, last_stay(child).kindergarten_id) == (
        other.pk,
        other.office_id,
        other.pk,
    )


def test_a_return_needs_a_group_of_ones_own_a_licence_and_a_day_after_leaving(garden, registrar):
    (child,) = attending(garden)
    leave([child], registrar)
    with pytest.raises(rules.GroupNotHere):
        readmit([child], group_of(places.make_kindergarten()), registrar)
    early = readmit([child], group_of(garden), registrar, on=HOME.on - timedelta(days=1))
    assert [refusal.code for refusal in early.refused.values()] == ["ENR-04"]
    late = readmit([child], group_of(garden), registrar, on=TODAY + timedelta(days=1))
    assert [refusal.code for refusal in late.refused.values()] == ["ENR-04"]
    garden.licence_to = TODAY - timedelta(days=1)
    garden.save()
    with pytest.raises(rules.NotLicensed):
        readmit([child], group_of(garden), registrar)


def test_only_a_registrar_lets_children_leave_and_return(garden, registrar):
    (child,) = attending(garden)
    for role, unit in (("principal", garden), ("county_reviewer", garden.office)):
        with pytest.raises(Denied):
            leave([child], places.make_officer(role, unit))
    leave([child], registrar)
    with pytest.raises(Denied):
        readmit([child], group_of(garden), places.make_officer("principal", garden))


def test_the_number_of_statements_does_not_grow_with_the_batch(garden, registrar):
    few, many = attending(garden, 2), attending(garden, 40)
    counts = []
    for children in (few, many):
        with CaptureQueriesContext(connection) as seen:
            leave(children, registrar, Leaving(TODAY, "other", "unknown", "不清楚去了哪里"))
        group, versions = group_of(garden), {child.pk: child.version + 1 for child in children}
        with CaptureQueriesContext(connection) as again:
            readmit(children, group, registrar, versions=versions)
        counts.append((len(seen), len(again)))
    assert counts[1][0] <= counts[0][0] and counts[1][1] <= counts[0][1]


def test_the_database_holds_that_only_who_left_has_a_destination(garden):
    (child,) = attending(garden)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.filter(child_id=child.pk).update(destination="home")
    assert last_stay(child).destination == ""
