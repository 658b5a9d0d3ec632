"""A roll as registries exchange it (columns of the contract of `miaoce match`) made into records to compare.

Text is tidied in columns by Polars; only what repeats (characters, birth dates, words for relations) is looked at one by
one. Tokens are hashes here, because whoever holds a bare roll reads it in clear text anyway.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from miaoce.registry.matching.dates import lunar_days
from miaoce.registry.matching.documents import documents_of
from miaoce.registry.matching.homes import addresses_of
from miaoce.registry.matching.records import UNKNOWN_DAY, Guardians, Names, Numbers, Places, Records, Stays
from miaoce.registry.matching.rules import ColumnMissing, RecordTwice, RollUnreadable
from miaoce.registry.matching.spelling import Spelling, spell
from miaoce.registry.matching.tokens import different, holders, token_of, tokens_of
from miaoce.registry.reference.codebook import CodeList
from miaoce.registry.reference.rows import shipped_codes

COLUMNS = (
    *("record", "name", "sex", "birth_date", "id_type", "id_number", "ethnicity", "hukou_region", "address"),
    *("guardian1_name", "guardian1_relation", "guardian1_id_number", "guardian1_phone"),
    *("guardian2_name", "guardian2_relation", "guardian2_id_number", "guardian2_phone"),
    *("kindergarten", "entry_date", "exit_date"),
)
_DATES = pl.col("birth_date", "entry_date", "exit_date").str.to_date("%Y-%m-%d", strict=False)
_DAYS = _DATES.dt.epoch("d").fill_null(UNKNOWN_DAY).cast(pl.Int32)
_NUMBERS = pl.col("hukou_region", "ethnicity").cast(pl.Int32, strict=False).fill_null(0)
_DOCUMENTS = pl.col("guardian1_id_number", "guardian2_id_number").str.to_uppercase()
_PHONES = pl.col("guardian1_phone", "guardian2_phone")
_DIGITS = _PHONES.str.replace_all(r"\D", "").str.replace(r"^0{0,2}86(1\d{10})$", "$1")
_HEADS, _TAILS = _PHONES.str.slice(0, 6).name.suffix("_head"), _PHONES.str.slice(6).name.suffix("_tail")
ROLES = {"51": 1, "57": 1, "52": 2, "58": 2, "61": 3, "62": 4, "63": 5, "64": 6}


def read(path: Path) -> pl.DataFrame:
    """Return a roll's cells as text, sorted by record.

    Refuses a file that is no CSV (MAT-01), lacks columns (MAT-02) or names a record twice (MAT-03).
    """
    try:
        cells = pl.read_csv(path, infer_schema=False, empty_string_is_null=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise RollUnreadable(why=type(error).__name__) from error
    if missing := [column for column in COLUMNS if column not in cells.columns]:
        raise ColumnMissing(columns="、".join(missing))
    cells = cells.select(pl.col(COLUMNS).fill_null("").str.strip_chars()).sort("record")
    again = cells.filter((pl.col("record") == "") | pl.col("record").is_duplicated())
    if len(again):
        raise RecordTwice(record=again["record"][0] or "（空）")
    return cells


def records_of(cells: pl.DataFrame, *, counted: bool = True) -> Records:
    """Return a roll's cells as records; how often something occurs is counted in this roll, or not at all and 0."""
    plain = {column.name: column.to_numpy() for column in cells.select(_DAYS, _NUMBERS).get_columns()}
    guardians = ("guardian1", "guardian2")
    spelling, (own, first, second) = spell([cells["name"], *(cells[f"{who}_name"] for who in guardians)])
    born = plain["birth_date"]
    return Records(
        size=len(cells),
        names=_names(spelling, own, counted=counted),
        sex=_small(cells["sex"], {"1": 1, "2": 2}),
        born=born,
        lunar=lunar_days(born),
        documents=documents_of(cells["id_number"], guardians=[cells[f"{who}_id_number"] for who in guardians]),
        guardians=_guardians(spelling, np.stack([first, second], axis=1), cells, counted=counted),
        addresses=addresses_of(cells["address"], counted=counted),
        stays=Stays(token_of(cells["kindergarten"]), plain["entry_date"], plain["exit_date"]),
        region=plain["hukou_region"],
        ethnicity=plain["ethnicity"],
    )


def _names(spelling: Spelling, places: Places, *, counted: bool) -> Names:
    sounds = spelling.sounds[places]
    return Names(
        spelling.characters,
        spelling.written[places],
        spelling.length[places],
        spelling.surname[places],
        spelling.whole[places],
        sounds,
        spelling.jumbled[places],
        holders(sounds, counted=counted),
    )


def _guardians(spelling: Spelling, places: Places, cells: pl.DataFrame, *, counted: bool) -> Guardians:
    """Return the guardians, one column each; `places` are those of their names."""
    name, sounds = spelling.whole[places], spelling.sounds[places]
    tokens = tokens_of(_contacts(cells))
    document, phone, head, tail = (np.stack(tokens[n : n + 2], axis=1) for n in range(0, 8, 2))
    relations = [cells[f"{who}_relation"] for who in ("guardian1", "guardian2")]
    roles = {word: _role(word) for word in set(relations[0]) | set(relations[1])}
    return Guardians(
        name=name,
        sounds=sounds,
        blanked=spelling.blanked[places],
        surname=np.where(spelling.surname[places] > 0, spelling.written[places][:, :, 0], 0),
        bearers=holders(name, counted=counted),
        role=np.stack([_small(words, roles) for words in relations], axis=1),
        document=document,
        phone=phone,
        phone_head=head,
        phone_tail=tail,
        phone_users=holders(phone, counted=counted),
        phone_homes=different(phone, beside=sounds) if counted else holders(phone, counted=False),
    )


def _contacts(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the guardians' documents, phones, and the two parts of each phone, first and second guardian side by side."""
    return cells.select(_DOCUMENTS, _DIGITS).select(pl.all(), _HEADS, _TAILS)


@lru_cache(maxsize=1)
def _relations() -> CodeList:
    return CodeList(shipped_codes()["relation"])


@lru_cache(maxsize=4096)
def _role(word: str) -> int:
    """Return the role that a word for a relation tells, 0 for none."""
    return ROLES.get(_relations().code(word) or "", 0)


def _small(texts: pl.Series, numbers: dict[str, int]) -> Numbers:
    return np.array([numbers.get(text, 0) for text in texts.to_list()], np.uint8)
