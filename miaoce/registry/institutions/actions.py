"""Writing institutions: what changes keeps what was. Who may do so is asked by the verbs of enrolments.places above."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max

from miaoce.registry import rows
from miaoce.registry.institutions import rules
from miaoce.registry.institutions.models import Kindergarten, KindergartenPast, Office, OfficePast, Succession
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process

REMEMBERED = tuple(
    field.attname
    for field in KindergartenPast._meta.concrete_fields
    if field.name not in {"id", "kindergarten", "until_on", "process_id"}
)


def change_kindergartens(
    *, new: Mapping[UUID, Mapping[str, Any]], verb: str, on: date, process: Process
) -> list[Kindergarten]:
    """Change columns (by attribute: office_id) of kindergartens from a day on and keep what they were until then.

    Refuses INS-01 (a day in the future or before the last change) and INS-03 (nothing changes) for all together.
    """
    places = list(Kindergarten.objects.filter(pk__in=list(new)))
    last = dict(
        KindergartenPast.objects.filter(kindergarten_id__in=list(new))
        .order_by()
        .values_list("kindergarten_id")
        .annotate(Max("until_on"))
    )
    pasts, changes = [], []
    for place in places:
        wanted = {name: value for name, value in new[place.pk].items() if getattr(place, name) != value}
        if not wanted:
            raise rules.NothingChanges
        rules.must_be_a_day(on=on, today=journal.day_of(process), last_change_on=last.get(place.pk))
        if last.get(place.pk) != on:  # a second change of one day adds to the first
            before = {name: getattr(place, name) for name in REMEMBERED}
            pasts.append(KindergartenPast(kindergarten_id=place.pk, until_on=on, process_id=process.pk, **before))
        changes.append(journal.changed(verb, place, new=wanted, effective_on=on))
        for name, value in wanted.items():
            setattr(place, name, value)
    rows.insert(pasts)
    rows.rewrite(places, sorted({_field(name) for wanted in new.values() for name in wanted}))
    journal.note(process, changes)
    return places


def _field(attname: str) -> str:
    """Return the name of a field by its attribute."""
    return next(field.name for field in Kindergarten._meta.concrete_fields if field.attname == attname)


def rename_office(*, office: Office, name: str, on: date, process: Process) -> None:
    """Give an office another name from a day on and keep the one it had. Refuses INS-01, INS-03."""
    if not name or name == office.name:
        raise rules.NothingChanges
    last = OfficePast.objects.filter(office=office).aggregate(last=Max("until_on"))["last"]
    rules.must_be_a_day(on=on, today=journal.day_of(process), last_change_on=last)
    if last != on:
        OfficePast.objects.create(office=office, until_on=on, name=office.name, process_id=process.pk)
    journal.note(process, [journal.changed("office.renamed", office, new={"name": name}, effective_on=on)])
    Office.objects.filter(pk=office.pk).update(name=name)


def succeed(*, former: Kindergarten, successors: Sequence[Kindergarten], kind: str, on: date, process: Process) -> None:
    """Note who takes over from a kindergarten on a day; `kind` is merge, split or close."""
    made = [Succession(former=former, successor=one, kind=kind, day=on, process_id=process.pk) for one in successors]
    Succession.objects.bulk_create(made, ignore_conflicts=True)
    journal.note(process, [journal.made("kindergarten.succeeded", one, effective_on=on) for one in made])
