"""A roll as registries exchange it (columns of the contract of `miaoce match`) made into records to compare.

Text is tidied in columns by Polars; only what repeats (characters, birth dates, words for relations) is looked at one by
one. Tokens are hashes here, because whoever holds a bare roll reads it in clear text anyway.
"""

from pathlib import Path

import numpy as np
import polars as pl

from miaoce.registry.matching.dates import lunar_days
from miaoce.registry.matching.documents import documents_of
from miaoce.registry.matching.homes import addresses_of
from miaoce.registry.matching.records import UNKNOWN_DAY, Days, Guardians, Names, Numbers, Places, Records, Stays
from miaoce.registry.matching.rules import ColumnMissing, RecordTwice, RollUnreadable
from miaoce.registry.matching.spelling import Spelling, spell
from miaoce.registry.matching.tokens import different, holders, token_of
from miaoce.registry.reference.codebook import CodeList
from miaoce.registry.reference.rows import shipped_codes

COLUMNS = (
    *("record", "name", "sex", "birth_date", "id_type", "id_number", "ethnicity", "hukou_region", "address"),
    *("guardian1_name", "guardian1_relation", "guardian1_id_number", "guardian1_phone"),
    *("guardian2_name", "guardian2_relation", "guardian2_id_number", "guardian2_phone"),
    *("kindergarten", "entry_date", "exit_date"),
)
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


def records_of(cells: pl.DataFrame) -> Records:
    """Return a roll's cells as records; how often something occurs is counted in this roll."""
    guardians = ("guardian1", "guardian2")
    spelling, (own, first, second) = spell([cells["name"], *(cells[f"{who}_name"] for who in guardians)])
    born = _days(cells["birth_date"])
    return Records(
        size=len(cells),
        names=_names(spelling, own),
        sex=_small(cells["sex"], {"1": 1, "2": 2}),
        born=born,
        lunar=lunar_days(born),
        documents=documents_of(cells["id_number"], guardians=[cells[f"{who}_id_number"] for who in guardians]),
        guardians=_guardians(spelling, np.stack([first, second], axis=1), cells),
        addresses=addresses_of(cells["address"]),
        stays=Stays(token_of(cells["kindergarten"]), _days(cells["entry_date"]), _days(cells["exit_date"])),
        region=cells["hukou_region"].cast(pl.Int32, strict=False).fill_null(0).to_numpy(),
        ethnicity=cells["ethnicity"].cast(pl.Int32, strict=False).fill_null(0).to_numpy(),
    )


def _names(spelling: Spelling, places: Places) -> Names:
    sounds = spelling.sounds[places]
    return Names(
        spelling.characters,
        spelling.written[places],
        spelling.length[places],
        spelling.surname[places],
        spelling.whole[places],
        sounds,
        spelling.jumbled[places],
        holders(sounds),
    )


def _guardians(spelling: Spelling, places: Places, cells: pl.DataFrame) -> Guardians:
    """Return the guardians, one column each; `places` are those of their names."""
    words = CodeList(shipped_codes()["relation"])
    name, sounds = spelling.whole[places], spelling.sounds[places]
    phones = [cells[f"{who}_phone"].str.replace_all(r"\D", "") for who in ("guardian1", "guardian2")]
    phones = [phone.str.replace(r"^0{0,2}86(1\d{10})$", "$1") for phone in phones]
    roles = {
        word: ROLES.get(words.code(word) or "", 0)
        for word in set(cells["guardian1_relation"]) | set(cells["guardian2_relation"])
    }
    phone = np.stack([token_of(text) for text in phones], axis=1)
    return Guardians(
        name=name,
        sounds=sounds,
        blanked=spelling.blanked[places],
        surname=np.where(spelling.surname[places] > 0, spelling.written[places][:, :, 0], 0),
        bearers=holders(name),
        role=np.stack([_small(cells[f"{who}_relation"], roles) for who in ("guardian1", "guardian2")], axis=1),
        document=np.stack(
            [token_of(cells[f"{who}_id_number"].str.to_uppercase()) for who in ("guardian1", "guardian2")], axis=1
        ),
        phone=phone,
        phone_head=np.stack([token_of(text.str.slice(0, 6)) for text in phones], axis=1),
        phone_tail=np.stack([token_of(text.str.slice(6)) for text in phones], axis=1),
        phone_users=holders(phone),
        phone_homes=different(phone, beside=sounds),
    )


def _small(texts: pl.Series, numbers: dict[str, int]) -> Numbers:
    return texts.replace_strict(numbers, default=0, return_dtype=pl.UInt8).to_numpy()


def _days(texts: pl.Series) -> Days:
    return texts.str.to_date("%Y-%m-%d", strict=False).dt.epoch("d").fill_null(UNKNOWN_DAY).to_numpy().astype(np.int32)
