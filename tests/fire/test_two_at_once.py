"""R-09 and R-12: two who decide the same, four who give out the same numbers, eight who claim the same document."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from miaoce.registry import rows
from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child, ChildNumber, DocumentClaim, NumberClaim
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments import numbering
from miaoce.registry.enrolments.actions import Admission
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from tests.factories.children import RECALL_MINUTES, child_values, make_children
from tests.factories.places import make_kindergarten, make_officer
from tests.fire.dying import finish, start, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NO_PAPERS = {"id_type": "none", "id_number": ""}
Say = Callable[[str], None]


def deciding(who: Officer, chosen: dict[UUID, int], at: datetime, *, verb: str, seed: int) -> Callable[[Say], None]:
    """Return the act of a reviewer who decides cases in an order of their own, twenty-five at a time."""

    def run(say: Say) -> None:
        mine = list(chosen)
        random.Random(seed).shuffle(mine)
        for start_ in range(0, len(mine), 25):
            part = {case: chosen[case] for case in mine[start_ : start_ + 25]}
            with journal.process(f"approval.{verb}", actor=who, at=at) as process:
                if verb == "approve":
                    out = enrolments.approve(chosen=part, process=process, recall_minutes=RECALL_MINUTES)
                else:
                    out = enrolments.return_(chosen=part, reasons=[], words="请补材料", process=process)
            say(f"won:{len(out.done)}")
            for refusal in out.refused.values():
                say(f"{refusal.code}:{str(refusal).replace(' ', '')}")

    return run


@pytest.mark.parametrize("verbs", [("approve", "approve"), ("approve", "return")])
def test_of_two_who_decide_five_hundred_children_exactly_one_wins_each(verbs: tuple[str, str]) -> None:
    place, at = make_kindergarten(), timezone.now()
    make_children([NO_PAPERS] * 500, place, state=states.SUBMITTED)
    chosen = dict(Proposal.objects.values_list("id", "version"))
    reviewers = [make_officer("county_reviewer", place.office) for _ in verbs]
    ended = together(
        [deciding(who, chosen, at, verb=v, seed=n) for n, (who, v) in enumerate(zip(reviewers, verbs, strict=True))]
    )
    assert [one.error for one in ended] == ["", ""]
    won = [sum(int(word[4:]) for word in one.said if word.startswith("won:")) for one in ended]
    refused = [word for one in ended for word in one.said if not word.startswith("won:")]
    assert sum(won) == 500
    assert len(refused) == 500
    assert {word.split(":")[0] for word in refused} <= {"APR-01", "APR-02"}
    assert all(states.LABELS[states.APPROVED] in w or states.LABELS[states.RETURNED] in w for w in refused if "01" in w)
    cases = list(Proposal.objects.all())
    assert {case.version for case in cases} == {2}
    by = Counter(case.decided_by for case in cases)
    assert [by[who.staff_id] for who in reviewers] == won
    decided = Counter(
        Event.objects.filter(verb__in=["proposal.approved", "proposal.returned"]).values_list("subject_id")
    )
    assert set(decided.values()) == {1}
    assert len(decided) == 500


def test_a_case_that_changed_since_it_was_shown_is_refused_and_no_other() -> None:
    place, at = make_kindergarten(), timezone.now()
    children = make_children([NO_PAPERS] * 30, place, state=states.SUBMITTED)
    shown = dict(Proposal.objects.values_list("id", "version"))
    stale = Proposal.objects.get(child_id=children[7].pk)
    Proposal.objects.filter(pk=stale.pk).update(version=stale.version + 1)
    with journal.process("approval.approve", actor=make_officer("county_reviewer", place.office), at=at) as process:
        out = enrolments.approve(chosen=shown, process=process, recall_minutes=RECALL_MINUTES)
    assert {case: refusal.code for case, refusal in out.refused.items()} == {stale.pk: "APR-02"}
    assert len(out.done) == 29


def issuing(at: datetime, *, limit: int, die_after: int | None) -> Callable[[Say], None]:
    """Return the act of a worker that issues until nothing is due, or dies in the midst of its n-th turn or a later one."""

    def run(say: Say) -> None:
        turn = 0
        while True:
            turn += 1
            try:
                with journal.process("number.issue", actor=the_system(), at=at) as process:
                    issued = numbering.issue_due(process=process, limit=limit)
                    if die_after is not None and turn >= die_after:
                        os.kill(os.getpid(), signal.SIGKILL)
            except numbering.AnotherWorker:
                time.sleep(random.uniform(0, 0.02))
                continue
            say(str(issued))
            if not issued:
                return

    return run


def race(at: datetime, *, workers: int, limit: int, kills: int) -> None:
    """Let workers race for the numbers that are due; some die in the midst of it and one comes after them."""
    ended = together([issuing(at, limit=limit, die_after=1 if n < kills else None) for n in range(workers)])
    assert [one.error for one in ended] == [""] * workers
    assert sum(one.was_killed for one in ended) == kills
    again = finish(*start(issuing(at, limit=limit, die_after=None)))
    assert again.error == ""


def must_be_numbered_once(children: list[Child]) -> None:
    """Each child has one number that no other child has or had."""
    ids = [child.pk for child in children]
    numbers = list(ChildNumber.objects.filter(child_id__in=ids))
    assert len(numbers) == len({number.child_id for number in numbers}) == len(ids)
    safe = vault.open_safe(ids)
    clear = {safe.open(n.child_id, "child_number", "number", n.pk, bytes(n.number)) for n in numbers}
    assert len(clear) == len(ids)
    claims = dict(NumberClaim.objects.filter(child_id__in=ids).values_list("digest", "child_id"))
    assert {number.digest: number.child_id for number in numbers} == claims


def test_four_workers_give_two_thousand_children_a_number_each_and_use_no_burnt_one() -> None:
    """All without papers and born on one day of four: forty numbers in a hundred are taken, so that draws collide."""
    place, later = make_kindergarten(), timezone.now() + timedelta(hours=1)
    born = ["2023-01-03", "2023-01-04", "2023-01-05", "2023-01-06"]
    papers = [NO_PAPERS | {"birth_date": born[number % 4]} for number in range(2_000)]
    children = make_children(papers, place, state=states.APPROVED)
    burnt = [
        NumberClaim(digest=vault.digest(Purpose.NUMBER_CLAIM, f"L990101{day.replace('-', '')}{ending:04d}"),
                    child_id=new_id(), claimed_at=later)
        for day in born
        for ending in random.sample(range(10_000), 4_000)
    ]  # fmt: skip
    with transaction.atomic():  # one commit, not sixteen thousand
        rows.insert(burnt)
    race(later, workers=4, limit=120, kills=2)
    must_be_numbered_once(children)
    held = dict(
        NumberClaim.objects.filter(digest__in=[c.digest for c in burnt[:5_000]]).values_list("digest", "child_id")
    )
    assert held == {claim.digest: claim.child_id for claim in burnt[:5_000]}
    assert NumberClaim.objects.count() == len(burnt) + len(children)


def test_asking_again_after_the_race_gives_the_same_numbers() -> None:
    place, later = make_kindergarten(), timezone.now() + timedelta(hours=1)
    children = make_children([NO_PAPERS] * 40, place, state=states.APPROVED)
    race(later, workers=4, limit=7, kills=1)
    before = dict(ChildNumber.objects.values_list("child_id", "digest"))
    with journal.process("number.issue", actor=the_system(), at=later) as process:
        assert numbering.issue(child_ids=[child.pk for child in children], process=process) == []
        assert numbering.issue_due(process=process) == 0
    assert dict(ChildNumber.objects.values_list("child_id", "digest")) == before
    assert NumberClaim.objects.count() == 40


def test_one_document_brought_by_eight_kindergartens_makes_one_child() -> None:
    places = [make_kindergarten() for _ in range(8)]
    registrars = [make_officer("registrar", place) for place in places]
    groups = [place.groups.order_by("sort")[1] for place in places]
    documents = [child_values() for _ in range(12)]
    at = timezone.now()

    def bringing(number: int) -> Callable[[Say], None]:
        def run(say: Say) -> None:
            mine = random.Random(number).sample(documents, len(documents))
            admissions = [Admission(new_id(), values, groups[number]) for values in mine]
            with journal.process("intake.submit", actor=registrars[number], at=at) as process:
                out = enrolments.submit(admissions=admissions, kindergarten=places[number], process=process)
            for _ in out.sent:
                say("sent")
            for refusal in out.refused.values():
                say(refusal.code)

        return run

    ended = together([bringing(number) for number in range(8)])
    assert [one.error for one in ended] == [""] * 8
    assert Counter(word for one in ended for word in one.said) == {"sent": 12, "CHD-01": 84}
    assert Child.objects.count() == DocumentClaim.objects.count() == Proposal.objects.count() == 12
    assert set(DocumentClaim.objects.values_list("child_id", flat=True)) == set(
        Child.objects.values_list("pk", flat=True)
    )


@pytest.mark.soak
def test_two_hundred_thousand_numbers_by_four_workers(figure: Callable[[str], None]) -> None:
    """Four times fifty thousand; workers die and are replaced until every child has its number."""
    later, died, done = timezone.now() + timedelta(hours=1), 0, 0
    place = make_kindergarten()
    registrar, reviewer = make_officer("registrar", place), make_officer("county_reviewer", place.office)
    group = place.groups.order_by("sort")[1]
    while done < 200_000:
        papers = [NO_PAPERS | {"birth_date": f"2022-{1 + n % 12:02d}-{1 + n // 12 % 28:02d}"} for n in range(10_000)]
        children = make_children(
            papers, place, state=states.APPROVED, registrar=registrar, reviewer=reviewer, group=group
        )
        race(later, workers=4, limit=random.choice([200, 500, 1_000]), kills=2)
        died += 2
        must_be_numbered_once(children)
        done += len(children)
    assert ChildNumber.objects.count() == NumberClaim.objects.count() == done
    assert Child.objects.filter(state=states.NUMBERED).count() == done
    figure(f"{done} numbers by 4 workers, {died} of them killed, 0 twice")
