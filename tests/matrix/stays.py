"""What each side of the matrix has of changed stays: a change that was done, and a child that left for nobody knows where."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.enrolments import casework, leaving, states
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from tests.factories import children


def stays_of(garden: Kindergarten, officers: Mapping[str, Officer], now: datetime, **values: str) -> dict[str, Any]:
    """Make them for a side and return their ids by the words that the tables use."""
    registrar, today = officers["registrar"], timezone.localdate(now)
    left = children.make_child(
        garden, registrar=registrar, reviewer=officers["county_reviewer"], at=now - timedelta(minutes=90), **values
    )
    how = Leaving(on=today, reason="moved", destination="unknown")
    with journal.process("child.leave", actor=registrar, at=now) as process:
        assert leaving.leave(chosen={left.pk: left.version}, leaving=how, process=process).done == [left.pk]
    graduate = children.make_child(
        garden, registrar=registrar, reviewer=officers["county_reviewer"], at=now - timedelta(minutes=90),
        **values | {"name": f"{values['name'][:-1]}寅", "id_number": children.document_number(region=garden.region_code)},
    )  # fmt: skip
    last = Enrolment.objects.get(child_id=graduate.pk)
    Enrolment.objects.filter(pk=last.pk).update(state=states.GRADUATED, ended_on=last.started_on)
    type(graduate).objects.filter(pk=graduate.pk).update(standing=states.GRADUATED)
    school_year = garden.groups.earliest("sort").school_year
    older = children.make_child(
        garden, registrar=registrar, reviewer=officers["county_reviewer"], at=now - timedelta(minutes=90),
        **values
        | {
            "name": f"{values['name'][:-1]}卯", "birth_date": f"{school_year.ends_on.year - 6}-05-01",
            "id_number": children.document_number(f"{school_year.ends_on.year - 6}-05-01", region=garden.region_code),
        },
    )  # fmt: skip
    until = school_year.ends_on.replace(year=school_year.ends_on.year + 1) + timedelta(days=1)
    asked = Asked(older.pk, older.version, "deferral.health", until, words="诊断证明原件")
    with journal.process("case.file", actor=registrar, at=now) as process_of_case:
        (standing,) = casework.file(asked=[asked], process=process_of_case).done
    return {
        "standing_case": standing.pk,
        "standing_pick": f"{standing.pk}:{standing.version}",
        "graduate": graduate.pk,
        "left": left.pk,
        "left_pick": f"{left.pk}:{left.version + 1}",
        "regrouping": process.pk,
        "other_group": garden.groups.order_by("sort")[2].pk,
        "today": today.isoformat(),
    }
