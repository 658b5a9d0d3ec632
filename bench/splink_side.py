"""Splink on one roll: what somebody who knows it would set up in a day. Runs in `.venv-bench`, knows nothing of Miaoce.

    .venv-bench/bin/python bench/splink_side.py ROLL.csv PAIRS.csv

Writes `left,right,weight,rule` for every pair that Splink scores above 0.001: rule is `twin` where the rule for twins and siblings
holds (then the pair is no duplicate), `document` where two sound documents contradict one another (then never the same without
a person), else empty. The model is trained on the roll itself by expectation maximisation; it sees no label.
"""

import logging
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from pypinyin import lazy_pinyin
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

LEAST, SHARED = 0.001, 4
SEED = 20_260_901
WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
GUARDIANS = ("guardian1", "guardian2")


def tidy(roll: Path) -> pd.DataFrame:
    """Return the roll with what is compared: names without dots and spaces, their sounds, dates in parts, lists of guardians."""
    cells = pd.read_csv(roll, dtype=str, keep_default_na=False)
    plain = cells["name"].str.replace(r"[\s·•.．]|[(（].*$", "", regex=True)
    found = pd.DataFrame({"unique_id": cells["record"], "name": plain})
    spoken = {name: lazy_pinyin(name) for name in set(plain)}
    found["sound"] = [" ".join(spoken[name]) for name in plain]
    found["given_sound"] = [" ".join(spoken[name][1:]) for name in plain]
    found["jumbled"] = ["".join(sorted(name)) for name in plain]
    found["surname"], found["given"] = plain.str[:1], plain.str[1:]
    found["birth"], found["birth_month"] = cells["birth_date"], cells["birth_date"].str[:7]
    found["swapped"] = found["birth"].str.replace(r"^(\d{4})-(\d\d)-(\d\d)$", r"\1-\3-\2", regex=True)
    number = cells["id_number"].str.upper()
    found["document"] = number.where(number.map(number.value_counts()) <= SHARED, "")
    found["is_sound"] = [is_sound(text) for text in number]
    for column in ("sex", "hukou_region", "address", "kindergarten"):
        found[column] = cells[column]
    found["entered"], found["left_on"] = cells["entry_date"], cells["exit_date"]
    found = found.replace("", None)
    for name, column in (("names", "name"), ("papers", "id_number"), ("phones", "phone")):
        most = 10**9 if name == "names" else SHARED
        found[name] = _lists([cells[f"{who}_{column}"] for who in GUARDIANS], most)
    return found


def _lists(columns: list[pd.Series], most: int) -> list[list[str] | None]:
    """Return what both guardians have, as lists; what more records hold than `most` tells nothing and is left out."""
    counts = pd.concat(columns).value_counts()
    usual = {text for text, count in counts.items() if text and count <= most * len(columns)}
    rows = zip(*columns, strict=True)
    return [sorted({text for text in row if text in usual}) or None for row in rows]


def is_sound(number: str) -> bool:
    """Tell whether an 18-character number has its right check character (GB 11643)."""
    if len(number) != len(WEIGHTS) + 1 or not number[:-1].isdigit():
        return False
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False)) % 11] == number[-1]


def _shared(column: str) -> str:
    """Return the condition that both have one thing of a list."""
    return f"len(list_intersect({column}_l, {column}_r)) > 0"


def level(words: str, sql: str) -> levels.CustomLevel:
    """Return a level of agreement by its condition."""
    return levels.CustomLevel(sql, words)


def compared(column: str, *told: Any) -> comparisons.CustomComparison:
    """Return the comparison of a column by its levels; where it is not known on one side it says nothing."""
    return comparisons.CustomComparison(
        [levels.NullLevel(column), *told, levels.ElseLevel()], output_column_name=column
    )


NAME = compared(
    "name",
    levels.ExactMatchLevel("name", term_frequency_adjustments=True),
    level("same sound", "sound_l = sound_r"),
    level("same characters", "jumbled_l = jumbled_r"),
    level("other surname", "given_l = given_r"),
    level("one character", "surname_l = surname_r AND levenshtein(name_l, name_r) <= 1"),
)
BIRTH = compared(
    "birth",
    levels.ExactMatchLevel("birth"),
    level("day and month", "birth_l = swapped_r"),
    level("one digit", "damerau_levenshtein(birth_l, birth_r) <= 1"),
    level("same month", "birth_month_l = birth_month_r"),
)
DOCUMENT = compared(
    "document",
    levels.ExactMatchLevel("document"),
    level("a slip", "damerau_levenshtein(document_l, document_r) <= 2 AND NOT (is_sound_l AND is_sound_r)"),
    level("same birth part", "document_l[7:14] = document_r[7:14]"),
)
FAMILY = comparisons.CustomComparison(
    [
        level("nothing known", "names_l IS NULL OR names_r IS NULL"),
        level("document and phone", f"{_shared('papers')} AND {_shared('phones')}"),
        level("document", _shared("papers")),
        level("both names", "len(list_intersect(names_l, names_r)) = 2"),
        level("name and phone", f"{_shared('names')} AND {_shared('phones')}"),
        level("phone", _shared("phones")),
        level("name", _shared("names")),
        level("address", "address_l = address_r"),
        levels.ElseLevel(),
    ],
    output_column_name="family",
)
STAY = compared(
    "entered",
    level("one left before the other came", "left_on_l <= entered_r OR left_on_r <= entered_l"),
    level("same kindergarten, same day", "kindergarten_l = kindergarten_r AND entered_l = entered_r"),
    level("same kindergarten", "kindergarten_l = kindergarten_r"),
)
SEX, REGION = comparisons.ExactMatch("sex"), comparisons.ExactMatch("hukou_region")
BLOCKING = (
    *(
        ("document",),
        ("sound", "birth_month"),
        ("sound", "hukou_region"),
        ("birth", "surname"),
        ("birth", "given_sound"),
    ),
    *(("birth", "hukou_region", "kindergarten"), ("jumbled", "birth_month"), ("address", "sex")),
)
KEPT = ("given", "given_sound", "is_sound", "names", "papers", "phones", "address", "left_on", "kindergarten")


def settings() -> SettingsCreator:
    """Return blocking and comparisons."""
    lists = [block_on(column, arrays_to_explode=[column]) for column in ("phones", "papers")]
    return SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[*(block_on(*columns) for columns in BLOCKING), *lists],
        comparisons=[NAME, BIRTH, DOCUMENT, SEX, REGION, STAY, FAMILY],
        additional_columns_to_retain=list(KEPT),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=True,
    )


def predicted(roll: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs with their probabilities, from a model trained on the roll itself."""
    linker = Linker(roll, settings(), db_api=DuckDBAPI(), set_up_basic_logging=False)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("document", "sound"), block_on("sound", "birth", "hukou_region")], recall=0.6
    )
    training.estimate_u_using_random_sampling(max_pairs=2e6, seed=SEED)
    for rule in (block_on("birth", "surname"), block_on("sound", "birth_month"), block_on("document")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    return linker.inference.predict(threshold_match_probability=LEAST).as_pandas_dataframe()


def ruled(pairs: pd.DataFrame) -> list[str]:
    """Return which rule holds for each pair."""
    known = pairs.astype(object).where(pairs.notna(), None)
    return [_rule(pair) for pair in known.to_dict("records")]


def _rule(pair: dict[str, Any]) -> str:
    """Return `twin` for two children of one family who cannot be one, `document` where sound documents contradict."""
    against = bool(pair["is_sound_l"] and pair["is_sound_r"] and pair["document_l"] != pair["document_r"])
    family = any(_both(pair, name) for name in ("names", "papers", "phones")) or _same(pair, "address")
    other_sound = pair["given_sound_l"] != pair["given_sound_r"]
    nothing_alike = not set(pair["given_l"] or "") & set(pair["given_r"] or "")
    if family and pair["name_l"] != pair["name_r"]:
        if _same(pair, "birth") and (against or (other_sound and (pair["sex_l"] != pair["sex_r"] or nothing_alike))):
            return "twin"
        if _same(pair, "kindergarten") and _same(pair, "entered") and not _same(pair, "document"):
            return "twin"
        if not _same(pair, "birth") and other_sound and nothing_alike:
            return "twin"
    return "document" if against else ""


def _same(pair: dict[str, Any], column: str) -> bool:
    return bool(pair[f"{column}_l"] and pair[f"{column}_l"] == pair[f"{column}_r"])


def _both(pair: dict[str, Any], column: str) -> bool:
    one, other = pair[f"{column}_l"], pair[f"{column}_r"]
    return one is not None and other is not None and bool(set(one) & set(other))


def main() -> int:
    """Match one roll."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    roll, out = (Path(text) for text in sys.argv[1:3])
    pairs = predicted(tidy(roll))
    left, right = pairs["unique_id_l"], pairs["unique_id_r"]
    turned = left > right
    table = pd.DataFrame({
        "left": left.where(~turned, right), "right": right.where(~turned, left),
        "weight": pairs["match_weight"], "rule": ruled(pairs),
    })  # fmt: skip
    table.sort_values(["left", "right"]).to_csv(out, index=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
