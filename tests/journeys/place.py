"""Fills the small place that the journeys happen in: `python -m tests.journeys.place`, on the data of MIAOCE_DATA.

It runs in a process of its own, as the server does, because the journeys look at Miaoce from outside only. The sheets that
people bring with them are written beside the data.
"""

import sys
from datetime import timedelta
from pathlib import Path

CODES = ("1199000001", "1199000003")
WAITING, TO_LOOK_AT = 200, 17
FLAGS = (("SAME_CHILD_ELSEWHERE", 3), ("AGE_UNDER_3", 1))


def fill(folder: Path) -> None:
    """Build the province, fill two kindergartens, let 200 wait at 柳溪县, write the sheets."""
    from django.conf import settings
    from django.utils import timezone

    from miaoce.cli import serve
    from miaoce.cli.demonstration import changes, place, problems, sheets, standings, transfers
    from miaoce.cli.demonstration import fill as demonstration
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.journal import actions as journal

    serve.prepare()
    now = timezone.now()
    with journal.process("demo.build", actor=the_system("演示"), at=now - timedelta(days=200)) as process:
        where = place.build(on=timezone.localdate(now), process=process)
        crews = demonstration._crews(where, process)
    here, there = (next(k for k in where.kindergartens if k.code == code) for code in CODES)
    for kindergarten in (here, there):
        demonstration._one_kindergarten(0, kindergarten, where, crews[kindergarten.code], now)
        crew = crews[kindergarten.code]
        changes.file_some(kindergarten=kindergarten, registrar=crew.registrar, reviewer=crew.reviewer, now=now)
    elsewhere = [values for group, values in demonstration._children(0, there, where, now) if group.kind == "junior"]
    sheets.bring_in(
        kindergarten=here,
        year=where.year,
        registrar=crews[here.code].registrar,
        elsewhere=elsewhere[:2],
        now=now - timedelta(hours=2),
    )
    _wait_at_the_county(there, where, crews[there.code], now)
    for name, start in (("flagship", 2), ("pasted", 4), ("plain", 6)):
        _write(folder / f"{name}.xlsx", name, here, where, elsewhere[start : start + 2])
    transfers.fill(where=where, crews=crews, now=now)
    problems.fill(where=where, crews=crews, now=now)
    for kindergarten in (here, there):
        crew = crews[kindergarten.code]
        standings.file_some(
            kindergarten=kindergarten, year=where.year, registrar=crew.registrar, reviewer=crew.reviewer, now=now
        )
    settings.DEMO_MARK.write_text("虚构数据\n")
    settings.DEMO = True
    transfers.ask(now=now)


def _wait_at_the_county(kindergarten, where, crew, now) -> None:  # type: ignore[no-untyped-def]  # a script of the tests
    """Let 200 children wait, of whom 17 need a look."""
    from miaoce.cli.demonstration.people import People
    from miaoce.registry.approvals.models import Proposal
    from miaoce.registry.enrolments import actions as enrolments
    from miaoce.registry.enrolments.actions import Admission
    from miaoce.registry.ids import new_id
    from miaoce.registry.journal import actions as journal

    Proposal.objects.filter(kindergarten=kindergarten, state="submitted").delete()
    source, group = People("county"), where.groups[kindergarten.code][3]
    admissions = [
        Admission(
            new_id(),
            source.child(
                region=kindergarten.region_code,
                group_kind="middle",
                group=group.name,
                year_start=where.year.starts_on,
                entered_on=(now - timedelta(days=20)).date(),
            ),
            group,
        )
        for _ in range(WAITING)
    ]
    with journal.process("intake.submit", actor=crew.registrar, at=now - timedelta(days=4)) as process:
        sent = enrolments.submit(admissions=admissions, kindergarten=kindergarten, process=process).sent
    Proposal.objects.filter(child_id__in=sent).update(risk=0, flags=[])
    look = sent[:TO_LOOK_AT]
    for count, child in enumerate(look):
        flag, risk = FLAGS[count % 2]
        Proposal.objects.filter(child_id=child).update(risk=risk, flags=[flag])


def _write(path: Path, seed: str, kindergarten, where, elsewhere) -> None:  # type: ignore[no-untyped-def]  # as above
    """Write a sheet of thirty: six to mend, two that stand elsewhere, one twice; and the papers to mend them by."""
    import json

    from miaoce.cli.demonstration import sheets
    from miaoce.cli.demonstration.people import People

    source = People(f"journey {seed}")
    drawn = [
        source.child(
            region=kindergarten.region_code,
            group_kind="junior",
            group="小一班",
            year_start=where.year.starts_on,
            entered_on=where.year.starts_on,
        )
        for _ in range(70)
    ]
    sound = [one for one in drawn if one["id_type"] == "resident_id" and one["ethnicity"] == "01"][:27]
    texts = [sheets._written(one) for one in sound]
    sheets._slip(texts)
    texts += [sheets._written(one | {"class": "小一班"}) for one in elsewhere]
    texts.append(dict(texts[12]))
    path.write_bytes(sheets._sheet(texts))
    right = {one["name"]: {"id_number": one["id_number"], "guardian1_phone": one["guardian1_phone"]} for one in sound}
    headings = "\t".join(label for label, _ in sheets.HEADINGS)
    lines = ["\t".join(row[key] for _, key in sheets.HEADINGS) for row in texts]
    papers = {"right": right, "text": "\n".join([headings, *lines])}
    path.with_suffix(".json").write_text(json.dumps(papers, ensure_ascii=False))


if __name__ == "__main__":
    import django

    django.setup()
    fill(Path(sys.argv[1]))
