"""Where the keys come from: a file that only its owner reads, or the environment. Never the database.

Another source (a hardware module, PKCS#11, a certified key server) is another `KeyService` and nothing else.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from miaoce.registry.vault import keyring
from miaoce.registry.vault.keyring import KeyRing
from miaoce.registry.vault.rules import KeysAbsent, KeysExposed, KeysFixed, KeysUnreadable
from miaoce.registry.vault.suites import Suite

ENVIRONMENT = "MIAOCE_KEYS"


class Purpose(StrEnum):
    """What a digest is for. Each has a key of its own, so that no two columns can be joined by their digests."""

    CHILD_SEARCH = "child_search"
    DOCUMENT_CLAIM = "document_claim"
    DOCUMENT_LAST4 = "document_last4"
    GUARDIAN_DOCUMENT = "guardian_document"
    MATCHING = "matching"
    NUMBER_CLAIM = "number_claim"
    NUMBER_LAST4 = "number_last4"
    PACKAGE_SIGNING = "package_signing"
    PHONE = "phone"
    PROBLEM = "problem"
    PROOF = "proof"
    TOKEN = "token"  # noqa: S105  # a purpose, not a secret
    TRANSFER_CODE = "transfer_code"


class KeyService(Protocol):
    """Holds the keys of an installation."""

    def ring(self, *, again: bool = False) -> KeyRing:
        """Return the keys as they are now; `again` asks the source even if it does not seem to have changed."""

    def ensure(self, *, suite: Suite, at: datetime | None) -> bool:
        """Make the first keys where there are none, and say whether they were made. Safe when many try at once."""

    def add_version(self, *, at: datetime) -> KeyRing:
        """Add a wrapping key, which becomes the one in use. VLT-07 where the keys cannot be changed from here."""

    def raise_minimum(self, minimum: int) -> KeyRing:
        """Stop the reading of versions below. VLT-07 where the keys cannot be changed from here."""


class EnvironmentKeys:
    """Keys given as JSON in the environment; changed only by whoever starts the process."""

    def __init__(self, text: str) -> None:
        self._ring = keyring.parse(text)

    def ring(self, *, again: bool = False) -> KeyRing:  # noqa: ARG002  # the environment of a process never changes
        """Return the keys."""
        return self._ring

    def ensure(self, *, suite: Suite, at: datetime | None) -> bool:  # noqa: ARG002  # the protocol's shape
        """Return False: the keys are here."""
        return False

    def add_version(self, *, at: datetime) -> KeyRing:  # noqa: ARG002  # the protocol's shape
        """Refuse (VLT-07)."""
        raise KeysFixed

    def raise_minimum(self, minimum: int) -> KeyRing:  # noqa: ARG002  # the protocol's shape
        """Refuse (VLT-07)."""
        raise KeysFixed


class FileKeys:
    """Keys in a JSON file of mode 0600. A running process sees a changed file at its next use of the keys."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, int, int], KeyRing] | None = None

    def ring(self, *, again: bool = False) -> KeyRing:
        """Return the keys of the file; VLT-04 without a file, VLT-05 for a broken one, VLT-06 for an exposed one."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            raise KeysAbsent from None
        mark = (status.st_mtime_ns, status.st_ino, status.st_size)
        seen = self._seen
        if seen is not None and seen[0] == mark and not again:
            return seen[1]
        if status.st_mode & 0o077:
            raise KeysExposed(mode=f"{status.st_mode & 0o777:o}")
        ring = keyring.parse(self._path.read_text())
        self._seen = (mark, ring)
        return ring

    def ensure(self, *, suite: Suite, at: datetime | None) -> bool:
        """Make the file where there is none, whole or not at all."""
        if self._path.exists():
            return False
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            if self._path.exists():  # another process made it while this one waited
                return False
            self._write(keyring.fresh(suite, made_at=at.isoformat() if at else None))
        return True

    def add_version(self, *, at: datetime) -> KeyRing:
        """Write one more wrapping key."""
        return self._change(lambda content: keyring.with_new_version(content, made_at=at.isoformat()))

    def raise_minimum(self, minimum: int) -> KeyRing:
        """Write a higher minimum."""
        return self._change(lambda content: keyring.with_minimum(content, minimum))

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> KeyRing:
        with self._alone():
            self.ring(again=True)  # a broken or exposed file is refused before anything is written
            self._write(change(json.loads(self._path.read_text())))
        return self.ring(again=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time change the file; the lock ends with the process, however it ends."""
        lock = os.open(self._path.with_name(self._path.name + ".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, content: dict[str, Any]) -> None:
        """Replace the file in one step that survives a power cut: write beside it, sync, rename, sync the folder."""
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        beside.unlink(missing_ok=True)  # left by a process that died here; the lock keeps out a living one
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(content, out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def service() -> KeyService:
    """Return the source of keys of this process: MIAOCE_KEYS where it is set, else the file settings.KEY_FILE."""
    if given := os.environ.get(ENVIRONMENT):
        return _from_environment(given)
    return _from_file(Path(settings.KEY_FILE))


@lru_cache(maxsize=2)
def _from_environment(text: str) -> EnvironmentKeys:
    return EnvironmentKeys(text)


@lru_cache(maxsize=8)
def _from_file(path: Path) -> FileKeys:
    return FileKeys(path)


def suite() -> Suite:
    """Return the suite that new values are sealed with: settings.CIPHER_SUITE; VLT-05 for an unknown name."""
    try:
        return Suite.named(settings.CIPHER_SUITE)
    except ValueError as error:
        raise KeysUnreadable(why=str(error)) from None
