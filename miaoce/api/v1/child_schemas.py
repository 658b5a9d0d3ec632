"""How a child is answered: masked for the caller, with codes and their names."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema

from miaoce.api.v1.registrations import CaseStateOut
from miaoce.api.v1.schemas import Coded, one_of
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child
from miaoce.registry.children.queries import Record
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.history import Then
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.reference.codebook import Codebook

Sex = Literal["1", "2"]
NumberKind = Literal["G", "L", "J"]
Standing = Literal["attending", "left", "graduated", "deferred", "promoted", "cancelled", "void", "merged"]
StandingOut = Annotated[str, one_of(*stays.STANDINGS)]
SexOut = Annotated[str, one_of("1", "2")]
CODES = {
    "sex": "sex", "ethnicity": "ethnicity", "nationality": "country", "document_kind": "document",
    "hukou_kind": "hukou_kind", "only_child": "yes_no", "left_behind": "left_behind", "migrant": "yes_no",
    "orphan": "yes_no",
}  # fmt: skip
REGIONS = ("hukou_region", "birth_region")
CARE = {"health": "health", "disability": "disability"}


class ChildLine(Schema):
    """A child in a list. The number is masked; null where there is none.

    `state` is the registration's, `standing` where the child stands since (empty before the number); a change names `version`.
    """

    id: UUID
    version: int
    name: str
    sex: SexOut
    born_on: date
    state: CaseStateOut
    state_name: str
    standing: StandingOut
    standing_name: str
    number: str | None
    number_kind: Annotated[str, one_of("G", "L", "J")] | None
    group: str | None
    changed_at: datetime


class GuardianOut(Schema):
    """A guardian, masked as on the page."""

    name: str
    relation: Coded | None
    document: str
    phone: str


class ChildOut(ChildLine):
    """A child's record, masked as on the page. `coded` holds the fields that have codes, empty ones left out.

    Health and disability are there only for callers with child:care. `number` is in full only when it was asked for.
    `as_of` and `known_on` say which day is answered, null for now; `kindergarten` and `group` are those of that day, as they
    were called then, and `stay_from` is the day since when.
    """

    former_name: str
    document: str
    address: str
    remark: str
    coded: Mapping[str, Coded]
    guardians: Sequence[GuardianOut]
    kindergarten: Coded | None
    stay_from: date | None
    as_of: date | None
    known_on: date | None


def line_out(child: Child, number: str, stay: Enrolment | None) -> ChildLine:
    """Return a child of a list."""
    return ChildLine(
        id=child.pk,
        version=child.version,
        name=child.name,
        sex=child.sex,
        born_on=child.born_on,
        state=child.state,
        state_name=states.LABELS[child.state],
        standing=child.standing,
        standing_name=stays.standing_word(child.standing),
        number=number or None,
        number_kind=child.number_kind or None,
        group=stay.group.name if stay else None,
        changed_at=child.changed_at,
    )


def child_out(
    child: Child, record: Record, number: str, stay: Enrolment | None, *, book: Codebook, officer: Officer
) -> ChildOut:
    """Return a child's record."""
    return ChildOut(
        **line_out(child, number, stay).model_dump(),
        former_name=child.former_name,
        document=record.document,
        address=record.address,
        remark=record.remark,
        coded=_coded(child, book, officer),
        guardians=[
            GuardianOut(
                name=one.name,
                relation=Coded(code=one.relation, name=book.name("relation", one.relation)) if one.relation else None,
                document=one.document,
                phone=one.phone,
            )
            for one in record.guardians
        ],
        kindergarten=Coded(code=child.kindergarten.code, name=child.kindergarten.name),
        stay_from=stay.started_on if stay else None,
        as_of=None,
        known_on=None,
    )


def then_out(then: Then, record: Record, number: str, *, book: Codebook, officer: Officer) -> ChildOut:
    """Return a child's record as it was on a day."""
    answer = child_out(then.child, record, number, None, book=book, officer=officer)
    answer.standing, answer.standing_name = then.standing, stays.standing_word(then.standing)
    answer.group = then.group.name if then.group else None
    answer.stay_from = then.stay.started_on if then.stay else None
    answer.kindergarten = Coded(code=then.place.code, name=then.place.name) if then.place else None
    answer.as_of, answer.known_on = then.on, then.known_on
    return answer


def _coded(child: Child, book: Codebook, officer: Officer) -> dict[str, Coded]:
    """Return the coded fields that hold something."""
    lists = CODES | (CARE if officer.may(Permission.CHILD_CARE) else {})
    found = {
        name: Coded(code=code, name=book.name(list_name, code))
        for name, list_name in lists.items()
        if (code := getattr(child, name))
    }
    for name in REGIONS:
        if code := getattr(child, name):
            found[name] = Coded(code=code, name=book.region_name(code))
    return found
