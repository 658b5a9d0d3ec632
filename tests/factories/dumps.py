"""Every row of some children as the database holds it, raw, so that two moments can be compared byte by byte."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection

BOOKS = {
    "registry_event", "registry_readingof", "registry_problemside", "registry_problemrecord", "registry_joining",
    "registry_movedrow", "registry_childmerge", "registry_matchpair", "registry_numberclaim", "registry_matchrecord",
}  # fmt: skip
"""What is written about a merge, and no row of the children themselves."""


def dump(child_ids: Iterable[UUID]) -> dict[str, list[tuple[Any, ...]]]:
    """Return by table the rows of children, every column as the driver gives it, in the order of their keys."""
    ids = [one if connection.vendor == "postgresql" else one.hex for one in child_ids]
    marks = ", ".join(["%s"] * len(ids))
    found = {}
    for model in apps.get_app_config("registry").get_models():
        table, names = model._meta.db_table, {f.attname for f in model._meta.concrete_fields}
        column = "id" if table == "registry_child" else "child_id"
        if table in BOOKS or (table != "registry_child" and "child_id" not in names):
            continue
        also = " AND case_kind <> 'problem'" if table == "registry_clock" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} WHERE {column} IN ({marks}){also}", ids)
            rows = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
        found[table] = sorted(rows, key=repr)
    return found
