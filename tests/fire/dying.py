"""Processes that die on purpose: where an act can be cut off, and a forked child that is cut off there.

A point is a statement, a commit, a COPY, a sync or a rename of a file: whatever separates one state of the disk from the
next. An act is run once to name its points, and then again and again, dying before or after each of them by SIGKILL.
"""

import os
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from miaoce.registry import rows

LONGEST_SECONDS = 120


class Cut(OperationalError):
    """What a point raises where it fails instead of dying: the kind that a database raises."""


def die() -> None:
    """End this process as a power switch would: nothing is flushed, closed or said."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    """Fail as a statement does."""
    raise Cut


@dataclass
class Points:
    """Names the points of an act as it passes them, and cuts it off before or after one of them."""

    at: int | None = None
    after: bool = False
    cut: Callable[[], None] = die
    names: list[str] = field(default_factory=list)

    def pass_by(self, name: str, step: Callable[[], Any]) -> Any:
        """Take one step of the act, or be cut off beside it."""
        here = len(self.names) == self.at
        self.names.append(name)
        if here and not self.after:
            self.cut()
        given = step()
        if here and self.after:
            self.cut()
        return given

    def wrapping(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that passes this point."""
        return lambda *args, **options: self.pass_by(name, lambda: original(*args, **options))

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Pass one statement (an execute_wrapper of Django)."""
        return self.pass_by(shape_of(sql), lambda: execute(sql, params, many, context))


def shape_of(sql: str) -> str:
    """Return the verb and the table of a statement."""
    words = sql.replace('"', "").split()
    verb = words[0].upper()
    marks = {"INSERT": "INTO", "DELETE": "FROM", "SELECT": "FROM"}
    upper = [word.upper() for word in words]
    if verb == "UPDATE":
        return f"UPDATE {words[1]}"
    if verb in marks and marks[verb] in upper:
        return f"{verb} {words[upper.index(marks[verb]) + 1]}"
    return verb


@contextmanager
def watched(points: Points) -> Iterator[Points]:
    """Let an act pass its points: statements, commits, COPY, syncs and renames."""
    with ExitStack() as stack:
        for owner, name, label in (
            (BaseDatabaseWrapper, "_commit", "COMMIT"),
            (rows, "_copy", "COPY"),
            (os, "fsync", "fsync"),
            (Path, "replace", "rename"),
        ):
            stack.enter_context(mock.patch.object(owner, name, points.wrapping(label, getattr(owner, name))))
        stack.enter_context(connection.execute_wrapper(points.statement))
        yield points


@dataclass
class Ended:
    """How a child process ended: the words it said in time, and whether it was cut off."""

    said: list[str]
    was_killed: bool
    error: str = ""


def start(act: Callable[[Callable[[str], None]], None]) -> tuple[int, int]:
    """Fork a child that runs an act; return its process id and the pipe it speaks through.

    The act gets a function to say a word with: what was said before the end was acknowledged. The child opens database
    connections of its own, so the parent's are closed first.
    """
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    code = 70
    try:
        os.close(reading)
        act(lambda word: os.write(writing, f"{word}\n".encode()) and None)
        connections.close_all()
        code = 0
    except BaseException:  # noqa: BLE001  the child's end must be told, whatever it was
        os.write(writing, f"!{traceback.format_exc()}".encode())
    finally:
        os._exit(code)


def finish(child: int, pipe: int, *, kill_after: float | None = None) -> Ended:
    """Wait for a child, killing it after some seconds if asked to; a child that hangs is killed and is an error."""
    limit = LONGEST_SECONDS if kill_after is None else kill_after
    heard, until = b"", time.monotonic() + limit
    hung = False
    while True:
        ready, _, _ = select.select([pipe], [], [], max(until - time.monotonic(), 0))
        if not ready:
            os.kill(child, signal.SIGKILL)
            hung = kill_after is None
            until = time.monotonic() + 10
            continue
        part = os.read(pipe, 1 << 16)
        heard += part
        if not part:
            break
    os.close(pipe)
    _, status = os.waitpid(child, 0)
    words, _, error = heard.decode().partition("!")
    if hung:
        raise AssertionError(f"a child hung after saying {words!r}")
    return Ended(words.split(), os.WIFSIGNALED(status), error)


def in_a_child(act: Callable[[Callable[[str], None]], None], *, kill_after: float | None = None) -> Ended:
    """Run an act in a forked child to its end, whichever that is; an error that was not a kill is raised here."""
    ended = finish(*start(act), kill_after=kill_after)
    if ended.error:
        raise AssertionError(ended.error)
    return ended


def together(acts: list[Callable[[Callable[[str], None]], None]]) -> list[Ended]:
    """Run acts in as many processes, let go at the same moment, and return how each ended."""
    gate_reading, gate_writing = os.pipe()

    def behind_the_gate(act: Callable[[Callable[[str], None]], None]) -> Callable[[Callable[[str], None]], None]:
        def run(say: Callable[[str], None]) -> None:
            os.close(gate_writing)
            connection.ensure_connection()
            os.read(gate_reading, 1)  # returns when the parent closes its end
            act(say)

        return run

    begun = [start(behind_the_gate(act)) for act in acts]
    os.close(gate_reading)
    os.close(gate_writing)
    return [finish(*one) for one in begun]
