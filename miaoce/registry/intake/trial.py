"""A trial: checks a file as the upload page would and writes nothing (contract of `miaoce intake check`)."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.timezone import localdate

from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import reader, report, rolls, states, storage
from miaoce.registry.intake.places import memory_of, place_of
from miaoce.registry.intake.reading import limits
from miaoce.registry.intake.registered import Asked, ask
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal


class NoSuchKindergarten(Refusal):
    """The ten-digit code names no kindergarten of this register."""

    code, message, http = "INT-20", "没有标识码为 {kindergarten} 的幼儿园。请核对 10 位学校标识码。", 404


def check_file(path: Path, *, kindergarten_code: str, at: datetime, name: str = "") -> dict[str, Any]:
    """Return the contract's report of a file. Refuses an unknown kindergarten (INT-20); a bad file is `refused` in the report."""
    kindergarten = Kindergarten.objects.filter(code=kindergarten_code).first()
    if kindergarten is None:
        raise NoSuchKindergarten(kindergarten=kindergarten_code)
    on = localdate(at)
    place = place_of(kindergarten, on=on)
    roll = rolls.check(
        reader.read(path, name=name or path.name, limits=limits()),
        place=place,
        codebook=reference.codebook(on),
        memory=memory_of(kindergarten),
    )
    live = [row for row in roll.rows if row.state != states.IGNORED]
    answers = ask([Asked(row.values) for row in live], kindergarten_id=kindergarten.pk)
    for row, answer in zip(live, answers, strict=True):
        report.merge_register_findings(row, answer.findings, known=answer.is_known)
    rolls.measure(roll.rows, place)
    return report.as_json(roll)


def check_text(data: bytes, *, kindergarten_code: str, at: datetime) -> dict[str, Any]:
    """Return the report of what stands on standard input, in whatever encoding it came."""
    with storage.in_the_clear(data) as path:
        return check_file(path, kindergarten_code=kindergarten_code, at=at, name="-")
