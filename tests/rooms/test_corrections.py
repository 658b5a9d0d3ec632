"""Key data corrections: checked when filed, decided by the county on proof, true in one moment, corrected back as easily."""

import threading
from datetime import date, timedelta
from itertools import count

import pytest
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import proofs_rules, states
from miaoce.registry.approvals.models import Case, ChangeClaim, Clock
from miaoce.registry.children import queries, search
from miaoce.registry.children.models import Child, ChildNumber, DocumentClaim, NumberClaim
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.corrections import actions as corrections
from miaoce.registry.corrections import rules
from miaoce.registry.handover.models import SentBack
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.facts import facts_of
from miaoce.registry.journal.models import Event
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Viewer
from tests.factories import changes, children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now().replace(microsecond=0)
TODAY = timezone.localdate(NOW)
BORN, OTHER_BORN = "2023-01-03", "2023-02-04"


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def clerk(garden):
    return places.make_officer("registrar", garden)


@pytest.fixture
def county(garden):
    return places.make_officer("county_reviewer", garden.office)


@pytest.fixture
def child(garden, clerk):
    return children.make_child(garden, registrar=clerk, at=NOW - timedelta(days=2), id_number=boy())


_serial = count(1, 2)


def boy(born: str = BORN) -> str:
    """Return an ID number of a boy that no other call returns."""
    return children.document_number(born, serial=next(_serial))


def girl(born: str = BORN) -> str:
    return children.document_number(born, serial=next(_serial) + 1)


def number_in(child) -> str:
    """Return the number of a child in full."""
    child.refresh_from_db()
    return vault.open_safe([child.pk]).open(child.pk, "child", "number", child.pk, bytes(child.number))


def document_of(child) -> str:
    child.refresh_from_db()
    if child.document_number is None:
        return ""
    return vault.open_safe([child.pk]).open(
        child.pk, "child", "document_number", child.pk, bytes(child.document_number)
    )


def claims_of(child) -> int:
    return DocumentClaim.objects.filter(child_id=child.pk).count()


def found_by(officer, text) -> list:
    return [one.pk for one in search.find(actor=officer, text=text, on=TODAY).children]


def test_a_name_is_corrected_when_the_county_agrees_and_not_before(child, clerk, county):
    (case,) = changes.file(child, clerk, NOW, name="曾子墨").done
    child.refresh_from_db()
    assert (child.name, case.kind, case.state) == ("陈子墨", "correction", states.FILED)
    assert case.facts == {"reason": "recorded_wrong", "fields": ["name"], "flags": []}
    assert ChangeClaim.objects.get(child_id=child.pk).case_id == case.pk
    assert Clock.objects.get(case_id=case.pk, stopped_at=None).owner_id == county.unit_id
    assert changes.agree(case, county, NOW).done
    child.refresh_from_db()
    assert (child.name, child.pinyin, child.initials, child.version) == ("曾子墨", "zengzimo", "zzm", 2)
    assert child.changed_at == NOW
    assert not ChangeClaim.objects.filter(child_id=child.pk).exists()
    assert not Clock.objects.filter(case_id=case.pk, stopped_at=None).exists()
    assert found_by(clerk, "zzm") == [child.pk] and found_by(clerk, "czm") == []


def test_what_was_wrong_from_the_beginning_is_true_from_the_first_day(child, clerk, county):
    case = changes.correct(child, clerk, county, NOW, name="陈子默")
    event = Event.objects.get(verb="child.corrected")
    assert event.effective_on == case.effective_on == date(2026, 9, 1)
    assert (event.before["name"], event.after["name"]) == ("陈子墨", "陈子默")
    assert (event.before["version"], event.after["version"]) == (1, 2)


def test_what_changed_is_true_from_its_day(child, clerk, county):
    day = TODAY - timedelta(days=20)
    changes.correct(child, clerk, county, NOW, name="陈子默", reason="changed", since=day)
    assert Event.objects.get(verb="child.corrected").effective_on == day


def test_the_row_is_what_its_events_say(child, clerk, county):
    before = facts_of(Child.objects.get(pk=child.pk))
    changes.correct(child, clerk, county, NOW, birth_date=OTHER_BORN, id_number=boy(OTHER_BORN))
    changes.correct(child, clerk, county, NOW, proof="two", name="陈子默")
    for event in Event.objects.filter(subject="child", subject_id=child.pk, verb="child.corrected").order_by("id"):
        before |= event.after
    assert before == facts_of(Child.objects.get(pk=child.pk))


def test_the_document_moves_with_its_digests_and_claims(child, clerk, county):
    old, new = document_of(child), boy()
    changes.correct(child, clerk, county, NOW, id_number=new)
    assert document_of(child) == new
    assert found_by(clerk, new) == [child.pk] and found_by(clerk, new[-4:]) == [child.pk]
    assert found_by(clerk, old) == [], "a mistaken document is let go, so that its owner can be registered"
    assert claims_of(child) == 1
    record = queries.record_of(Child.objects.get(pk=child.pk), viewer=Viewer.OWN)
    assert record.document == f"{new[:6]}********{new[-4:]}"


def test_a_document_that_was_the_childs_goes_on_leading_to_it(garden, clerk, county):
    child = children.make_child(garden, registrar=clerk, id_type="birth_certificate", id_number="X990000123")
    changes.correct(
        child,
        clerk,
        county,
        NOW,
        reason="obtained",
        id_type="居民身份证",
        id_number=boy(),
    )
    assert claims_of(child) == 2 and found_by(clerk, "X990000123") == [child.pk]


def test_the_number_stays_when_the_document_changes(child, clerk, county):
    before = number_in(child)
    changes.correct(child, clerk, county, NOW, id_number=boy())
    assert number_in(child) == before and child.number_kind == "G"
    assert ChildNumber.objects.filter(child_id=child.pk).count() == 1


@pytest.mark.parametrize(
    ("kind", "papers"),
    [("L", {"id_type": "none", "id_number": ""}), ("J", {"id_type": "passport", "id_number": "E12345678"})],
)
def test_a_resident_document_makes_the_number_formal_and_the_old_one_leads_on(kind, papers, garden, clerk, county):
    child = children.make_child(garden, registrar=clerk, at=NOW - timedelta(days=30), **papers)
    old, document = number_in(child), boy()
    assert old[0] == child.number_kind == kind
    changes.correct(child, clerk, county, NOW, reason="obtained", id_type="居民身份证", id_number=document)
    assert number_in(child) == f"G{document}" and child.number_kind == "G"
    first, second = ChildNumber.objects.filter(child_id=child.pk).order_by("issued_at")
    assert (first.kind, first.to_on, second.kind, second.from_on, second.to_on) == (
        kind,
        TODAY,
        "G",
        TODAY,
        None,
    )
    assert found_by(clerk, old) == found_by(clerk, f"G{document}") == [child.pk]
    assert NumberClaim.objects.filter(child_id=child.pk).count() == 2
    verbs = Event.objects.filter(child_id=child.pk, recorded_at=NOW).values_list("verb", flat=True)
    assert {"number.superseded", "number.issued", "child.renumbered"} <= set(verbs)


def test_a_formal_number_that_another_child_was_given_is_not_given_again(garden, clerk, county, child):
    """The first child's document was wrong and is corrected; its number stays. The true owner keeps a temporary one."""
    document = document_of(child)
    changes.correct(child, clerk, county, NOW, id_number=boy())
    owner = children.make_child(garden, registrar=clerk, id_type="none", id_number="", name="陈子末")
    before = number_in(owner)
    changes.correct(owner, clerk, county, NOW, reason="obtained", id_type="居民身份证", id_number=document)
    assert document_of(owner) == document and number_in(owner) == before and owner.number_kind == "L"
    assert number_in(child) == f"G{document}"


def test_a_wrong_correction_is_corrected_back(child, clerk, county):
    old = document_of(child)
    changes.correct(child, clerk, county, NOW, name="陈子默", id_number=boy())
    changes.correct(child, clerk, county, NOW, proof="two", name="陈子墨", id_number=old)
    child.refresh_from_db()
    assert (child.name, document_of(child), child.version) == ("陈子墨", old, 3)
    assert found_by(clerk, old) == [child.pk] and claims_of(child) == 1


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"name": "陈子墨"}, rules.NothingChanged),
        ({}, rules.NothingChanged),
        ({"name": "陈1墨"}, rules.NotSound),
        ({"name": ""}, rules.NotSound),
        ({"sex": "女"}, rules.NotSound),
        ({"birth_date": OTHER_BORN}, rules.NotSound),
        ({"id_number": "990101202301030011"}, rules.NotSound),
        ({"id_number": "99010120230103"}, rules.NotSound),
        ({"id_type": "护照", "id_number": "一二三"}, rules.NotSound),
        ({"name": "陈子默", "reason": ""}, rules.ReasonUnknown),
        ({"name": "陈子默", "reason": "other"}, rules.WordsMissing),
        ({"name": "陈子默", "reason": "changed", "since": TODAY + timedelta(days=1)}, rules.NotYet),
        ({"name": "陈子默", "reason": "changed", "since": date(2020, 1, 1)}, rules.NotYet),
    ],
)  # fmt: skip
def test_what_is_not_sound_is_refused_before_anything_is_filed(given, refusal, child, clerk):
    moved = changes.file(child, clerk, NOW, **given)
    assert isinstance(moved.refused[child.pk], refusal)
    assert not moved.done and not Case.objects.exists() and not ChangeClaim.objects.exists()


def test_a_number_that_says_another_birth_date_names_the_field(child, clerk):
    refused = changes.file(child, clerk, NOW, id_number=boy(OTHER_BORN)).refused[child.pk]
    assert isinstance(refused, rules.NotSound)
    assert set(refused.findings) == {"birth_date"} and OTHER_BORN in str(refused)


def test_birth_date_sex_and_document_can_change_together(child, clerk, county):
    number = girl(OTHER_BORN)
    changes.correct(child, clerk, county, NOW, id_number=number, birth_date="2023年2月4日", sex="女")
    child.refresh_from_db()
    assert (child.born_on, child.sex, document_of(child)) == (date(2023, 2, 4), "2", number)


def test_an_old_fault_elsewhere_does_not_stop_a_correction(child, clerk, county):
    """What was registered long ago is nobody's fault today: a child above the age of entry can still be corrected."""
    Child.objects.filter(pk=child.pk).update(born_on=date(2016, 1, 3), document_number=None, document_kind="none")
    changes.correct(child, clerk, county, NOW, name="陈子默")
    child.refresh_from_db()
    assert (child.name, child.born_on) == ("陈子默", date(2016, 1, 3))


def test_without_a_proof_nothing_is_filed(child, clerk):
    with journal.process("correction.file", actor=clerk, at=NOW) as process:
        moved = corrections.file(requests=[changes.request(child, None, name="陈子默")], process=process)
    assert isinstance(moved.refused[child.pk], rules.ProofMissing) and not Case.objects.exists()


def test_a_document_of_another_child_is_refused_with_the_way_out(garden, child, clerk):
    other = children.make_child(garden, registrar=clerk, id_number=boy())
    refused = changes.file(child, clerk, NOW, id_number=document_of(other)).refused[child.pk]
    assert isinstance(refused, rules.DocumentOfAnother)
    assert "按重复学籍处理" in str(refused)


def test_a_document_that_another_child_took_meanwhile_is_refused_when_the_county_agrees(garden, child, clerk, county):
    number = boy()
    (case,) = changes.file(child, clerk, NOW, id_number=number).done
    children.make_child(garden, registrar=clerk, id_number=number)
    moved = changes.agree(case, county, NOW)
    assert isinstance(moved.refused[case.pk], DocumentTaken) and not moved.done
    case.refresh_from_db()
    assert case.state == states.FILED and document_of(child) != number


def test_a_child_that_is_still_being_registered_is_mended_there(garden, clerk):
    waiting = children.make_child(garden, registrar=clerk, state=states.SUBMITTED)
    assert isinstance(changes.file(waiting, clerk, NOW, name="陈子默").refused[waiting.pk], rules.NotRegistered)


@pytest.mark.parametrize("standing", ["promoted", "cancelled"])
def test_a_record_that_went_on_or_ended_is_read_only_here(standing, child, clerk):
    Child.objects.filter(pk=child.pk).update(standing=standing)
    assert isinstance(changes.file(child, clerk, NOW, name="陈子默").refused[child.pk], rules.NotHere)


def test_what_a_school_sent_back_can_be_corrected_of_a_record_that_went_on(child, clerk, county, garden):
    school = places.make_school(garden.office)
    SentBack.objects.create(
        child_id=child.pk, school=school, kindergarten=garden, field="name", sent_at=NOW,
        wanted=vault.open_safe([child.pk]).seal(child.pk, "sent_back", "wanted", child.pk, "陈子默"),
    )  # fmt: skip
    Child.objects.filter(pk=child.pk).update(standing="promoted")
    changes.correct(child, clerk, county, NOW, name="陈子默")
    child.refresh_from_db()
    assert (child.name, child.standing) == ("陈子默", "promoted")


def test_a_child_of_another_kindergarten_is_like_one_that_does_not_exist(child):
    stranger = places.make_officer("registrar", places.make_kindergarten())
    with journal.process("correction.file", actor=stranger, at=NOW) as process:
        moved = corrections.file(requests=[changes.request(child, child.pk, name="陈子默")], process=process)
    assert isinstance(moved.refused[child.pk], rules.NotHere) and "不在本园名单里" in str(moved.refused[child.pk])


def test_two_changes_of_a_child_are_not_in_hand_at_a_time(child, clerk):
    changes.file(child, clerk, NOW, name="陈子默")
    assert isinstance(
        changes.file(child, clerk, NOW, proof="two", name="陈子末").refused[child.pk], states.ChangeInHand
    )


def test_a_principal_files_nothing_and_a_registrar_decides_nothing(child, clerk, garden):
    principal = places.make_officer("principal", garden)
    kept = changes.make_proof(child, clerk, NOW)
    with pytest.raises(Denied), journal.process("correction.file", actor=principal, at=NOW) as process:
        corrections.file(requests=[changes.request(child, kept.pk, name="陈子默")], process=process)
    (case,) = changes.file(child, clerk, NOW, name="陈子默").done
    with pytest.raises(Denied):
        changes.agree(case, clerk, NOW)


def test_who_filed_does_not_agree(child, clerk, county, garden):
    from miaoce.registry.access.models import Staff

    both = places.make_officer("county_reviewer", garden.office, staff=Staff.objects.get(pk=clerk.staff_id))
    (case,) = changes.file(child, clerk, NOW, name="陈子默").done
    assert isinstance(changes.agree(case, both, NOW).refused[case.pk], states.FourEyes)


def test_another_county_agrees_to_nothing_and_learns_nothing(child, clerk):
    (case,) = changes.file(child, clerk, NOW, name="陈子默").done
    far = places.make_officer("county_reviewer", places.make_office_tree().far_county)
    refused = changes.agree(case, far, NOW).refused[case.pk]
    assert isinstance(refused, states.StepNotAllowed) and "不在本单位名单里" in str(refused)


def test_a_case_of_another_kind_is_not_agreed_to_here(child, clerk, county):
    (case,) = changes.file(child, clerk, NOW, name="陈子默").done
    Case.objects.filter(pk=case.pk).update(kind="deferral")
    assert not changes.agree(case, county, NOW).done
    case.refresh_from_db()
    assert case.state == states.FILED


def test_sent_back_mended_and_agreed(child, clerk, county):
    (case,) = changes.file(child, clerk, NOW, name="陈子默").done
    with journal.process("correction.send_back", actor=county, at=NOW) as process:
        corrections.send_back(chosen={case.pk: 1}, reasons=["name_mismatch"], words="户口簿上是“末”", process=process)
    case.refresh_from_db()
    assert (case.state, case.return_words) == (states.SENT_BACK, "户口簿上是“末”")
    assert Clock.objects.get(case_id=case.pk, stopped_at=None).owner_id == clerk.unit_id
    with journal.process("correction.refile", actor=clerk, at=NOW) as process:
        mended = {case.pk: changes.request(child, None, name="陈子末")}
        moved = corrections.refile(chosen={case.pk: 2}, requests=mended, process=process)
    assert not moved.refused
    changes.agree(case, county, NOW)
    child.refresh_from_db()
    assert child.name == "陈子末"


def test_a_mended_case_is_checked_again(child, clerk, county):
    (case,) = changes.file(child, clerk, NOW, name="陈子默").done
    with journal.process("correction.send_back", actor=county, at=NOW) as process:
        corrections.send_back(chosen={case.pk: 1}, reasons=["name_mismatch"], words="", process=process)
    with journal.process("correction.refile", actor=clerk, at=NOW) as process:
        bad = {case.pk: changes.request(child, None, name="陈2")}
        moved = corrections.refile(chosen={case.pk: 2}, requests=bad, process=process)
    assert isinstance(moved.refused[case.pk], rules.NotSound)
    case.refresh_from_db()
    assert case.state == states.SENT_BACK


def test_taken_back_leaves_the_child_as_it_was_and_free(child, clerk):
    (case,) = changes.file(child, clerk, NOW, name="陈子默").done
    with journal.process("correction.take_back", actor=clerk, at=NOW) as process:
        assert corrections.take_back(chosen={case.pk: 1}, process=process).done
    child.refresh_from_db()
    assert child.name == "陈子墨" and changes.file(child, clerk, NOW, proof="two", name="陈子默").done


def test_a_proof_of_another_child_refuses_all(garden, child, clerk):
    other = children.make_child(garden, registrar=clerk)
    kept = changes.make_proof(other, clerk, NOW)
    with pytest.raises(proofs_rules.ProofTaken), journal.process("correction.file", actor=clerk, at=NOW) as process:
        corrections.file(requests=[changes.request(child, kept.pk, name="陈子默")], process=process)
    assert not Case.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_batch(garden, clerk, county):
    found = children.make_children([{"name": f"陈子{sign}"} for sign in "甲乙丙丁戊己庚辛"], garden, registrar=clerk)

    def run(some) -> tuple[int, int]:
        kept = [changes.make_proof(one, clerk, NOW) for one in some]
        asked = [changes.request(one, proof.pk, name=f"{one.name}二") for one, proof in zip(some, kept, strict=True)]
        with CaptureQueriesContext(connection) as filing, journal.process("c.file", actor=clerk, at=NOW) as process:
            done = corrections.file(requests=asked, process=process).done
        with CaptureQueriesContext(connection) as agreeing, journal.process("c.agree", actor=county, at=NOW) as process:
            assert len(corrections.agree(chosen={case.pk: 1 for case in done}, process=process).done) == len(some)
        return len(filing), len(agreeing)

    assert run(found[:2]) == run(found[2:])


def test_one_wrong_case_of_a_batch_stays_alone(garden, clerk, county):
    one, two = children.make_children([{"name": "陈一"}, {"name": "陈二"}], garden, registrar=clerk)
    (first,), (second,) = (
        changes.file(one, clerk, NOW, name="陈甲").done,
        changes.file(two, clerk, NOW, name="陈乙").done,
    )
    with journal.process("c.agree", actor=county, at=NOW) as process:
        moved = corrections.agree(chosen={first.pk: 9, second.pk: 1}, process=process)
    assert [case.pk for case in moved.done] == [second.pk]
    assert isinstance(moved.refused[first.pk], states.ChangedSinceShown)
    assert sorted(Child.objects.filter(pk__in=[one.pk, two.pk]).values_list("name", flat=True)) == ["陈一", "陈乙"]


def test_of_two_reviewers_who_agree_at_once_one_does(transactional_db):
    garden = places.make_kindergarten()
    clerk = places.make_officer("registrar", garden)
    reviewers = [places.make_officer("county_reviewer", garden.office) for _ in range(2)]
    child = children.make_child(garden, registrar=clerk, id_number=boy())
    (case,) = changes.file(child, clerk, NOW, name="陈子默", id_number=boy()).done
    gate, done = threading.Barrier(2), []

    def decide(reviewer) -> None:
        gate.wait(timeout=30)
        try:
            with journal.process("c.agree", actor=reviewer, at=NOW) as process:
                done.append(len(corrections.agree(chosen={case.pk: 1}, process=process).done))
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=decide, args=(one,)) for one in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1]
    child.refresh_from_db()
    assert (child.version, claims_of(child)) == (2, 1)
    assert Event.objects.filter(verb="child.corrected").count() == 1
