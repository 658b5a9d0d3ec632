"""One change of a child at a time, held by a claim: who was first has it until it ends."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import claims, states
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from tests.fire.dying import together


def claim(cases, kind="transfer"):
    with journal.process("case.file", actor=the_system(), at=timezone.now()) as process:
        return claims.claim(cases=cases, kind=kind, process=process)


@pytest.mark.django_db
def test_the_first_claim_holds_and_the_second_is_told_which_kind():
    child = new_id()
    assert claim({child: new_id()}, states.DEFERRAL) == {}
    assert claim({child: new_id()}, "transfer") == {child: states.DEFERRAL}


@pytest.mark.django_db
def test_claiming_again_for_the_same_case_is_the_same_claim():
    child, case = new_id(), new_id()
    assert claim({child: case}) == claim({child: case}) == {}
    assert ChangeClaim.objects.count() == 1


@pytest.mark.django_db
def test_of_a_batch_only_the_free_are_claimed():
    held, free = new_id(), new_id()
    claim({held: new_id()})
    assert claim({held: new_id(), free: new_id()}, states.CORRECTION) == {held: "transfer"}
    assert {c: one.kind for c, one in claims.in_hand([held, free]).items()} == {
        held: "transfer",
        free: states.CORRECTION,
    }


@pytest.mark.django_db
def test_a_case_that_ends_lets_go_of_its_own_child_only():
    mine, other = {new_id(): new_id()}, {new_id(): new_id()}
    claim(mine | other)
    claims.release(case_ids=mine.values())
    assert set(claims.in_hand([*mine, *other])) == set(other)
    assert claim({child: new_id() for child in mine}) == {}


@pytest.mark.django_db
def test_more_children_than_one_statement_takes_are_claimed_and_let_go():
    cases = {new_id(): new_id() for _ in range(4_100)}
    assert claim(cases) == {}
    assert len(claims.in_hand(cases)) == 4_100
    claims.release(case_ids=cases.values())
    assert claims.in_hand(cases) == {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_four_who_claim_the_same_two_hundred_children_each_is_held_by_one():
    children = [new_id() for _ in range(200)]

    def claiming(number: int) -> Callable[[Callable[[str], None]], None]:
        def run(say: Callable[[str], None]) -> None:
            mine = children if number % 2 else children[::-1]
            for start in range(0, len(mine), 20):
                lost = claim({child: new_id() for child in mine[start : start + 20]}, f"kind{number}")
                say(f"won{number}:{20 - len(lost)}")

        return run

    ended = together([claiming(number) for number in range(4)])
    assert [one.error for one in ended] == [""] * 4
    won = Counter[str]()
    for one in ended:
        for word in one.said:
            kind, _, count = word.partition(":")
            won[kind] += int(count)
    assert sum(won.values()) == 200
    held = Counter(f"won{kind[-1]}" for kind in ChangeClaim.objects.values_list("kind", flat=True))
    assert held == +won
