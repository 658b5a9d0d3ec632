"""Guardians: their names, documents and phones, whoever stands first (pure, in columns)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from miaoce.registry.matching.levels import Level, first_of
from miaoce.registry.matching.records import Flags, Guardians, Numbers, Places, Records, Tokens

USUAL_NAME = 12
"""A guardian's name that more records bear says little."""
HOMES = 4
"""A phone that more differently named guardians answer is a kindergarten's, a village's or a shop's."""


class GuardianNames(Level):
    """How the guardians' names agree."""

    UNKNOWN = 0
    BOTH = 1, "两位监护人姓名都相同"
    ONE_AND_ALIKE = 2, "一位监护人同名，另一位音近或差一字"
    ONE = 3, "一位监护人同名"
    ONE_USUAL = 4, "一位监护人同名（常见姓名）"
    ONE_AGAINST = 5, "一位监护人同名，同一称谓的另一位不同"
    ALIKE = 6, "监护人姓名音近或差一字"
    ALIKE_AGAINST = 7, "监护人姓名音近，同一称谓的另一位不同"
    NONE = 8, "登记的监护人不是同一称谓"
    AGAINST = 9, "同一称谓的监护人姓名不同"


class GuardianDocuments(Level):
    """How the guardians' documents agree."""

    UNKNOWN = 0
    SAME = 1, "监护人证件号相同"
    SAME_AGAINST = 2, "一位监护人证件号相同，另一位不同"
    AGAINST = 3, "同一称谓的监护人证件号不同"
    OTHER = 4


class Phones(Level):
    """How the guardians' phones agree."""

    UNKNOWN = 0
    BOTH = 1, "两个监护人手机都相同"
    ONLY = 2, "监护人手机相同，再无别人用"
    SAME = 3, "监护人手机相同"
    SEVERAL = 4, "监护人手机相同，另有多条记录用"
    SHARED = 5, "手机为多家共用，不作依据"
    OTHER = 6, "监护人手机不同"
    SLIP = 7, "监护人手机只差几位"


@dataclass(frozen=True)
class Pairing:
    """Each guardian of one record against each of the other: arrays (pair, guardian, guardian)."""

    guardians: Guardians
    left: Places
    right: Places

    def same(self, tokens: Tokens | Numbers) -> Flags:
        """Tell where both are known and equal."""
        one, other = tokens[self.left][:, :, None], tokens[self.right][:, None, :]
        return np.asarray((one == other) & (one != 0))

    def known(self, tokens: Tokens) -> Flags:
        """Tell where both are known."""
        return np.asarray((tokens[self.left] != 0)[:, :, None] & (tokens[self.right] != 0)[:, None, :])

    @cached_property
    def same_role(self) -> Flags:
        """Where both are the father, both the mother, or both the same grandparent."""
        return self.same(self.guardians.role)

    @cached_property
    def same_name(self) -> Flags:
        """Where both have one name."""
        return self.same(self.guardians.name)

    @cached_property
    def alike_name(self) -> Flags:
        """Where the names sound the same, or names of three characters and more differ in one of the first three."""
        alike = self.same(self.guardians.sounds)
        for place in range(3):
            alike |= self.same(self.guardians.blanked[:, :, place])
        return alike & ~self.same_name


def compare_guardian_names(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the guardians' names."""
    guardians = records.guardians
    pairing = Pairing(guardians, left, right)
    same, alike = pairing.same_name, pairing.alike_name
    against = _anybody(pairing.known(guardians.name) & pairing.same_role & ~same & ~alike)
    told = _anybody((guardians.bearers[left] <= USUAL_NAME)[:, :, None] & same)
    count, nearly = _matched(same), _matched(alike)
    return first_of(
        (~_anybody(pairing.known(guardians.name)), GuardianNames.UNKNOWN),
        (count == 2, GuardianNames.BOTH),
        ((count == 1) & (nearly > 0), GuardianNames.ONE_AND_ALIKE),
        ((count == 1) & against, GuardianNames.ONE_AGAINST),
        ((count == 1) & told, GuardianNames.ONE),
        (count == 1, GuardianNames.ONE_USUAL),
        ((nearly > 0) & against, GuardianNames.ALIKE_AGAINST),
        (nearly > 0, GuardianNames.ALIKE),
        (against, GuardianNames.AGAINST),
        otherwise=GuardianNames.NONE,
    )


def compare_guardian_documents(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the guardians' documents."""
    pairing = Pairing(records.guardians, left, right)
    known = pairing.known(records.guardians.document)
    same = pairing.same(records.guardians.document)
    against, found = _anybody(known & pairing.same_role & ~same), _anybody(same)
    return first_of(
        (found & ~against, GuardianDocuments.SAME),
        (found, GuardianDocuments.SAME_AGAINST),
        (against, GuardianDocuments.AGAINST),
        (_anybody(known), GuardianDocuments.OTHER),
        otherwise=GuardianDocuments.UNKNOWN,
    )


def compare_phones(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the guardians' phones; one that many homes share counts for nothing."""
    guardians = records.guardians
    pairing = Pairing(guardians, left, right)
    same = pairing.same(guardians.phone)
    shared = (guardians.phone_homes[left] > HOMES)[:, :, None]
    own = same & ~shared
    users = np.where(own, guardians.phone_users[left][:, :, None], 0).max(axis=(1, 2))
    slip = pairing.same(guardians.phone_head) ^ pairing.same(guardians.phone_tail)
    return first_of(
        (_matched(own) == 2, Phones.BOTH),
        ((users > 0) & (users <= 2), Phones.ONLY),
        (users == 3, Phones.SAME),
        (users > 0, Phones.SEVERAL),
        (_anybody(same & shared), Phones.SHARED),
        (_anybody(slip), Phones.SLIP),
        (_anybody(pairing.known(guardians.phone)), Phones.OTHER),
        otherwise=Phones.UNKNOWN,
    )


def _matched(flags: Flags) -> NDArray[np.int64]:
    """Return how many guardians can be paired off: 0, 1 or 2."""
    return np.asarray(np.minimum(flags.any(axis=2).sum(axis=1), flags.any(axis=1).sum(axis=1)))


def _anybody(flags: Flags) -> Flags:
    """Tell for which pairs it holds of any two guardians."""
    return np.asarray(flags.any(axis=(1, 2)))
