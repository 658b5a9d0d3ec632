"""`miaoce match` on bare rolls: the contract, what Chinese names and dates do, and that no order changes the answer."""

import csv
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.matching import bare, tables
from miaoce.registry.matching.comparison import WIDTH
from miaoce.registry.matching.outcomes import Verdict
from miaoce.registry.matching.rules import ColumnMissing, RecordTwice

COLUMNS = (
    "record", "name", "sex", "birth_date", "id_type", "id_number", "ethnicity", "hukou_region", "address", "guardian1_name",
    "guardian1_relation", "guardian1_id_number", "guardian1_phone", "guardian2_name", "guardian2_relation",
    "guardian2_id_number", "guardian2_phone", "kindergarten", "entry_date", "exit_date",
)  # fmt: skip
GIVEN, FAMILY = "梓涵宇轩欣怡浩然雨桐思远嘉宁若曦", "陈林黄张李王吴刘蔡杨许郑谢郭洪曾"
SHARED = Path(__file__).parents[4] / "shared" / "rolls" / "match-20k"


def child(number: int, **given: str) -> dict[str, str]:
    """Return a record of a child that no other number returns."""
    maker = random.Random(number)
    born = f"{maker.choice((2021, 2022))}-{maker.randint(1, 12):02d}-{maker.randint(1, 28):02d}"
    father, mother = ("".join([maker.choice(FAMILY), *maker.sample(GIVEN, 2)]) for _ in range(2))
    base = {
        "record": f"R{number:05d}", "name": father[0] + "".join(maker.sample(GIVEN, 2)), "sex": str(maker.randint(1, 2)),
        "birth_date": born, "ethnicity": "01", "hukou_region": "990101", "address": f"青禾区新苗路{number}号{number % 9}室",
        "guardian1_name": father, "guardian1_relation": "51", "guardian1_phone": f"138{maker.randint(0, 99999999):08d}",
        "guardian2_name": mother, "guardian2_relation": "52", "guardian2_phone": f"139{maker.randint(0, 99999999):08d}",
        "kindergarten": f"11990{number % 40:05d}", "entry_date": "2024-09-01",
    }  # fmt: skip
    return base | given


def found(tmp_path: Path, rows: list[dict[str, str]]) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Match rows as a roll and return verdict, code and reasons of each pair."""
    with (tmp_path / "roll.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    bare.match(tmp_path / "roll.csv", out=tmp_path / "pairs.csv", outcomes=tables.shipped().outcomes)
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    pairs = {(line["left"], line["right"]): (line["verdict"], line["code"], line["reasons"]) for line in lines}
    assert len(pairs) == len(lines)
    assert all(left < right for left, right in pairs)
    return pairs


CROWD = [child(number) for number in range(400)]


def again(of: int, **changes: str) -> dict[str, str]:
    """Return the same child as it was written down a second time elsewhere."""
    return child(of) | {"record": "X00001", "kindergarten": "1199000041", "entry_date": "2025-02-17"} | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "出生日期相同"),
        ({"guardian1_phone": "", "address": ""}, "监护人姓名都相同"),
    ],
)
def test_a_child_written_down_twice_is_found_and_said_why(tmp_path, changes, words):
    verdict, _, reasons = found(tmp_path, [*CROWD, again(7, **changes)])[("R00007", "X00001")]
    assert verdict in {"same", "review"}
    assert words in reasons


def test_day_and_month_that_were_swapped_are_still_the_child(tmp_path):
    year, month, day = next(
        c["birth_date"].split("-")
        for c in CROWD
        if 1 <= int(c["birth_date"][8:]) <= 12 and c["birth_date"][5:7] != c["birth_date"][8:]
    )
    number = next(n for n, c in enumerate(CROWD) if c["birth_date"] == f"{year}-{month}-{day}")
    pairs = found(tmp_path, [*CROWD, again(number, birth_date=f"{year}-{day}-{month}")])
    assert pairs[(f"R{number:05d}", "X00001")][0] in {"same", "review"}


def test_twins_are_recognised_and_not_offered_as_one_child(tmp_path):
    one = child(11)
    two = one | {"record": "X00002", "name": one["name"][0] + "泽楷"}
    verdict, _, _ = found(tmp_path, [*CROWD, two])[("R00011", "X00002")]
    assert verdict == "twin"


def test_strangers_are_no_pair(tmp_path):
    assert not {v for v, _, _ in found(tmp_path, CROWD).values()} & {"same"}


@pytest.mark.slow
def test_the_order_of_the_rows_changes_nothing(tmp_path):
    rows = [*CROWD, again(7), child(11) | {"record": "X00002", "name": "陈泽楷"}]
    first = found(tmp_path, rows)
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        assert found(tmp_path, rows) == first
    assert first


@given(st.lists(st.lists(st.integers(0, 9), min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=20))
def test_every_code_has_one_outcome(digits):
    codes = np.array(digits, dtype=np.uint8)
    outcomes = tables.shipped().outcomes
    verdicts = outcomes.of(codes)
    assert set(verdicts.tolist()) <= set(Verdict)
    assert [int(outcomes.of(code[None, :])[0]) for code in codes] == verdicts.tolist()


def test_a_roll_that_lacks_a_column_or_names_a_record_twice_says_so(tmp_path):
    (tmp_path / "roll.csv").write_text("record,name\nR1,陈一\n", encoding="utf-8")
    with pytest.raises(ColumnMissing):
        bare.match(tmp_path / "roll.csv", out=tmp_path / "pairs.csv", outcomes=tables.shipped().outcomes)
    with pytest.raises(RecordTwice):
        found(tmp_path, [child(1), child(1)])


@pytest.mark.slow
def test_the_bars_hold_on_the_labelled_roll_beside_the_project(tmp_path):
    if not SHARED.is_dir():
        pytest.skip("shared/rolls is not beside the project")
    bare.match(SHARED / "roll.csv", out=tmp_path / "pairs.csv", outcomes=tables.shipped().outcomes)
    truth, twins = (_pairs(SHARED / name) for name in ("truth.csv", "twins.csv"))
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        verdicts = {(line["left"], line["right"]): line["verdict"] for line in csv.DictReader(file)}
    same = {pair for pair, verdict in verdicts.items() if verdict == "same"}
    review = {pair for pair, verdict in verdicts.items() if verdict == "review"}
    assert len(same & truth) / len(same) >= 0.999
    assert len(same & truth) / len(truth) >= 0.80
    assert len((same | review) & truth) / len(truth) >= 0.97
    assert len(review) <= 6 * 20
    assert not same & twins
    assert len(review & twins) <= 0.08 * len(twins)


def _pairs(path: Path) -> set[tuple[str, str]]:
    """Return the pairs of a file of labels, the lower record first."""
    with path.open(encoding="utf-8", newline="") as file:
        return {tuple(sorted(line[:2])) for line in list(csv.reader(file))[1:]}  # type: ignore[misc]  # two of them
