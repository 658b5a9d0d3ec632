"""Reads cannot write: both doors answer GET and HEAD under this guard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from miaoce.registry.journal.readings import log_may_write

READS = (
    "SELECT",
    "WITH",
    "BEGIN",
    "SAVEPOINT",
    "RELEASE",
    "ROLLBACK",
    "COMMIT",
    "PRAGMA",
    "EXPLAIN",
    "DECLARE",
    "SET ",
)


class WriteOnRead(RuntimeError):
    """Something that only reads tried to write: a bug."""


@contextmanager
def only_reads() -> Iterator[None]:
    """Let statements that read through, and what the read log writes; anything else raises WriteOnRead."""
    with connection.execute_wrapper(_only_reads):
        yield


def _only_reads(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Look at the first word of a statement."""
    if not sql.lstrip("( \n").upper().startswith(READS) and not log_may_write.get():
        raise WriteOnRead(sql.split(maxsplit=1)[0])
    return execute(sql, params, many, context)
