"""Reads of the vault: opening safes, finding digests, and the state of the keys."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from miaoce.registry.vault import keys
from miaoce.registry.vault.keyring import IndexKey, KeyRing
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.models import DataKey
from miaoce.registry.vault.rules import KeyMissing, WrappedKeyTampered
from miaoce.registry.vault.safe import Safe
from miaoce.registry.vault.suites import Sealer, Unreadable

log = logging.getLogger(__name__)

CHUNK = 10_000  # subjects in one statement; SQLite takes 32,766 values


def open_safe(subject_ids: Iterable[UUID]) -> Safe:
    """Return the safe of these subjects, by one statement for each 10,000 of them.

    Refuses: a subject without a key (VLT-01), a key that does not open (VLT-03), a version that is unknown or retired.
    """
    wanted = list(dict.fromkeys(subject_ids))
    ring, sealers = keys.service().ring(), dict[UUID, Sealer]()
    for start in range(0, len(wanted), CHUNK):
        part = DataKey.objects.filter(subject_id__in=wanted[start : start + CHUNK])
        for subject_id, wrapped, version in part.values_list("subject_id", "wrapped", "key_version"):
            if version not in ring.wrapping:  # the file was renewed after this process last looked
                ring = keys.service().ring(again=True)
            sealers[subject_id] = Sealer(unwrapped(ring, subject_id, bytes(wrapped), version))
    if len(sealers) < len(wanted):
        raise KeyMissing(count=len(wanted) - len(sealers))
    return Safe(keys.suite(), sealers)


def unwrapped(ring: KeyRing, subject_id: UUID, wrapped: bytes, version: int, *, retired_too: bool = False) -> bytes:
    """Return the data key of a subject; VLT-03, logged, when it does not open under the version that it names."""
    wrapper = ring.wrapper(version, retired_too=retired_too)
    try:
        return wrapper.open(wrapped, place_of_key(subject_id, version))
    except Unreadable:
        log.error("vault.wrapped_key_tampered subject=%s version=%s", subject_id, version)
        raise WrappedKeyTampered(version=version, subject=str(subject_id)) from None


def place_of_key(subject_id: UUID, version: int) -> bytes:
    """Return what a wrapped key is bound to: its subject and the version of the key around it."""
    return f"data key|{version}|{subject_id.hex}".encode()


def digest(purpose: Purpose, text: str, scope: str = "") -> str:
    """Return the keyed digest of a text, 32 bytes as 64 hexadecimal digits, under the index key in use.

    Equal texts give equal digests inside one purpose and scope, and nothing else can be compared. The caller brings the
    text into its one form first (upper-case X, digits only); here it is taken as it stands.
    """
    return _digests(keys.service().ring().index, purpose, (text,), scope)[0]


def digests(purpose: Purpose, texts: Iterable[str], scope: str = "") -> list[str]:
    """Return the digests of many texts, in their order."""
    return _digests(keys.service().ring().index, purpose, texts, scope)


def findable(purpose: Purpose, text: str, scope: str = "") -> list[str]:
    """Return every digest a stored row may carry: under the index key in use and, while it changes, the previous."""
    ring = keys.service().ring()
    versions = [ring.index, *([ring.previous_index] if ring.previous_index else [])]
    return [_digests(version, purpose, (text,), scope)[0] for version in versions]


def _digests(key: IndexKey, purpose: Purpose, texts: Iterable[str], scope: str) -> list[str]:
    copy = key.keyed(purpose.value, scope).copy
    found = []
    for text in texts:
        keyed = copy()
        keyed.update(text.encode())
        found.append(keyed.finalize().hex())
    return found


@dataclass(frozen=True)
class KeyStatus:
    """The wrapping keys as they stand: the version in use, the lowest that is read, and the rows on each."""

    current: int
    minimum: int
    versions: Sequence[int]
    rows: dict[int, int]

    @property
    def rows_on_old(self) -> int:
        """Count the data keys that are not on the version in use."""
        return sum(count for version, count in self.rows.items() if version != self.current)

    @property
    def unknown(self) -> list[int]:
        """Name the versions that rows are on and the key file does not hold: their values cannot be read."""
        return sorted(set(self.rows) - set(self.versions))


def key_status() -> KeyStatus:
    """Return the state of the wrapping keys, from the key source and one statement."""
    ring = keys.service().ring(again=True)
    counted = DataKey.objects.values_list("key_version").annotate(rows=Count("subject_id")).order_by("key_version")
    return KeyStatus(ring.current, ring.minimum, sorted(ring.wrapping), dict(counted))
