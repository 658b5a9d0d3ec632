"""Pairs that could be one child: which are open, and what was decided about them, remembered."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.matching import pairs, words
from miaoce.registry.matching.models import MatchPair, MatchRecord

pytestmark = pytest.mark.django_db


def found(verdict: str = "review", **columns) -> MatchPair:
    """Return a pair as a run leaves it."""
    one, other = sorted([new_id(), new_id()])
    now = timezone.now()
    return MatchPair.objects.create(
        one_id=one, other_id=other, code="1111130112010", verdict=verdict, basis="b" * 64, found_at=now, judged_at=now, **columns
    )  # fmt: skip


def decide(*decided: MatchPair, verdict: str = "different") -> list[MatchPair]:
    with journal.process("pair.decide", actor=the_system(), at=timezone.now()) as process:
        return pairs.remember(pairs=[(p.other_id, p.one_id) for p in decided], verdict=verdict, process=process)


def record(child_id, digest: str) -> None:
    MatchRecord.objects.create(
        child_id=child_id, child_version=1, form=1, features=b"", digest=digest, made_at=timezone.now()
    )


def test_what_is_the_same_or_to_be_looked_at_is_offered_and_a_twin_is_not():
    wanted = {found("same").pk, found("review").pk}
    found("twin")
    assert {pair.pk for pair in pairs.open_pairs()} == wanted


@pytest.mark.parametrize("verdict", pairs.DECISIONS)
def test_what_was_decided_is_not_offered_again(verdict):
    pair = found()
    decide(pair, verdict=verdict)
    assert not pairs.open_pairs().exists()
    assert MatchPair.objects.get(pk=pair.pk).decided == verdict


def test_a_decision_keeps_on_what_data_it_rests():
    pair = found()
    record(pair.one_id, "1" * 32)
    record(pair.other_id, "2" * 32)
    decide(pair)
    assert MatchPair.objects.get(pk=pair.pk).decided_basis == "1" * 32 + "2" * 32


def test_saying_the_same_again_notes_nothing():
    pair = found()
    decide(pair)
    decide(pair)
    assert Event.objects.filter(verb="pair.decided").count() == 1


def test_a_pair_that_no_run_found_is_remembered_too():
    one, other = new_id(), new_id()
    with journal.process("pair.decide", actor=the_system(), at=timezone.now()) as process:
        (pair,) = pairs.remember(pairs=[(one, other)], verdict="different", process=process)
    assert {pair.one_id, pair.other_id} == {one, other}
    assert pair.verdict == "different"


def test_many_are_remembered_by_as_many_statements_as_one():
    one, many = found(), [found() for _ in range(30)]
    counts = []
    for some in ([one], many):
        with CaptureQueriesContext(connection) as seen:
            decide(*some)
        counts.append(sum(not q["sql"].startswith("UPDATE") for q in seen))
    assert counts[0] == counts[1]


def test_an_unknown_decision_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="no decision"):
        decide(found(), verdict="maybe")


def test_the_pairs_of_a_child_are_found_from_either_side():
    pair = found()
    found()
    assert list(pairs.pairs_of([pair.one_id])) == list(pairs.open_pairs(child_ids=[pair.other_id])) == [pair]


def test_the_database_keeps_a_pair_once_and_in_order():
    pair = found()
    for one, other in ((pair.one_id, pair.other_id), (pair.other_id, pair.one_id)):
        with pytest.raises(IntegrityError), transaction.atomic():
            MatchPair.objects.create(
                one_id=one, other_id=other, code="", verdict="review", basis="", found_at=pair.found_at,
                judged_at=pair.found_at,
            )  # fmt: skip


def test_a_code_is_said_in_words():
    assert "同姓" in words.said("1111130112010")
    assert words.reasons_of("") == words.attributes_of("") == []
    assert ("姓", "同姓") in words.attributes_of("1111130112010")
    assert (words.verdict_of("twin"), words.decided_as("unsure")) == ("双胞胎", "暂不能确定")
