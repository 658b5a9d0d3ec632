"""Opens what a kindergarten sent. Files are read in a child process of their own; pasted text is read here."""

import hashlib
import json
import os
import signal
import subprocess
from pathlib import Path

from miaoce.registry.intake import reader_child
from miaoce.registry.intake.sheets import DEFAULT_LIMITS, FileRefusal, FileRefused, Limits, Reading
from miaoce.registry.intake.text_files import read_text_sheet
from miaoce.registry.intake.wording import file_message


def read(path: Path, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read a file in a child process within the limits.

    Never raises for what the file holds: a refused file comes back with `refused` set (codes of the intake contract).
    """
    if path.stat().st_size == 0:
        return Reading(
            name, sha256=hashlib.sha256(b"").hexdigest(), refused=FileRefusal("EMPTY", file_message("no_bytes"))
        )
    with path.open("rb") as file:  # handed over open: it may have no name (storage.in_the_clear)
        process = subprocess.Popen(  # noqa: S603  the command is this program's own interpreter and module
            reader_child.command(Path(f"/proc/self/fd/{file.fileno()}"), name, limits),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
            pass_fds=(file.fileno(),),
        )
    try:
        answer, _ = process.communicate(timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        return _given_up(path, name, "slow")
    finally:
        _end(process)
    if process.returncode != 0:
        fell_apart = process.returncode == reader_child.FELL_APART
        return _given_up(path, name, "corrupt" if fell_apart else "bomb")
    return Reading.from_json(json.loads(answer))


def read_text(text: str, *, name: str = "粘贴的内容", limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read pasted cells or text from standard input (tabs, commas or semicolons; cells may hold line breaks)."""
    data = text.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(data).hexdigest()
    if len(data) > limits.file_bytes:
        words = file_message("large", megabytes=-(-len(data) // (1024 * 1024)))
        return Reading(name, sha256=digest, refused=FileRefusal("TOO_LARGE", words))
    try:
        return Reading(name, (read_text_sheet(text, limits),), "utf-8", digest)
    except FileRefused as error:
        return Reading(name, sha256=digest, refused=error.refusal)


def _given_up(path: Path, name: str, why: str) -> Reading:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Reading(
        name, sha256=digest, refused=FileRefusal("CORRUPT" if why == "corrupt" else "BOMB", file_message(why))
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Leave no process behind: the child leads a session of its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
