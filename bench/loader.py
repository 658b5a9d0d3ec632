"""Fills a register with invented children who have their numbers, faster than by their sheets: for measuring in a full house.

What lies in the tables is what the rooms would have written: values sealed under a key of each child's own, digests, claims,
guardians, cases, stays, numbers. Only the journal is thin: one event a child instead of seven. Called by parts, each a
process: `python -m bench.loader STAGE PART PARTS COUNT`.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from operator import itemgetter
from typing import Any

from bench.ground import start, vendor

AT_ONCE, TOGETHER = 5_000, 10
HERE = 250  # children of one kindergarten
AGO = timedelta(days=400)  # when they entered
COUNTIES = ("990101", "990102", "990103", "990201", "990202")


def load(*, stage: int, count: int) -> None:
    """Load that many children, by as many processes as the database takes writers."""
    import subprocess

    parts = len(os.sched_getaffinity(0)) if vendor() == "postgresql" else 1
    share = count // parts
    commands = [[sys.executable, "-m", "bench.loader", str(stage), str(part), str(share)] for part in range(parts)]
    running = [subprocess.Popen(command) for command in commands]
    if any(process.wait() for process in running):
        raise RuntimeError("a part of the loading broke")


def main() -> None:
    """Load one part."""
    start()
    stage, part, count = (int(text) for text in sys.argv[1:])
    from django.db import transaction

    from bench.sheets import Crowd

    people = Crowd(f"{stage} {part}", lane=stage * 2 + part)
    _make_room()
    batches = _places(stage, part, count)
    while together := list(islice(batches, TOGETHER)):
        with transaction.atomic():  # so that a page of an index is written once for many children
            for places in together:
                _fill(places, people, f"99{stage}{part}")


def _make_room() -> None:
    """Let SQLite keep the pages of a whole transaction in memory."""
    from django.db import connection

    if vendor() == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-1048576")


def _places(stage: int, part: int, count: int) -> Iterator[list[Any]]:
    """Make kindergartens with four groups each, as many as one write fills, and yield them with their groups."""
    from django.utils import timezone

    from miaoce.registry.institutions.models import Group, Kindergarten, Office, SchoolYear

    offices = {office.code: office for office in Office.objects.filter(code__in=COUNTIES)}
    year = SchoolYear.objects.latest("starts_on")
    since = timezone.localdate() - timedelta(days=900)
    for first in range(0, count // HERE, AT_ONCE // HERE):
        places = []
        for index in range(first, min(first + AT_ONCE // HERE, count // HERE)):
            county = COUNTIES[index % len(COUNTIES)]
            code = f"12{stage}{part}{index:06d}"
            kindergarten = Kindergarten(
                code=code, name=f"第{code[2:]}幼儿园", office=offices[county], region_code=county,
                ownership="public_education", urban_rural="111", licence_number=code, licence_from=since,
            )  # fmt: skip
            kinds = (("小一班", "junior"), ("中一班", "middle"), ("大一班", "senior"), ("混龄一班", "mixed"))
            groups = [
                Group(kindergarten=kindergarten, school_year=year, name=name, kind=kind, size_norm=HERE, sort=sort)
                for sort, (name, kind) in enumerate(kinds)
            ]
            places.append((kindergarten, groups, year))
        Kindergarten.objects.bulk_create([kindergarten for kindergarten, _, _ in places])
        Group.objects.bulk_create([group for _, groups, _ in places for group in groups])
        yield places


def _fill(places: Sequence[Any], people: Any, prefix: str) -> None:
    """Write the children of some kindergartens."""
    from django.utils import timezone

    from bench.lines import Lines
    from bench.sheets import Intakes
    from miaoce.registry import rows
    from miaoce.registry.ids import new_id
    from miaoce.registry.vault import actions as vault

    now = timezone.now()
    drafts = []
    for kindergarten, groups, year in places:
        begins = f"{prefix}{int(kindergarten.code[4:]) % 100:02d}"  # so that serials suffice for a million
        source = Intakes(kindergarten, groups, year.starts_on, timezone.localdate(now) - AGO, people, begins)
        drafts += [(new_id(), kindergarten, group, values) for group, values in source.values(HERE)]
    safe = vault.make_keys([child for child, *_ in drafts], at=now)
    lines = Lines(safe=safe, now=now)
    for draft in drafts:
        lines.add(*draft)
    for model, written in lines.written():
        _insert(rows, model, written)


def _insert(rows: Any, model: Any, written: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by column; what a row does not name takes the column's default."""
    if not written:
        return
    fields = {field.attname: field for field in model._meta.concrete_fields}
    default = {name: field.get_default() for name, field in fields.items()}
    take = itemgetter(*fields)
    rows.insert_values(model, list(fields), [take({**default, **row}) for row in written])


if __name__ == "__main__":
    main()
