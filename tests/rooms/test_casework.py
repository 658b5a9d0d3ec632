"""Deferral, cancellation and restoration: filed on proof, decided by another at the county, true in the same moment."""

from datetime import UTC, date, datetime, timedelta

import pytest

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import cases, claims
from miaoce.registry.approvals.cases import Filing
from miaoce.registry.approvals.models import Case, ChangeClaim, Clock
from miaoce.registry.approvals.states import ReasonMissing
from miaoce.registry.children.models import Child, ChildNumber, DocumentClaim, NumberClaim
from miaoce.registry.children.silence import quiet
from miaoce.registry.enrolments import casework, graduation, leaving, moving, states, steps
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from tests.factories import children as factory
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
TODAY, BEGAN = date(2026, 11, 2), date(2026, 9, 1)
UNTIL = date(2027, 9, 1)
OF_AGE = "2020-05-01"


class Place:
    """A kindergarten, who files there and who decides at its county."""

    def __init__(self):
        self.garden = places.make_kindergarten(classes=False)
        places.make_groups(self.garden, on=TODAY)
        self.registrar = places.make_officer("registrar", self.garden)
        self.county = places.make_officer("county_reviewer", self.garden.office)

    def child(self, born="2022-05-01"):
        row = {"birth_date": born, "entry_date": BEGAN.isoformat()}
        return factory.make_child(self.garden, at=NOW - timedelta(days=30), **row)

    def file(self, child, reason, on=TODAY, *, words="看过医院证明原件", group=None, actor=None):
        one = Asked(child.pk, Child.objects.get(pk=child.pk).version, reason, on, group, words)
        with journal.process("case.file", actor=actor or self.registrar, at=NOW) as process:
            return casework.file(asked=[one], process=process)

    def agree(self, *moved, actor=None):
        chosen = {case.pk: case.version for one in moved for case in one.done}
        with journal.process("case.agree", actor=actor or self.county, at=NOW) as process:
            return casework.agree(chosen=chosen, process=process)

    def leave(self, child, on=TODAY):
        with journal.process("child.leave", actor=self.registrar, at=NOW) as process:
            chosen = {child.pk: Child.objects.get(pk=child.pk).version}
            return leaving.leave(chosen=chosen, leaving=Leaving(on, "moved", "unknown"), process=process)

    def group(self, name="中一班"):
        return self.garden.groups.get(name=name).pk


@pytest.fixture
def place():
    return Place()


def stays(child):
    found = Enrolment.objects.filter(child_id=child.pk).order_by("started_on", "id")
    return [(stay.state, stay.started_on, stay.ended_on) for stay in found]


def codes(moved):
    return [refusal.code for refusal in moved.refused.values()]


def test_a_deferral_keeps_an_attending_child_where_it_is_and_says_until_when(place):
    child = place.child(OF_AGE)
    filed = place.file(child, "deferral.health", UNTIL)
    assert Clock.objects.get(stopped_at=None).owner_id == place.garden.office_id
    assert Child.objects.get(pk=child.pk).deferred_until_on is None, "nothing is true before the county agrees"
    assert place.agree(filed).refused == {}
    now = Child.objects.get(pk=child.pk)
    assert (now.standing, now.deferred_until_on) == (states.ATTENDING, UNTIL)
    assert not ChangeClaim.objects.exists() and not Clock.objects.filter(stopped_at=None).exists()
    assert not rebuild.compare().tables


def test_a_child_that_left_and_defers_keeps_its_record(place):
    child = place.child(OF_AGE)
    place.leave(child)
    place.agree(place.file(child, "deferral.development", UNTIL))
    assert Child.objects.get(pk=child.pk).standing == states.DEFERRED


@pytest.mark.parametrize(
    ("born", "until", "code"),
    [("2020-09-01", UNTIL, "ENR-19"), (OF_AGE, date(2027, 8, 31), "ENR-20"), (OF_AGE, date(2026, 9, 1), "ENR-20")],
)
def test_a_deferral_is_for_who_is_of_age_and_until_a_september_ahead(place, born, until, code):
    assert codes(place.file(place.child(born), "deferral.health", until)) == [code]


def test_a_case_needs_a_reason_of_the_list_and_a_proof_or_the_paper_that_was_seen(place):
    child = place.child(OF_AGE)
    assert codes(place.file(child, "deferral.nonsense", UNTIL)) == ["ENR-18"]
    assert codes(place.file(child, "deferral.health", UNTIL, words=" ")) == ["ENR-21"]


def test_a_death_ends_the_stay_and_leaves_a_tombstone(place):
    child = place.child()
    filed = place.file(child, "cancellation.death", date(2026, 10, 20))
    assert quiet([child.pk]) == {child.pk}, "silent from the moment it was filed"
    place.agree(filed)
    assert Child.objects.get(pk=child.pk).standing == states.CANCELLED
    assert stays(child) == [(states.CANCELLED, BEGAN, date(2026, 10, 20))]
    assert quiet([child.pk]) == {child.pk}
    assert DocumentClaim.objects.filter(child_id=child.pk).exists()
    assert not rebuild.compare().tables


def test_a_death_ends_another_case_in_hand_and_nothing_else_does(place):
    child = place.child(OF_AGE)
    (deferral,) = place.file(child, "deferral.health", UNTIL).done
    assert codes(place.file(child, "cancellation.mistake")) == ["APR-08"]
    filed = place.file(child, "cancellation.missing")
    assert Case.objects.get(pk=deferral.pk).state == "ended"
    assert claims.in_hand([child.pk])[child.pk].case_id == filed.done[0].pk


def test_a_record_made_by_mistake_is_void_its_number_burnt_its_document_free(place):
    child = place.child()
    digest = ChildNumber.objects.get(child_id=child.pk).digest
    place.agree(place.file(child, "cancellation.mistake"))
    assert Child.objects.get(pk=child.pk).standing == states.VOID
    assert stays(child) == [(states.CANCELLED, BEGAN, BEGAN)], "no day counts"
    assert ChildNumber.objects.get(child_id=child.pk).to_on is not None
    assert NumberClaim.objects.filter(digest=digest).exists(), "never issued again"
    assert not DocumentClaim.objects.filter(child_id=child.pk).exists()
    assert Child.objects.get(pk=child.pk).name, "the evidence is kept"
    assert codes(place.file(child, "restoration.missing", group=place.group())) == ["ENR-22"]
    assert not rebuild.compare().tables


def test_a_wrong_leaving_is_restored_as_if_it_had_not_been(place):
    child = place.child()
    place.leave(child)
    group = Enrolment.objects.get(child_id=child.pk).group_id
    place.agree(place.file(child, "restoration.left", TODAY, group=group))
    assert stays(child) == [(states.ATTENDING, BEGAN, None)]
    assert Enrolment.objects.get(child_id=child.pk).destination == ""
    assert not Clock.objects.filter(stopped_at=None).exists()
    assert not rebuild.compare().tables


def test_a_missing_child_that_is_found_attends_again_from_the_day_it_is_back(place):
    child = place.child()
    place.agree(place.file(child, "cancellation.missing", date(2026, 10, 1)))
    place.agree(place.file(child, "restoration.missing", date(2026, 10, 30), group=place.group()))
    assert stays(child) == [
        (states.CANCELLED, BEGAN, date(2026, 10, 1)), (states.ATTENDING, date(2026, 10, 30), None),
    ]  # fmt: skip
    assert quiet([child.pk]) == set()


def test_a_deferred_child_is_left_out_of_the_graduation(place):
    child = place.child(OF_AGE)
    place.agree(place.file(child, "deferral.health", date(2028, 9, 1)))
    year = places.make_school_year(TODAY)
    found = {one.child.pk: one.why_not.code for one in graduation.candidates(place.registrar, year) if one.why_not}
    assert found == {child.pk: "ENR-12"}


def test_a_foreign_child_is_refused_like_one_that_is_none(place):
    stranger = places.make_officer("registrar", places.make_kindergarten())
    refused = place.file(place.child(), "cancellation.death", actor=stranger)
    assert codes(refused) == ["ENR-02"]
    assert not Case.objects.exists()


def test_only_the_county_agrees_and_another_county_finds_nothing(place):
    filed = place.file(place.child(), "cancellation.death")
    with pytest.raises(Denied):
        place.agree(filed, actor=place.registrar)
    far = places.make_officer("county_reviewer", places.make_office_tree().far_county)
    assert codes(place.agree(filed, actor=far)) == ["APR-01"]
    assert Case.objects.get().state == "filed"


class TestTheStepsOfACase:
    """approvals.cases: who acts next has a clock; a case that came back is mended and sent again."""

    def back(self, place, case, *, words="请补证明"):
        with journal.process("case.send_back", actor=place.county, at=NOW) as process:
            return cases.send_back(chosen={case.pk: case.version}, reasons=[], words=words, process=process)

    def test_sent_back_and_filed_again_the_clock_goes_with_who_acts(self, place):
        (case,) = place.file(place.child(OF_AGE), "deferral.health", UNTIL).done
        (case,) = self.back(place, case).done
        assert Clock.objects.get(stopped_at=None).owner_id == place.garden.pk
        with journal.process("case.refile", actor=place.registrar, at=NOW) as process:
            (case,) = cases.refile(chosen={case.pk: case.version}, process=process).done
        assert (case.state, case.return_words, case.decided_by) == ("filed", "", None)
        assert Clock.objects.get(stopped_at=None).owner_id == place.garden.office_id

    def again(self, place, case, **new):
        child = Child.objects.get(pk=case.child_id)
        asked = {"reason": case.facts["reason"], "on": UNTIL, "words": "补盖章的诊断证明"} | new
        one = Asked(child.pk, child.version, asked["reason"], asked["on"], None, asked["words"])
        with journal.process("case.refile", actor=place.registrar, at=NOW) as process:
            return casework.refile(chosen={case.pk: case.version}, asked={case.pk: one}, process=process)

    def test_mended_with_another_day_and_reason_it_goes_to_the_county_again(self, place):
        (case,) = place.file(place.child(OF_AGE), "deferral.health", date(2028, 9, 1)).done
        (case,) = self.back(place, case).done
        (case,) = self.again(place, case, reason="deferral.development").done
        case.refresh_from_db()
        assert (case.state, case.facts["reason"], case.facts["until"]) == (
            "filed",
            "deferral.development",
            "2027-09-01",
        )
        assert not rebuild.compare().tables

    def test_what_is_mended_is_checked_as_when_it_was_filed(self, place):
        (case,) = place.file(place.child(OF_AGE), "deferral.health", UNTIL).done
        (case,) = self.back(place, case).done
        assert codes(self.again(place, case, on=date(2027, 3, 1))) == ["ENR-20"]
        assert codes(self.again(place, case, words=" ")) == ["ENR-21"]
        assert codes(self.again(place, case, reason="cancellation.death")) == ["ENR-18"], "a case stays of its kind"
        stranger = places.make_officer("registrar", places.make_kindergarten())
        with journal.process("case.refile", actor=stranger, at=NOW) as process:
            foreign = casework.refile(chosen={case.pk: case.version}, asked={}, process=process)
        assert codes(foreign) == ["APR-01"]
        assert Case.objects.get().state == "sent_back"

    def test_sending_back_needs_a_reason_or_words(self, place):
        (case,) = place.file(place.child(OF_AGE), "deferral.health", UNTIL).done
        with pytest.raises(ReasonMissing):
            self.back(place, case, words=" ")
        assert Case.objects.get().state == "filed"

    def test_taken_back_the_child_is_free_again(self, place):
        child = place.child(OF_AGE)
        (case,) = place.file(child, "deferral.health", UNTIL).done
        with journal.process("case.take_back", actor=place.registrar, at=NOW) as process:
            cases.take_back(chosen={case.pk: case.version}, process=process)
        assert not ChangeClaim.objects.exists()
        assert place.file(child, "deferral.health", UNTIL).done

    def test_a_version_that_moved_on_is_refused_alone(self, place):
        one, two = (place.file(place.child(OF_AGE), "deferral.health", UNTIL).done[0] for _ in range(2))
        with journal.process("case.agree", actor=place.county, at=NOW) as process:
            done = casework.agree(chosen={one.pk: one.version, two.pk: 9}, process=process)
        assert [case.pk for case in done.done] == [one.pk]
        assert [refusal.code for refusal in done.refused.values()] == ["APR-02"]

    def test_whoever_filed_does_not_decide(self, place):
        child = place.child(OF_AGE)
        (case,) = place.file(child, "deferral.health", UNTIL).done
        Case.objects.filter(pk=case.pk).update(filed_by=place.county.staff_id)
        with journal.process("case.agree", actor=place.county, at=NOW) as process:
            done = casework.agree(chosen={case.pk: case.version}, process=process)
        assert [refusal.code for refusal in done.refused.values()] == ["APR-03"]

    def test_a_child_has_one_change_in_hand(self, place):
        child = place.child(OF_AGE)
        place.file(child, "deferral.health", UNTIL)
        filing = Filing(child.pk, "deferral", place.garden.pk, place.garden.office_id, TODAY)
        with journal.process("case.file", actor=place.registrar, at=NOW) as process:
            again = cases.file(filings=[filing], process=process)
        assert [refusal.code for refusal in again.refused.values()] == ["APR-08"]


def test_a_death_before_the_school_year_turned_ends_every_stay_that_goes_beyond_it():
    place = Place()
    child = place.child()
    died = TODAY - timedelta(days=10)
    filed = place.file(child, "cancellation.death", died)
    moved = TODAY - timedelta(days=3)
    with journal.process("year.turn", actor=place.registrar, at=NOW) as process:
        taken = steps.take(
            "regroup", chosen={child.pk: 0}, among=steps.visible(process), process=process, beside={"cancellation"}
        )
        group = Group.objects.get(pk=place.group())
        steps.move(taken, verb="child.turned", new={}, on=moved, process=process)
        old = taken.own_stays()
        steps.close(old, verb="enrolment.moved", step="move", on={child.pk: moved}, process=process)
        steps.open_([moving.followed_by(stay, group, moved) for stay in old], verb="enrolment.opened", process=process)
    assert place.agree(filed).done
    stays = Enrolment.objects.filter(child_id=child.pk).order_by("started_on")
    assert [(stay.started_on, stay.ended_on) for stay in stays] == [(BEGAN, died), (moved, moved)]
    assert not rebuild.compare().tables


def test_nobody_is_restored_into_a_kindergarten_that_closed_meanwhile():
    place = Place()
    child = place.child()
    place.leave(child)
    filed = place.file(child, "restoration.left", group=place.group())
    Kindergarten.objects.filter(pk=place.garden.pk).update(closed_on=TODAY)
    refused = place.agree(filed).refused
    assert {refusal.code for refusal in refused.values()} == {"ENR-05"}
    assert Child.objects.get(pk=child.pk).standing == states.LEFT
