"""Proof files: kept sealed beside the database, taken by one case, looked at for a reason, cleaned when nobody needs them."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import cases, proofs, proofs_files, proofs_rules
from miaoce.registry.approvals.cases import Amendment, Filing
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.proofs_drawing import Drawing
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.facts import facts_of
from miaoce.registry.journal.models import Event, Reading, ReadingOf
from miaoce.registry.vault.rules import KeyMissing, ValueTampered
from tests.factories import children, places
from tests.factories import proofs as papers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now().replace(microsecond=0)


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
def child(garden):
    return children.make_child(garden)


def drawing(text: str = "one") -> Drawing:
    """Return a proof as it was drawn; different texts are different proofs."""
    return Drawing("jpeg", (b"\xff\xd8\xff" + text.encode() + b"\xff\xd9",))


def keep(child, actor, *texts: str, kind: str = "household_book", at=NOW):
    with journal.process("proof.keep", actor=actor, at=at) as process:
        fresh = [proofs.Fresh(child.pk, kind, drawing(text)) for text in texts or ("one",)]
        return proofs.keep(fresh=fresh, process=process)


def file(child, actor, *kept, at=NOW):
    filing = Filing(
        child.pk, "correction", child.kindergarten_id, child.office_id, at.date(), proofs=tuple(one.pk for one in kept)
    )
    with journal.process("case.file", actor=actor, at=at) as process:
        return cases.file(filings=[filing], process=process)


def on_disk() -> list[Path]:
    folder = Path(settings.PROOFS)
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_a_proof_that_came_in_can_be_seen_again_and_lies_on_the_disk_sealed(child, clerk):
    drawn = proofs.draw(papers.photo())
    with journal.process("proof.keep", actor=clerk, at=NOW) as process:
        (kept,) = proofs.keep(fresh=[proofs.Fresh(child.pk, "household_book", drawn)], process=process)
    assert (kept.pages, kept.came_as, kept.uploaded_by, kept.unit_id) == (1, "jpeg", clerk.staff_id, clerk.unit_id)
    assert proofs.pages_of(kept) == drawn.pages
    path = proofs_files.path_of(kept.digest)
    assert path.stat().st_size == kept.size and path.stat().st_mode & 0o077 == 0
    assert b"\xff\xd8\xff" not in path.read_bytes() and drawn.pages[0] not in path.read_bytes()
    event = Event.objects.get(verb="proof.kept")
    assert (event.after, event.child_id) == (facts_of(kept), child.pk)


def test_a_picture_of_a_telephone_passes_the_child_process(child, clerk):
    assert len(proofs.draw(papers.HEIC).pages) == 1
    assert len(proofs.draw(papers.paper(3)).pages) == 3


def test_the_same_file_again_is_the_proof_that_is_there(child, clerk):
    (first,), (again,) = keep(child, clerk), keep(child, clerk, at=NOW + timedelta(minutes=1))
    assert first.pk == again.pk
    assert Event.objects.filter(verb="proof.kept").count() == 1
    (other,) = keep(children.make_child(child.kindergarten), clerk)
    assert other.digest != first.digest


def test_a_kind_that_is_no_code_of_the_list_is_refused(child, clerk):
    with pytest.raises(proofs_rules.UnknownProofKind):
        keep(child, clerk, kind="photo_of_a_cat")
    assert not ProofFile.objects.exists()


def test_only_who_files_may_bring_proofs_in(child, county):
    with pytest.raises(Denied):
        keep(child, county)


def test_enough_unused_proofs_of_a_child_are_enough(child, clerk):
    keep(child, clerk, *(str(count) for count in range(proofs_rules.MOST_FREE)))
    with pytest.raises(proofs_rules.TooManyFree):
        keep(child, clerk, "another")
    assert ProofFile.objects.count() == proofs_rules.MOST_FREE


def test_the_number_of_statements_does_not_grow_with_the_batch(child, clerk):
    with CaptureQueriesContext(connection) as few:
        keep(child, clerk, "a")
    with CaptureQueriesContext(connection) as many:
        keep(child, clerk, *"bcdefgh")
    assert len(few) == len(many)


def test_a_case_takes_its_proofs(child, clerk):
    first, second = keep(child, clerk, "a", "b")
    (case,) = file(child, clerk, first, second).done
    taken = ProofFile.objects.filter(case_id=case.pk)
    assert {one.pk for one in taken} == {first.pk, second.pk}
    assert case.proofs == [first.pk.hex, second.pk.hex]
    assert {one.attached_at for one in taken} == {NOW}
    assert Event.objects.filter(verb="proof.attached").count() == 2


@pytest.mark.parametrize("whose", ["another child", "another kindergarten", "nobody", "given up", "another case"])
def test_a_case_takes_no_proof_that_is_not_its_own(whose, child, clerk):
    (kept,) = keep(child, clerk)
    stranger = places.make_officer("registrar", places.make_kindergarten())
    target = child
    if whose == "another child":
        target = children.make_child(child.kindergarten)
    if whose == "another kindergarten":
        clerk, target = stranger, child
    if whose == "nobody":
        kept.pk = new_id()
    if whose == "given up":
        with journal.process("proof.drop", actor=clerk, at=NOW) as process:
            assert proofs.drop(proof_ids=[kept.pk], process=process) == 1
    if whose == "another case":
        file(child, clerk, kept)
        target = children.make_child(child.kindergarten)
        ProofFile.objects.filter(pk=kept.pk).update(child_id=target.pk)
    before = Case.objects.count()
    with pytest.raises(proofs_rules.ProofTaken):
        file(target, clerk, kept)
    assert Case.objects.count() == before


def test_a_case_that_came_back_takes_more_proofs_and_other_values(child, clerk, county):
    first, second = keep(child, clerk, "a", "b")
    (case,) = file(child, clerk, first).done
    with journal.process("case.send_back", actor=county, at=NOW) as process:
        cases.send_back(chosen={case.pk: 1}, reasons=["evidence_missing"], words="", process=process)
    amended = {
        case.pk: Amendment(facts={"fields": ["name"]}, wanted={"name": "新名"}, words="补上了", proofs=(second.pk,))
    }
    with journal.process("case.refile", actor=clerk, at=NOW) as process:
        (again,) = cases.refile(chosen={case.pk: 2}, amended=amended, process=process).done
    stored = Case.objects.get(pk=case.pk)
    assert stored.proofs == [first.pk.hex, second.pk.hex] and stored.facts == {"fields": ["name"]}
    assert (stored.state, stored.version) == ("filed", 3)
    assert ProofFile.objects.get(pk=second.pk).case_id == case.pk
    folded: dict[str, object] = {}
    for event in Event.objects.filter(subject_id=case.pk).order_by("id"):
        folded |= event.after
    assert {name: value for name, value in folded.items() if value not in (None, "")} == facts_of(stored) | {
        "return_reasons": []
    }
    assert again.pk == case.pk


def test_two_cases_at_once_cannot_both_take_a_proof(transactional_db):
    garden = places.make_kindergarten()
    clerk, child = places.make_officer("registrar", garden), children.make_child(garden)
    (kept,) = keep(child, clerk)
    gate, outcomes = threading.Barrier(2), []

    def take() -> None:
        gate.wait(timeout=30)
        try:
            with journal.process("case.file", actor=clerk, at=NOW) as process:
                proofs.attach(wanted={new_id(): (child.pk, [kept.pk])}, process=process)
            outcomes.append("taken")
        except proofs_rules.ProofTaken:
            outcomes.append("refused")
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "taken"]


def test_who_is_a_party_sees_a_proof_and_nobody_else(child, clerk, county):
    (kept,) = keep(child, clerk)
    colleague = places.make_officer("registrar", child.kindergarten)
    others = [
        places.make_officer("registrar", places.make_kindergarten()),
        places.make_officer("county_reviewer", places.make_office_tree().far_county),
        places.make_officer("analyst", places.make_office_tree().city),
    ]

    def seen_by(officer) -> bool:
        return ProofFile.objects.visible_to(officer).filter(pk=kept.pk).exists()

    assert seen_by(clerk) and seen_by(colleague) and not seen_by(county)
    file(child, clerk, kept)
    assert seen_by(clerk) and seen_by(county)
    assert not any(seen_by(other) for other in others)


def test_a_look_is_logged_with_its_reason_before_anything_is_shown(child, clerk):
    (kept,) = keep(child, clerk)
    proofs.look(proof=kept, reason="核对证件", actor=clerk, at=NOW)
    reading = Reading.objects.get(what="proof:household_book")
    assert (reading.reason, reading.actor_id) == ("核对证件", clerk.staff_id)
    assert ReadingOf.objects.get(reading_id=reading.pk).child_id == child.pk
    with pytest.raises(Denied):
        proofs.look(proof=kept, reason="", actor=clerk, at=NOW)
    with pytest.raises(Denied):
        proofs.look(proof=kept, reason="看看", actor=places.make_officer("principal", child.kindergarten), at=NOW)


def test_a_proof_changed_or_moved_on_the_disk_is_not_shown(child, clerk):
    one, other = keep(child, clerk, "a", "b")
    path, elsewhere = proofs_files.path_of(one.digest), proofs_files.path_of(other.digest)
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(ValueTampered):
        proofs.pages_of(one)
    path.write_bytes(elsewhere.read_bytes())
    with pytest.raises(ValueTampered):
        proofs.pages_of(one)
    path.unlink()
    with pytest.raises(proofs_rules.ProofGone):
        proofs.pages_of(one)


def test_without_the_key_of_the_child_nothing_of_it_can_be_seen(child, clerk):
    from miaoce.registry.vault import actions as vault

    (kept,) = keep(child, clerk)
    vault.forget([child.pk])
    with pytest.raises(KeyMissing):
        proofs.pages_of(kept)


def test_what_no_case_took_is_erased_after_a_week_and_its_bytes_a_day_later(child, clerk):
    import os

    used, left = keep(child, clerk, "used", "left")
    file(child, clerk, used)
    later = NOW + timedelta(days=proofs_rules.FREE_DAYS, hours=1)
    assert not proofs.is_due(at=later - timedelta(hours=2)) and proofs.is_due(at=later)
    with journal.process("proof.clean", actor=clerk, at=later) as process:
        assert proofs.clean(process=process) == 1
    assert not proofs.is_due(at=later)
    assert ProofFile.objects.get(pk=left.pk).erased_at == later
    for path in on_disk():
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    stray = proofs_files.path_of("ab" * 32).with_suffix(".123.part")
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"half")
    assert proofs.sweep(at=NOW) == 0, "what is younger than a day may be on its way"
    os.utime(stray, (NOW.timestamp(), NOW.timestamp()))
    assert proofs.sweep(at=later) >= 2
    assert proofs_files.path_of(used.digest).exists()
    assert not proofs_files.path_of(left.digest).exists() and not stray.exists()
    with pytest.raises(proofs_rules.ProofGone):
        proofs.look(proof=ProofFile.objects.get(pk=left.pk), reason="核对", actor=clerk, at=NOW)


def test_a_proof_given_up_can_be_brought_in_again(child, clerk):
    (kept,) = keep(child, clerk)
    with journal.process("proof.drop", actor=clerk, at=NOW) as process:
        assert proofs.drop(proof_ids=[kept.pk], process=process) == 1
        assert proofs.drop(proof_ids=[kept.pk], process=process) == 0
    (again,) = keep(child, clerk)
    assert again.pk != kept.pk and proofs.pages_of(again) == drawing().pages
