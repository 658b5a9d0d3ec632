"""The bytes of what came in, sealed under the batch's own key in the uploads folder, named by the batch's id.

Beside them lies a mended sheet (`BACK`) from when it was brought back until the worker has laid it over the batch.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from miaoce.registry.refusals import Refusal
from miaoce.registry.vault.safe import Safe


class FileGone(Refusal):
    """The bytes of a batch are no longer kept."""

    code, message, http = "INT-01", "原文件已不在，里面的内容读不出来。请重新上传。", 410


FILE, BACK = "file", "back"


def path_of(batch_id: UUID, what: str = FILE) -> Path:
    """Return where the sealed bytes of a batch lie."""
    return Path(settings.UPLOADS) / (batch_id.hex if what == FILE else f"{batch_id.hex}.{what}")


def keep(*, batch_id: UUID, data: bytes, safe: Safe, what: str = FILE) -> None:
    """Write the sealed bytes so that they survive a loss of power the moment this returns."""
    path = path_of(batch_id, what)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed = safe.seal(batch_id, "batch", what, batch_id, b64encode(data).decode("ascii"))
    part = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def fetch(*, batch_id: UUID, safe: Safe, what: str = FILE) -> bytes:
    """Return the bytes of a batch as they came in; INT-01 when they are gone, VLT-02 when they were changed."""
    try:
        sealed = path_of(batch_id, what).read_bytes()
    except FileNotFoundError:
        raise FileGone from None
    return b64decode(safe.open(batch_id, "batch", what, batch_id, sealed))


def remove(*, batch_id: UUID) -> None:
    """Delete the sealed bytes of a batch and of a sheet brought back to it, if they are there."""
    for what in (FILE, BACK):
        path_of(batch_id, what).unlink(missing_ok=True)


def remove_back(*, batch_id: UUID) -> None:
    """Delete the sealed bytes of a sheet that was brought back, once it is laid over the batch."""
    path_of(batch_id, BACK).unlink(missing_ok=True)


@contextmanager
def in_the_clear(data: bytes) -> Iterator[Path]:
    """Lend the bytes as a file without a name, in memory: gone with this process, even when it is killed."""
    handle = os.memfd_create("sheet")
    try:
        with os.fdopen(handle, "wb", closefd=False) as out:
            out.write(data)
        yield Path(f"/proc/{os.getpid()}/fd/{handle}")
    finally:
        os.close(handle)


def leftovers(*, before: datetime, known: set[str]) -> list[Path]:
    """Return files that no batch answers for, because a process died between writing and committing."""
    folder, limit = Path(settings.UPLOADS), before.timestamp()
    found = folder.iterdir() if folder.is_dir() else iter(())
    return [path for path in found if path.name.partition(".")[0] not in known and path.stat().st_mtime < limit]
