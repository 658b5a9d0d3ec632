"""A record alone makes the tokens that it makes in a roll: few names are not searched for equal ones, many are."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.matching import rolls, spelling
from miaoce.registry.matching.records import Records

TEXTS = st.text(alphabet="陈欧阳王若溪艾力·买提（旧） 　-Xx019号路栋aＡ１龘曽", max_size=20)
LINES = st.lists(st.tuples(*(TEXTS for _ in rolls.COLUMNS)), min_size=1, max_size=6)  # more may share a placeholder
CROWD = [f"{chr(0x4E00 + number % 97)}{chr(0x5000 + number // 97)}" for number in range(spelling.FEW)]


def cells_of(lines: list[tuple[str, ...]]) -> pl.DataFrame:
    """Return lines as the cells of a roll."""
    return pl.DataFrame(lines, schema=dict.fromkeys(rolls.COLUMNS, pl.String), orient="row")


def tokens(records: Records) -> list[np.ndarray]:
    """Return all that is read of each record by itself."""
    names, family, papers, homes = records.names, records.guardians, records.documents, records.addresses
    signs = names.characters.points
    return [
        signs[names.written], names.length, names.surname, names.whole, names.sounds, names.jumbled,
        family.name, family.sounds, family.blanked, signs[family.surname], family.role, family.document, family.phone,
        family.phone_head, family.phone_tail, papers.whole, papers.region, papers.birth, papers.order, papers.digits,
        papers.near, papers.is_sound, papers.born, papers.sex, homes.exact, homes.figures, homes.street,
        records.sex, records.born, records.lunar, records.region, records.ethnicity, records.stays.entered,
    ]  # fmt: skip


@given(LINES)
def test_a_record_alone_reads_as_it_does_among_others(lines: list[tuple[str, ...]]) -> None:
    together = tokens(rolls.records_of(cells_of(lines)))
    alone = [tokens(rolls.records_of(cells_of([line]), counted=False)) for line in lines]
    for column, parts in zip(together, zip(*alone, strict=True), strict=True):
        assert np.array_equal(column, np.concatenate(parts))


@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_a_name_reads_the_same_among_few_and_among_many(names: list[str]) -> None:
    few, (mine,) = spelling.spell([pl.Series(names, dtype=pl.String)])
    many, (others,) = spelling.spell([pl.Series([*names, *CROWD], dtype=pl.String)])
    others = others[: len(names)]
    assert np.array_equal(few.characters.points[few.written[mine]], many.characters.points[many.written[others]])
    for kind in ("length", "surname", "whole", "sounds", "jumbled", "blanked"):
        assert np.array_equal(getattr(few, kind)[mine], getattr(many, kind)[others]), kind
