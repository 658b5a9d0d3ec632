"""Where a child lives, where it comes from, and which kindergarten it attends when (pure, in columns)."""

import numpy as np
import polars as pl

from miaoce.registry.matching.levels import Level, first_of
from miaoce.registry.matching.records import UNKNOWN_DAY, Addresses, Numbers, Places, Records
from miaoce.registry.matching.tokens import holders, together, tokens_of

_TIDY = pl.col("tidy").str.normalize("NFKC").str.replace_all(r"\s", "")
_FIGURES = pl.col("tidy").str.replace_all(r"\D+", " ").str.strip_chars(" ").alias("figures")
_STREET = pl.col("tidy").str.extract(r"([^市县区旗镇乡省道办]*?)\d").fill_null("").alias("street")


class Address(Level):
    """How two addresses agree."""

    UNKNOWN = 0
    SAME = 1, "住址相同，再无别人住"
    SAME_HOUSE = 2, "住址相同"
    SAME_PLACE = 3, "住址相同，多户同址"
    PART = 4, "住址部分相同"
    OTHER = 5, "住址不同"


class Origin(Level):
    """How household registration and ethnic group agree."""

    UNKNOWN = 0
    SAME = 1, "户籍地相同"
    MOVED = 2, "户籍地不同"
    ETHNICITY = 3, "民族不同"


class Stay(Level):
    """How two stays follow on one another."""

    UNKNOWN_HERE = 0, "同一幼儿园"
    SAME_DAY = 1, "同园同日入园"
    SAME_WEEKS = 2, "同园入园日期相近"
    RETURNED = 3, "同园先离园后入园"
    HERE = 4, "同一幼儿园，入园日期不同"
    HANDED_OVER = 5, "不同园，离园后两个月内入园"
    EARLIER = 6, "不同园，先离园后入园"
    BOTH = 7, "不同园，在园时间重叠"
    BOTH_SAME_DAY = 8, "不同园，同日入园"
    UNKNOWN = 9, "不同幼儿园"


class Sex(Level):
    """How the sexes agree."""

    UNKNOWN = 0
    SAME = 1
    OTHER = 2, "性别不同"
    SLIP = 3, "性别不同，其中一个与证件号不符"


def compare_sex(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the sexes; a sound document number shows which of two is a slip."""
    one, other = records.sex[left], records.sex[right]
    papers = records.documents
    told = np.where(papers.is_sound, papers.sex, 0)
    wrong = (told != 0) & (records.sex != 0) & (told != records.sex)
    return first_of(
        ((one == 0) | (other == 0), Sex.UNKNOWN),
        (one == other, Sex.SAME),
        (wrong[left] | wrong[right], Sex.SLIP),
        otherwise=Sex.OTHER,
    )


def compare_addresses(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the addresses."""
    homes = records.addresses
    exact, residents = homes.exact[left] == homes.exact[right], homes.residents[left]
    figures, street = homes.figures[left] == homes.figures[right], homes.street[left] == homes.street[right]
    return first_of(
        ((homes.figures[left] == 0) | (homes.figures[right] == 0), Address.UNKNOWN),
        (exact & (residents <= 2), Address.SAME),
        (exact & (residents <= 4), Address.SAME_HOUSE),
        (exact, Address.SAME_PLACE),
        (figures | (street & (homes.street[left] != 0)), Address.PART),
        otherwise=Address.OTHER,
    )


def compare_origin(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of household registration and ethnic group."""
    region, region2 = records.region[left], records.region[right]
    group, group2 = records.ethnicity[left], records.ethnicity[right]
    return first_of(
        ((group != group2) & (group != 0) & (group2 != 0), Origin.ETHNICITY),
        ((region == 0) | (region2 == 0), Origin.UNKNOWN),
        (region == region2, Origin.SAME),
        otherwise=Origin.MOVED,
    )


def compare_stays(records: Records, left: Places, right: Places) -> Numbers:
    """Return how the two stays lie to one another."""
    stays = records.stays
    here = (stays.kindergarten[left] == stays.kindergarten[right]) & (stays.kindergarten[left] != 0)
    entered, entered2 = stays.entered[left], stays.entered[right]
    left_on, left_on2 = stays.left[left], stays.left[right]
    unknown = (entered == UNKNOWN_DAY) | (entered2 == UNKNOWN_DAY)
    first, second = (left_on != UNKNOWN_DAY) & (left_on <= entered2), (left_on2 != UNKNOWN_DAY) & (left_on2 <= entered)
    between = np.where(first, entered2 - left_on, np.where(second, entered - left_on2, 0))
    follows, apart = first | second, np.abs(entered - entered2)
    return first_of(
        (unknown & here, Stay.UNKNOWN_HERE),
        (unknown, Stay.UNKNOWN),
        (here & follows, Stay.RETURNED),
        (here & (apart == 0), Stay.SAME_DAY),
        (here & (apart <= 15), Stay.SAME_WEEKS),
        (here, Stay.HERE),
        (follows & (between <= 60), Stay.HANDED_OVER),
        (follows, Stay.EARLIER),
        (apart == 0, Stay.BOTH_SAME_DAY),
        otherwise=Stay.BOTH,
    )


def addresses_of(texts: pl.Series, *, counted: bool = True) -> Addresses:
    """Return addresses in columns: all figures in order, and the street or village before the first of them.

    天和新村30号楼3单元604 and 天和新村30-3-604 are one address, whichever towns, counties and provinces are written before.
    """
    figures, street = tokens_of(texts.to_frame("tidy").select(_TIDY).select(_FIGURES, _STREET))
    exact = together(figures, street)
    return Addresses(exact, figures, street, holders(exact, counted=counted))
