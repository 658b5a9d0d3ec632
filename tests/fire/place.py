"""A small county with everything in it: children in every state, a sheet under review, decisions, readings."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import states
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import actions
from miaoce.registry.intake.models import Batch
from miaoce.registry.journal import actions as journal
from tests.factories.children import make_child, make_children
from tests.factories.places import make_kindergarten, make_office_tree, make_officer, make_school
from tests.factories.rolls import child, fresh_number, pasted


@dataclass
class County:
    """The place, who works there by role, and the batch under review."""

    kindergarten: Kindergarten
    officers: dict[str, Officer]
    batch: Batch
    names: list[str]


def fill(names: list[str] | None = None) -> County:
    """Make the county; `names` are given to children in turn."""
    tree = make_office_tree()
    place = make_kindergarten(tree.county, name="青禾中心幼儿园")
    officers = {
        "registrar": make_officer("registrar", place),
        "principal": make_officer("principal", place),
        "county_reviewer": make_officer("county_reviewer", tree.county),
        "analyst": make_officer("analyst", tree.city),
        "auditor": make_officer("auditor", tree.province),
        "school_registrar": make_officer("school_registrar", make_school(tree.county)),
    }
    people = {"registrar": officers["registrar"], "reviewer": officers["county_reviewer"]}
    names = names or ["陈子墨"]
    for number, state in enumerate(states.LABELS):
        make_child(place, state=state, name=names[number % len(names)], **people)
    make_children([{"name": name} for name in names], place, **people)
    batch = bring_in(place, officers["registrar"], names)
    return County(place, officers, batch, names)


def bring_in(place: Kindergarten, registrar: Officer, names: list[str]) -> Batch:
    """Bring in a pasted sheet with something to mend, something ready and something to tidy."""
    rows = [child(fresh_number(), 姓名=name) for name in names]
    rows += [child(fresh_number(), 民族="汗族"), child(fresh_number(), 联系电话="138 0000 1234"), child(fresh_number())]
    at = timezone.now() - timedelta(minutes=5)
    with journal.process("intake.receive", actor=registrar, at=at) as process:
        batch = actions.receive(
            kindergarten=place, source="paste", file_name="粘贴的内容", data=pasted(rows).encode(), process=process
        )
    actions.read_batch(batch_id=batch.pk, actor=registrar, at=at)
    batch.refresh_from_db()
    return batch
