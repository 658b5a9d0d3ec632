"""The filters of the list, read from an address and written back into one. What cannot be read is left out."""

from dataclasses import dataclass, fields
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from miaoce.registry.approvals import states as cases
from miaoce.registry.children.models import ChildQuerySet
from miaoce.registry.children.queries import Filters, filtered
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.queries import in_group

LONGEST = 50
WAITING = {code: word for code, word in cases.LABELS.items() if code != cases.NUMBERED}
STANDING = {code: word for code, word in stays.STANDINGS.items() if code}
STATES = {**STANDING, **WAITING}
"""What the list may be narrowed to: where a child stands, or where its registration stands while it has no number."""


@dataclass(frozen=True)
class Asked:
    """What the address of a list asks for, every value as it stands in the address."""

    q: str = ""
    group: str = ""
    kindergarten: str = ""
    state: str = ""
    sex: str = ""
    document: str = ""
    number: str = ""
    born_from: str = ""
    born_to: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Asked":
        """Read an address."""
        given = {field.name: query.get(field.name, "").strip()[:LONGEST] for field in fields(cls)}
        checks = {"group": _uuid, "kindergarten": _uuid, "born_from": _day, "born_to": _day}
        kept = {name: value for name, value in given.items() if value and (name not in checks or checks[name](value))}
        if kept.get("state", "") not in {*STATES, cases.NUMBERED}:
            kept.pop("state", None)
        return cls(**kept)

    @property
    def query(self) -> str:
        """The address's own text, without a cursor."""
        return urlencode({field.name: value for field in fields(self) if (value := getattr(self, field.name))})

    @property
    def is_empty(self) -> bool:
        """Say whether nothing narrows the list."""
        return self == Asked()

    @property
    def has_more(self) -> bool:
        """Say whether one of the filters under 更多条件 is set."""
        return bool(self.sex or self.document or self.number or self.born_from or self.born_to)

    def applied(self, children: ChildQuerySet, *, in_county: bool, on: date) -> ChildQuerySet:
        """Return the children that fit."""
        narrowed = filtered(
            children,
            Filters(
                words=self.q,
                state="" if self.state in STANDING else self.state,
                standing=self.state if self.state in STANDING else "",
                sex=self.sex,
                document_kind=self.document,
                number_kind=self.number,
                kindergarten_id=_uuid(self.kindergarten),
                born_from=_day(self.born_from),
                born_to=_day(self.born_to),
            ),
            in_county=in_county,
            on=on,
        )
        group = _uuid(self.group)
        return in_group(narrowed, group) if group else narrowed


def _uuid(text: str) -> UUID | None:
    """Return an id, or None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    """Return a day written 2023-01-05, or None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def cursor(query: QueryDict, name: str) -> UUID | None:
    """Return the cursor `after` or `before` of an address."""
    return _uuid(query.get(name, ""))
