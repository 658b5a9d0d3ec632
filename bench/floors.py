"""Floors: the least that the same work could cost on the same machine in the same minute."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bench.figures import watch

PIECE = 5_000
WRITTEN = (
    "registry_datakey", "registry_batch", "registry_row", "registry_child", "registry_guardian", "registry_documentclaim",
    "registry_proposal", "registry_enrolment", "registry_numberclaim", "registry_childnumber", "registry_process",
    "registry_event",
)  # fmt: skip
"""The tables that a child passes through from its sheet to its number."""


def write_again(tables: Sequence[str] = WRITTEN, where: str = "") -> float:
    """Write what these tables hold once more into tables without index or rule; return the seconds of the writing alone."""
    return sum(_copied(table, where) if connection.vendor == "postgresql" else _many(table, where) for table in tables)


def _copied(table: str, where: str) -> float:
    """Write a table again by plain COPY from a file."""
    with tempfile.TemporaryFile() as file, connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT * FROM {table} {where}) TO STDOUT") as copy:  # noqa: S608 - our own tables
            for piece in copy:
                file.write(piece)
        file.seek(0)
        cursor.execute(f"CREATE TABLE floor_of (LIKE {table})")
        with watch() as seen, transaction.atomic(), cursor.copy("COPY floor_of FROM STDIN") as copy:
            while piece := file.read(1 << 16):
                copy.write(piece)
        cursor.execute("DROP TABLE floor_of")
    return seen.wall


def _many(table: str, where: str) -> float:
    """Write a table again by plain executemany."""
    total = 0.0
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE floor_of AS SELECT * FROM {table} LIMIT 0")  # noqa: S608 - our own tables
        for piece in _pieces(table, where):
            marks = ", ".join(["%s"] * len(piece[0]))
            with watch() as seen, transaction.atomic():
                cursor.executemany(f"INSERT INTO floor_of VALUES ({marks})", piece)  # noqa: S608 - our own tables
            total += seen.wall
        cursor.execute("DROP TABLE floor_of")
    return total


def _pieces(table: str, where: str) -> Iterator[list[Any]]:
    """Yield a table's rows, so many at a time."""
    last = -1
    while True:
        with connection.cursor() as cursor:
            condition = f"{where} AND rowid > %s" if where else "WHERE rowid > %s"
            cursor.execute(f"SELECT rowid, * FROM {table} {condition} ORDER BY rowid LIMIT {PIECE}", [last])  # noqa: S608 - our own tables
            found = cursor.fetchall()
        if not found:
            return
        last = found[-1][0]
        yield [row[1:] for row in found]


def store(data: bytes, folder: Path) -> float:
    """Write bytes to a file that survives a power cut; return the seconds."""
    with watch() as seen, tempfile.TemporaryFile(dir=folder) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return seen.wall


def rewrite_again(table: str, setting: str) -> float:
    """Change every row of a copy of a table by one statement; return the seconds."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE floor_of AS SELECT * FROM {table}")  # noqa: S608 - our own tables
        with watch() as seen, transaction.atomic():
            cursor.execute(f"UPDATE floor_of SET {setting}")  # noqa: S608 - our own words
        cursor.execute("DROP TABLE floor_of")
    return seen.wall
