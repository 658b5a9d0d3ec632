"""The check at entry in a full register: what a row costs alone and in batches, and how well it finds, on a labelled roll.

    python -m bench.entry_match FOLDER [RECORDS]

FOLDER holds roll.csv and truth.csv (make_roll.py of the shared rolls, or `python -m bench.variants`). Its records are put into a
register of their own (MIAOCE_DATABASE_URL, or a new file of SQLite); then records that stand twice are asked about as rows.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

ALONE, TOGETHER, AT_ONCE = 300, 2_000, 2_000
TEXTS = (
    "name", "sex", "birth_date", "id_number", "ethnicity", "hukou_region", "address",
    *(f"guardian{n}_{part}" for n in (1, 2) for part in ("name", "relation", "id_number", "phone")),
)  # fmt: skip


def main() -> None:
    """Fill a register and measure."""
    folder, most = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if "MIAOCE_DATABASE_URL" not in os.environ:
        os.environ.setdefault("MIAOCE_DATA", tempfile.mkdtemp())
    from bench.ground import prepare, vendor

    ground = prepare()
    import polars as pl

    from bench.million import settle
    from miaoce.registry.matching import keeping

    roll = pl.read_csv(folder / "roll.csv", infer_schema=False).fill_null("")
    roll = roll.head(most) if most else roll
    began = time.perf_counter()
    children = filled(roll, ground)
    print(f"  {len(children):,} children on {vendor()} in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    made = keeping.renew_behind(at=ground.now)
    took = time.perf_counter() - began
    print(f"  records made: {made:,} in {took:.0f} s, {made / took:,.0f} a second", flush=True)
    settle()
    measured(roll, children, pl.read_csv(folder / "truth.csv", infer_schema=False))


def filled(roll: Any, ground: Any) -> dict[str, UUID]:
    """Record the roll's children and their stays; return their ids by record."""
    from miaoce.registry import rows
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.children import actions
    from miaoce.registry.children.actions import ChildDraft
    from miaoce.registry.enrolments.models import Enrolment
    from miaoce.registry.ids import new_id
    from miaoce.registry.institutions.models import Group
    from miaoce.registry.journal import actions as journal

    places = _places(sorted(set(roll["kindergarten"])), ground)
    groups = dict(Group.objects.values_list("kindergarten_id", "id"))
    children = dict[str, UUID]()
    lines = (line for line in roll.iter_rows(named=True) if line["sex"] and line["birth_date"] and line["name"])
    while part := list(islice(lines, AT_ONCE)):
        ids = [new_id() for _ in part]
        at = [places[line["kindergarten"]] for line in part]
        drafts = [ChildDraft(i, values(line), k.pk, k.office_id) for i, line, k in zip(ids, part, at, strict=True)]
        with journal.process("bench.fill", actor=the_system(), at=ground.now) as process:
            actions.record(drafts=drafts, process=process)
            rows.insert([
                Enrolment(
                    child_id=i, kindergarten=k, group_id=groups[k.pk], state="left" if _end(line) else "attending",
                    started_on=line["entry_date"] or line["exit_date"] or ground.today, ended_on=_end(line),
                )
                for i, line, k in zip(ids, part, at, strict=True)
            ])  # fmt: skip
        children.update(zip((line["record"] for line in part), ids, strict=True))
    return children


def _places(names: Sequence[str], ground: Any) -> dict[str, Any]:
    """Make a kindergarten with one group for each of the roll's."""
    from miaoce.registry.institutions.models import Group, Kindergarten

    made = [
        Kindergarten(
            code=f"13{number:08d}", name=f"第{number}幼儿园", office=ground.kindergarten.office, region_code="990101",
            ownership="public_education", urban_rural="111", licence_number=str(number), licence_from=ground.today,
        )
        for number, _ in enumerate(names)
    ]  # fmt: skip
    Kindergarten.objects.bulk_create(made, batch_size=1_000)
    groups = [
        Group(kindergarten=one, school_year=ground.where.year, name="小一班", kind="junior", size_norm=25, sort=1)
        for one in made
    ]
    Group.objects.bulk_create(groups, batch_size=1_000)
    return dict(zip(names, made, strict=True))


def values(line: Mapping[str, str]) -> dict[str, str]:
    """Return a record as intake's normalised values."""
    from miaoce.registry.reference.codebook import CodeList
    from miaoce.registry.reference.rows import shipped_codes

    relations = _RELATIONS.setdefault("all", CodeList(shipped_codes()["relation"]))
    given = {key: line[key] for key in TEXTS if line[key]}
    for key in ("guardian1_relation", "guardian2_relation"):
        if key in given:
            given[key] = relations.code(given[key]) or ""
    given["id_type"] = "resident_id" if line["id_number"] else "none"
    if line["entry_date"]:
        given["entry_date"] = line["entry_date"]
    return given


def _end(line: Mapping[str, str]) -> str | None:
    return line["exit_date"] if line["exit_date"] >= line["entry_date"] and line["exit_date"] else None


_RELATIONS: dict[str, Any] = {}


def measured(roll: Any, children: Mapping[str, UUID], truth: Any) -> None:
    """Ask about records that stand twice: alone, together, and whether the other record is found."""
    from bench.figures import p95
    from miaoce.registry.children.models import Child
    from miaoce.registry.matching.entry import suspects
    from miaoce.registry.matching.judging import Row

    lines = {line["record"]: line for line in roll.iter_rows(named=True) if line["record"] in children}
    places = dict(Child.objects.values_list("id", "kindergarten_id"))
    pairs = [(a, b) for a, b in truth.select("left", "right").iter_rows() if a in lines and b in lines]
    asked = {a: Row(children[a], values(lines[a]), places[children[a]], children[a]) for a, _ in pairs}
    more = islice((r for r in lines if r not in asked), max(0, 5 * TOGETHER - len(asked)))
    rows = [*asked.values(), *(Row(children[r], values(lines[r]), places[children[r]], children[r]) for r in more)]
    clocks, taken = {"waited": time.perf_counter, "processor": time.process_time}, list[dict[str, float]]()
    for row in rows[: ALONE + 20]:
        began = {name: clock() for name, clock in clocks.items()}
        suspects([row])
        taken.append({name: clock() - began[name] for name, clock in clocks.items()})
    for name in clocks:
        alone = sorted(one[name] for one in taken[20:])
        print(f"  alone, {name}: p50 {alone[ALONE // 2] * 1e3:.1f} ms, p95 {p95(alone) * 1e3:.1f} ms", flush=True)
    began, found = {name: clock() for name, clock in clocks.items()}, dict[UUID, list[Any]]()
    for part in _parts(rows):
        found.update(suspects(part))
    for name, clock in clocks.items():
        print(f"  in batches, {name}: {len(rows) / (clock() - began[name]):,.0f} rows a second", flush=True)
    _told(pairs, children, found, len(rows))


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), TOGETHER):
        yield rows[start : start + TOGETHER]


def _told(
    pairs: Sequence[tuple[str, str]], children: Mapping[str, UUID], found: Mapping[UUID, Sequence[Any]], asked: int
) -> None:
    """Say which share of the true pairs was found, and how much else."""
    true = {(children[a], children[b]) for a, b in pairs} | {(children[b], children[a]) for a, b in pairs}
    for name, lowest in (("same", 3), ("same or review", 2)):
        hits = {(key, s.child_id) for key, those in found.items() for s in those if s.verdict >= lowest}
        right = sum((children[a], children[b]) in hits for a, b in pairs)
        wrong = len(hits - true)
        print(f"  {name}: {right} of {len(pairs)} found, {wrong} wrong among {asked:,} rows", flush=True)


if __name__ == "__main__":
    main()
