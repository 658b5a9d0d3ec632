"""`bench/scores.py`: what is counted on pairs, that rolls add up, and that a scorer that counts otherwise ends the run."""

from pathlib import Path

import pytest

from bench.scores import Tally, must_agree, tally

TOLD = {
    "true_pairs": 2, "same": 2, "review": 1, "false_same": 1, "missed": 0, "twin_pairs": 1, "twins_same": 1,
    "twins_review": 0, "by_kind": {"birth_year": (2, 0.5, 1.0), "id_missing": (1, 0.0, 1.0)},
}  # fmt: skip


@pytest.fixture
def roll(tmp_path: Path) -> Path:
    """Return the folder of a labelled roll of five records: two true pairs, one pair of twins."""
    (tmp_path / "roll.csv").write_text("record\n" + "".join(f"R{number}\n" for number in range(1, 6)))
    (tmp_path / "truth.csv").write_text("left,right\nR1,R2\nR4,R3\n")
    (tmp_path / "twins.csv").write_text("left,right\nR1,R5\n")
    (tmp_path / "kinds.csv").write_text("left,right,kinds\nR1,R2,birth_year\nR3,R4,birth_year;id_missing\n")
    return tmp_path


VERDICTS = {("R1", "R2"): "same", ("R3", "R4"): "review", ("R1", "R5"): "same"}


def test_right_and_wrong_pairs_are_counted_whichever_way_round_they_stand(roll: Path) -> None:
    found = tally(roll, VERDICTS)
    assert found.share("same_right", "same") == 0.5
    assert found.share("offered_right", "true") == 1
    assert found.share("twins_same", "twins") == 1
    assert found.load == 200


def test_recall_is_told_by_kind_of_slip(roll: Path) -> None:
    found = tally(roll, VERDICTS)
    assert (found.kinds["birth_year"], found.kinds_same["birth_year"], found.kinds_offered["birth_year"]) == (2, 1, 2)
    assert found.kinds_same["id_missing"] == 0


def test_several_rolls_are_pooled_before_shares_are_taken(roll: Path) -> None:
    pooled = Tally()
    pooled += tally(roll, VERDICTS)
    pooled += tally(roll, {("R1", "R2"): "same"})
    assert pooled.share("same_right", "same") == 2 / 3
    assert pooled.counts["records"] == 10


def test_agreeing_with_the_other_scorer_is_silent(roll: Path) -> None:
    assert must_agree(tally(roll, VERDICTS), TOLD) is None


@pytest.mark.parametrize(
    "otherwise",
    [
        {"missed": 1},
        {"twins_same": 0},
        {"by_kind": {"birth_year": (2, 1.0, 1.0)}},
        {"by_kind": {"id_missing": (2, 0.0, 1.0)}},
    ],
)
def test_a_scorer_that_counts_otherwise_ends_the_run(roll: Path, otherwise: dict[str, object]) -> None:
    with pytest.raises(RuntimeError, match="differ"):
        must_agree(tally(roll, VERDICTS), TOLD | otherwise)
