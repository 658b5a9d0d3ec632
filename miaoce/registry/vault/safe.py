"""The safe: the opened data keys of some subjects, for the length of one request or one batch."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn
from uuid import UUID

from miaoce.registry.vault.rules import KeyMissing, ValueTampered
from miaoce.registry.vault.suites import Sealer, Suite, Unreadable

log = logging.getLogger(__name__)


class Safe:
    """Seals and opens the values of its subjects. A value is bound to its table, column, row and subject."""

    __slots__ = ("_sealers", "_suite")

    def __init__(self, suite: Suite, sealers: Mapping[UUID, Sealer]) -> None:
        self._suite = suite
        self._sealers = sealers

    def __repr__(self) -> str:
        return f"<Safe of {len(self._sealers)}>"

    def __reduce__(self) -> str:
        raise TypeError("a key is never pickled")

    def __contains__(self, subject_id: object) -> bool:
        return subject_id in self._sealers

    def __len__(self) -> int:
        return len(self._sealers)

    def joined(self, other: "Safe") -> "Safe":
        """Return a safe with the subjects of both."""
        return Safe(self._suite, {**self._sealers, **other._sealers})

    def require(self, subject_ids: Iterable[UUID]) -> None:
        """Refuse (VLT-01) unless every subject has its key here."""
        missing = {subject for subject in subject_ids if subject not in self._sealers}
        if missing:
            raise KeyMissing(count=len(missing))

    def seal(self, subject_id: UUID, table: str, column: str, row_id: UUID, text: str) -> bytes:
        """Return the sealed value of one cell, for a SealedField; VLT-01 without the subject's key."""
        place = _place(table, column, row_id, subject_id)  # not by seal_bytes: a child has a dozen of these
        return self._sealer(subject_id).seal(self._suite, text.encode(), place)

    def seal_bytes(self, subject_id: UUID, table: str, column: str, row_id: UUID, data: bytes) -> bytes:
        """Return sealed bytes, for a file that lies beside the database; VLT-01 without the subject's key."""
        return self._sealer(subject_id).seal(self._suite, data, _place(table, column, row_id, subject_id))

    def open(self, subject_id: UUID, table: str, column: str, row_id: UUID, blob: bytes) -> str:
        """Return the text of one cell; VLT-01 without the subject's key, VLT-02 unless sealed for this very cell."""
        return self.open_bytes(subject_id, table, column, row_id, blob).decode()

    def open_bytes(self, subject_id: UUID, table: str, column: str, row_id: UUID, blob: bytes) -> bytes:
        """Return what `seal_bytes` took; refuses as `open` does."""
        try:
            return self._sealer(subject_id).open(blob, _place(table, column, row_id, subject_id))
        except Unreadable:
            _tampered(subject_id, table, column, row_id)

    def seal_json(self, subject_id: UUID, table: str, column: str, row_id: UUID, value: Any) -> bytes:
        """Return the sealed value of a cell that holds a JSON value."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.seal(subject_id, table, column, row_id, text)

    def open_json(self, subject_id: UUID, table: str, column: str, row_id: UUID, blob: bytes) -> Any:
        """Return the JSON value of a cell; refuses as `open` does."""
        return json.loads(self.open(subject_id, table, column, row_id, blob))

    def _sealer(self, subject_id: UUID) -> Sealer:
        sealer = self._sealers.get(subject_id)
        if sealer is None:
            raise KeyMissing(count=1)
        return sealer


def _place(table: str, column: str, row_id: UUID, subject_id: UUID) -> bytes:
    """Return what a value is bound to."""
    return f"{table}|{column}|{row_id.hex}|{subject_id.hex}".encode()


def _tampered(subject_id: UUID, table: str, column: str, row_id: UUID) -> NoReturn:
    log.error("vault.value_tampered table=%s column=%s row=%s subject=%s", table, column, row_id, subject_id)
    raise ValueTampered(table=table, column=column, row=str(row_id), subject=str(subject_id)) from None
