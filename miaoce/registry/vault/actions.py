"""Writes of the vault: making data keys, erasing them, and renewing the keys around them."""

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from miaoce.registry import rows
from miaoce.registry.vault import keys, queries, rules
from miaoce.registry.vault.keyring import KeyRing
from miaoce.registry.vault.models import DataKey
from miaoce.registry.vault.safe import Safe
from miaoce.registry.vault.suites import SECRET_BYTES, Sealer, Suite

log = logging.getLogger(__name__)


def ensure_keys(*, at: datetime | None = None) -> bool:
    """Make the first keys of an installation where there are none, and say whether they were made.

    Call it once the tables exist. Refuses (VLT-04) where data keys are stored already: their key file is lost or
    elsewhere, and a new one would open none of them.
    """
    try:
        keys.service().ring()
    except rules.KeysAbsent:
        if DataKey.objects.exists():
            raise
        return keys.service().ensure(suite=keys.suite(), at=at)
    return False


@transaction.atomic
def make_keys(subject_ids: Iterable[UUID], *, at: datetime) -> Safe:
    """Give each subject a data key and return their safe. A subject that has one already raises IntegrityError."""
    ring, suite = keys.service().ring(), keys.suite()
    wrapper = ring.wrapper(ring.current)
    sealers, made = dict[UUID, Sealer](), list[tuple[UUID, bytes, int, int, datetime]]()
    for subject_id in dict.fromkeys(subject_ids):
        secret = os.urandom(SECRET_BYTES)
        wrapped = wrapper.seal(suite, secret, queries.place_of_key(subject_id, ring.current))
        made.append((subject_id, wrapped, ring.current, int(suite), at))
        sealers[subject_id] = Sealer(secret)
    rows.insert_values(DataKey, ("subject_id", "wrapped", "key_version", "suite", "created_at"), made)
    return Safe(suite, sealers)


@transaction.atomic
def forget(subject_ids: Iterable[UUID]) -> int:
    """Erase subjects for good: without its data key no value of a subject opens again. Return how many keys there were.

    A backup made before holds the wrapped key still: it opens only as long as the wrapping key of its time is kept.
    Digests are the caller's to clear.
    """
    wanted = list(dict.fromkeys(subject_ids))
    gone = 0
    for start in range(0, len(wanted), queries.CHUNK):
        gone += DataKey.objects.filter(subject_id__in=wanted[start : start + queries.CHUNK]).delete()[0]
    log.warning("vault.forgotten keys=%s", gone)
    return gone


@dataclass(frozen=True)
class Rotation:
    """What a rotation did: the version now in use, whether it is new, and the data keys by outcome."""

    version: int
    is_new: bool
    rewrapped: int
    overtaken: int
    unreadable: int
    rows_on_old: int


def rotate(*, at: datetime, batch: int = 5_000) -> Rotation:
    """Add a wrapping key and re-wrap every data key with it, while the register is in use.

    A rotation that was cut short is finished first, without adding another key. Each batch is a transaction of its
    own; a row is changed only where it still is on the version that was read, so that two rotations cannot harm each
    other.
    A data key that does not open is logged, counted and left. Refuses VLT-07 where the keys come from the environment
    and every row is on the newest version already.
    """
    status = queries.key_status()
    is_new = status.rows_on_old == 0
    ring = keys.service().add_version(at=at) if is_new else keys.service().ring()
    rewrapped = overtaken = unreadable = 0
    after: UUID | None = None
    while found := _on_old(ring, after, batch):
        after = found[-1][0]
        renewed = _rewrap(ring, found)
        changed = _store(ring, renewed)
        rewrapped += changed
        overtaken += len(renewed) - changed
        unreadable += len(found) - len(renewed)
    left = queries.key_status().rows_on_old
    log.warning(
        "vault.rotated version=%s rewrapped=%s unreadable=%s left=%s", ring.current, rewrapped, unreadable, left
    )
    return Rotation(ring.current, is_new, rewrapped, overtaken, unreadable, left)


def retire(version: int) -> None:
    """Stop the reading of data keys on a version and on all before it.

    Refuses (VLT-10) while a row is on one of them, and (VLT-11) the version in use. The key itself stays in the file,
    so that an old backup can be restored and re-wrapped.
    """
    rules.must_be_retirable(version=version, current=keys.service().ring(again=True).current)
    rules.must_be_unused(version=version, rows=DataKey.objects.filter(key_version__lte=version).count())
    keys.service().raise_minimum(version + 1)
    log.warning("vault.retired version=%s", version)


Wrapped = tuple[UUID, bytes, int]


def _on_old(ring: KeyRing, after: UUID | None, batch: int) -> list[Wrapped]:
    """Return the next data keys, by subject, that are on another version than the one in use."""
    old = DataKey.objects.exclude(key_version=ring.current).order_by("subject_id")
    if after is not None:
        old = old.filter(subject_id__gt=after)
    return [(s, bytes(w), v) for s, w, v in old.values_list("subject_id", "wrapped", "key_version")[:batch]]


def _rewrap(ring: KeyRing, found: Sequence[Wrapped]) -> list[Wrapped]:
    """Return the data keys that open, wrapped anew, each with the version it was read on."""
    wrapper, suite, renewed = ring.wrapper(ring.current), keys.suite(), list[Wrapped]()
    for subject_id, wrapped, version in found:
        try:
            secret = queries.unwrapped(ring, subject_id, wrapped, version, retired_too=True)
        except (rules.WrappedKeyTampered, rules.KeyVersionUnknown) as refusal:
            log.error("vault.left_on_old subject=%s version=%s code=%s", subject_id, version, refusal.code)
            continue
        place = queries.place_of_key(subject_id, ring.current)
        renewed.append((subject_id, wrapper.seal(suite, secret, place), version))
    return renewed


def _store(ring: KeyRing, renewed: Sequence[Wrapped]) -> int:
    """Write re-wrapped data keys where their row is still on the version that was read; return how many were.

    Raw SQL, because an UPDATE of many rows each with its own value and its own condition is one prepared statement here
    and a CASE of thousands of branches in the ORM.
    """
    if not renewed:
        return 0
    meta, quote = DataKey._meta, connection.ops.quote_name
    statement = (
        f"UPDATE {quote(meta.db_table)} SET wrapped = %s, key_version = %s, suite = %s "  # noqa: S608  # our own names
        "WHERE subject_id = %s AND key_version = %s"
    )
    subject, wrapped = meta.get_field("subject_id"), meta.get_field("wrapped")
    values = [
        (
            wrapped.get_db_prep_value(blob, connection),
            ring.current,
            Suite(blob[1]).value,
            subject.get_db_prep_value(subject_id, connection),
            version,
        )
        for subject_id, blob, version in renewed
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(statement, values)
        return int(cursor.rowcount)
