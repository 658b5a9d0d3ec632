"""Children's names: surname, given name, and how rare a name is (pure, in columns)."""

import numpy as np
from numpy.typing import NDArray

from miaoce.registry.matching.characters import NEAR_SOUND, SAME, SOUND, UNLIKE
from miaoce.registry.matching.levels import Level, first_of
from miaoce.registry.matching.records import Flags, Names, Numbers, Places, Records

Signs = NDArray[np.uint16]
Lengths = NDArray[np.int64]


class Surname(Level):
    """How two surnames agree. Names without a surname are compared as a whole by their given name."""

    UNKNOWN = 0
    SAME = 1, "同姓"
    SOUND = 2, "姓氏同音"
    ALIKE = 3, "姓氏形近或音近"
    PARENTS = 4, "姓氏不同，但与对方监护人同姓"
    OTHER = 5, "姓氏不同"
    NONE = 6


class Given(Level):
    """How two given names agree."""

    UNKNOWN = 0
    SAME = 1, "名字相同"
    ORDER = 2, "名字的字相同，顺序不同"
    SOUND = 3, "名字一字同音"
    ALIKE = 4, "名字形近或音近"
    ONE_MORE = 5, "名字多一字或少一字"
    CROSSED = 6, "名字多一字或顺序不同，且有字相近"
    HALF = 7, "名字有一字不同"
    SOME = 8, "名字有相同的字"
    OTHER = 9, "名字不同"


class Rarity(Level):
    """How many records bear the more usual of the two names, by its sound."""

    UNKNOWN = 0
    RARE = 1, "名字少见"
    SELDOM = 2
    USUAL = 3
    COMMON = 4, "名字常见"


RARE, SELDOM, USUAL = 3, 12, 40
SHORT = 5
"""Most names have no more characters, and are compared without the room that the longest need."""


def compare_surname(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the surnames."""
    names = records.names
    signs, signs2 = names.written[left, :2], names.written[right, :2]
    size, size2 = names.surname[left], names.surname[right]
    kin = names.characters.kin
    first, second = kin[signs[:, 0], signs2[:, 0]], kin[signs[:, 1], signs2[:, 1]]
    second = np.where((size == 2) & (size2 == 2), second, SAME)
    comparable = (size == size2) & (first != UNLIKE) & (second != UNLIKE)
    parents = records.guardians.surname
    taken = (signs[:, :1] == parents[right]).any(axis=1) | (signs2[:, :1] == parents[left]).any(axis=1)
    return first_of(
        ((names.length[left] == 0) | (names.length[right] == 0), Surname.UNKNOWN),
        ((size == 0) | (size2 == 0), Surname.NONE),
        (comparable & (first == SAME) & (second == SAME), Surname.SAME),
        (comparable & (first <= SOUND) & (second <= SOUND), Surname.SOUND),
        (comparable, Surname.ALIKE),
        (taken, Surname.PARENTS),
        otherwise=Surname.OTHER,
    )


def compare_given(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the given names; of the whole names where one has no surname."""
    names = records.names
    short = np.maximum(names.length[left], names.length[right]) <= SHORT
    found = np.zeros(len(left), np.uint8)
    for chosen, width in ((short, SHORT), (~short, names.written.shape[1])):
        if chosen.any():
            found[chosen] = _compare_given(names, left[chosen], right[chosen], width)
    return found


def _compare_given(names: Names, left: Places, right: Places, width: int) -> Numbers:
    """Return the levels of names that have no more than so many characters."""
    has_none = (names.surname[left] == 0) | (names.surname[right] == 0)
    one, size = _given(names, left, has_none, width)
    other, size2 = _given(names, right, has_none, width)
    kin = names.characters.kin
    alike = kin[one, other]
    written = (one > 0) | (other > 0)
    differ = (written & (alike != SAME)).sum(axis=1)
    unlike = (written & (alike == UNLIKE)).sum(axis=1)
    seen = (alike >= NEAR_SOUND).sum(axis=1)
    same_size = size == size2
    ends, ends2 = _from_the_end(one, size), _from_the_end(other, size2)
    shorter, beside = np.minimum(size, size2), np.abs(size - size2) == 1
    alike_ends = kin[ends, ends2]
    more = beside & (_run(alike == SAME) + _run(alike_ends == SAME) >= shorter)
    nearly_more = beside & (_run(alike != UNLIKE) + _run(alike_ends != UNLIKE) >= shorter)
    across, back = kin[one[:, 0], other[:, 1]], kin[one[:, 1], other[:, 0]]
    two = (size == 2) & (size2 == 2)
    common = (alike == SAME).any(axis=1) | (alike_ends == SAME).any(axis=1)
    return first_of(
        ((names.length[left] == 0) | (names.length[right] == 0), Given.UNKNOWN),
        (same_size & (differ == 0), Given.SAME),
        ((np.sort(one, axis=1) == np.sort(other, axis=1)).all(axis=1), Given.ORDER),
        (same_size & (differ == 1) & (unlike == 0) & (seen == 0), Given.SOUND),
        (same_size & (unlike == 0), Given.ALIKE),
        (more, Given.ONE_MORE),
        (nearly_more | (two & (across != UNLIKE) & (back != UNLIKE)), Given.CROSSED),
        (same_size & (size >= 2) & (differ < size), Given.HALF),
        (common | (two & ((across == SAME) | (back == SAME))), Given.SOME),
        otherwise=Given.OTHER,
    )


def compare_rarity(records: Records, left: Places, right: Places) -> Numbers:
    """Return how common the more usual of the two names is among all records looked at."""
    bearers = records.names.bearers
    most = np.maximum(bearers[left], bearers[right])
    return first_of(
        ((bearers[left] == 0) | (bearers[right] == 0), Rarity.UNKNOWN),
        (most <= RARE, Rarity.RARE),
        (most <= SELDOM, Rarity.SELDOM),
        (most <= USUAL, Rarity.USUAL),
        otherwise=Rarity.COMMON,
    )


def _given(names: Names, places: Places, whole: Flags, width: int) -> tuple[Signs, Lengths]:
    """Return given names from their first character on, and their lengths."""
    size = np.where(whole, 0, names.surname[places])
    signs = names.written[places, :width]
    column = np.arange(signs.shape[1])[None, :] + size[:, None]
    beyond = column >= signs.shape[1]
    shifted = np.take_along_axis(signs, np.where(beyond, 0, column), axis=1)
    return np.where(beyond, 0, shifted).astype(np.uint16), names.length[places] - size


def _from_the_end(signs: Signs, size: Lengths) -> Signs:
    """Return names back to front."""
    column = size[:, None] - 1 - np.arange(signs.shape[1])[None, :]
    return np.where(column < 0, 0, np.take_along_axis(signs, np.maximum(column, 0), axis=1)).astype(np.uint16)


def _run(agrees: NDArray[np.bool_]) -> Lengths:
    """Return how many characters agree from the beginning without a gap."""
    return np.asarray(np.cumprod(agrees, axis=1).sum(axis=1))
