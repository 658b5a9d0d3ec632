"""The bytes of proofs: drawn anew in a child process, sealed under the child's key, beside the database by their digest."""

import hashlib
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from uuid import UUID

from django.conf import settings

from miaoce.registry.approvals import proofs_child, proofs_rules
from miaoce.registry.approvals.proofs_drawing import BOMB, CORRUPT, Drawing, Limits, unpacked
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe

AT_ONCE = 2  # child processes of one process of ours; each may take `memory_bytes`
_drawers = BoundedSemaphore(AT_ONCE)


def limits_of_today() -> Limits:
    """Return the bounds as the operator set them."""
    return Limits(
        file_bytes=settings.FILE_MEGABYTES << 20,
        seconds=settings.FILE_SECONDS,
        memory_bytes=settings.FILE_MEMORY_MEGABYTES << 20,
    )


def draw(data: bytes, *, limits: Limits | None = None) -> Drawing:
    """Draw a file anew in a process of its own. Call it outside of a transaction: it may take its seconds.

    Refuses PRF-01 to PRF-07 for what the file is, PRF-11 when every process that draws is at work.
    """
    limits = limits or limits_of_today()
    proofs_rules.must_fit(size=len(data), limits=limits)
    if not _drawers.acquire(timeout=limits.seconds):
        raise proofs_rules.DrawersBusy
    try:
        drawing = _drawn(data, limits)
    finally:
        _drawers.release()
    proofs_rules.must_be_drawn(drawing=drawing, limits=limits)
    return drawing


def _drawn(data: bytes, limits: Limits) -> Drawing:
    """Run the child process on the bytes and return what it drew; one that is stopped or falls is a refusal."""
    with _in_memory(data) as handle:
        process = subprocess.Popen(  # noqa: S603  the command is this program's own interpreter and module
            proofs_child.command(Path(f"/proc/self/fd/{handle}"), limits),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
            pass_fds=(handle,),
        )
        try:
            answer, _ = process.communicate(timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            return Drawing(refused=BOMB)
        finally:
            _end(process)
    if process.returncode != 0:
        return Drawing(refused=CORRUPT if process.returncode == 1 else BOMB)
    return unpacked(answer)


@contextmanager
def _in_memory(data: bytes) -> Iterator[int]:
    """Lend the bytes as a file without a name: gone with this process, even when it is killed."""
    handle = os.memfd_create("proof")
    try:
        with os.fdopen(handle, "wb", closefd=False) as out:
            out.write(data)
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Leave no process behind: the child leads a session of its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def digest_of(child_id: UUID, drawing: Drawing) -> str:
    """Return what a proof is known and stored by: a keyed digest of what was drawn, of one child."""
    content = hashlib.sha256(drawing.packed()).hexdigest()
    return vault.digest(Purpose.PROOF, content, scope=child_id.hex)


def path_of(digest: str) -> Path:
    """Return where the sealed bytes of a proof lie."""
    return Path(settings.PROOFS) / digest[:2] / digest


def store(*, child_id: UUID, digest: str, drawing: Drawing, safe: Safe) -> int:
    """Write the sealed pages so that they survive a loss of power the moment this returns; return how many bytes."""
    path = path_of(digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed = safe.seal_bytes(child_id, "proof", digest, child_id, drawing.packed())
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return len(sealed)


def fetch(*, child_id: UUID, digest: str, safe: Safe) -> Drawing:
    """Return a proof as it was drawn; PRF-10 when its bytes are gone, VLT-02 when they were changed or moved."""
    try:
        sealed = path_of(digest).read_bytes()
    except FileNotFoundError:
        raise proofs_rules.ProofGone from None
    return unpacked(safe.open_bytes(child_id, "proof", digest, child_id, sealed))


def remove(digest: str) -> None:
    """Delete the sealed bytes of a proof, if they are there."""
    path_of(digest).unlink(missing_ok=True)


def stored(*, before: datetime) -> Iterator[Path]:
    """Yield the files that were written before a moment, unfinished ones among them."""
    limit, folder = before.timestamp(), Path(settings.PROOFS)
    for path in sorted(folder.glob("??/*")) if folder.is_dir() else ():
        try:
            if path.stat().st_mtime < limit:
                yield path
        except FileNotFoundError:  # another worker was faster
            continue
