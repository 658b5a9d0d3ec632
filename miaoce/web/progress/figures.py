"""Registrations by place and state as they may be shown: for analysts every small cell is hidden before anything is added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import queries as approvals
from miaoce.registry.approvals import states
from miaoce.registry.approvals.rules import Figure, by_state, guarded, summed
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.institutions.models import Office

STATES = (states.NUMBERED, states.APPROVED, states.SUBMITTED, states.RETURNED, states.WITHDRAWN)


@dataclass(frozen=True)
class Place:
    """One row: a place with its figures in the order of STATES and their sum; `url` leads one level down."""

    label: str
    url: str
    figures: Sequence[Figure]
    total: Figure


@dataclass(frozen=True)
class Bar:
    """One bar of the chart, in hundredths of the longest: all children of a place, and those that are registered."""

    label: str
    width: int
    done: int
    words: str


@dataclass(frozen=True)
class Table:
    """The page's table and what stands above it."""

    office: Office | None
    above: Sequence[Office]
    places: Sequence[Place]
    total: Place
    has_hidden: bool

    @property
    def bars(self) -> list[Bar]:
        """The chart: each place as long as its children, filled as far as they are registered."""
        longest = max((place.total.known for place in self.places), default=0) or 1
        return [
            Bar(
                place.label,
                place.total.known * 100 // longest,
                place.figures[0].known * 100 // longest,
                f"{place.figures[0].words} / {place.total.words}",
            )
            for place in self.places
        ]


def table_for(officer: Officer, *, code: str = "") -> Table:
    """Return the table of an office at or below the officer's own; Office.DoesNotExist for any other code.

    A county sees its kindergartens in full, because it may see every child; offices above see places down to counties.
    Three statements, four below the officer's own office.
    """
    if officer.is_county:
        return _kindergartens(officer)
    office = institutions.office_within(officer.unit_path, code) if code else None
    path = office.path if office else officer.unit_path
    top, branches = institutions.branches_of(path)
    cells = {
        where: {state: guarded(count) for state, count in counts.items()}
        for where, counts in approvals.by_office_and_state(path).items()
    }
    rows = [
        _place(branch.office.name, _down(branch), [cells[one] for one in branch.office_ids if one in cells])
        for branch in branches
    ]
    if top is not None and (not branches or top.pk in cells):
        rows.append(_place(f"{top.name}本级" if branches else top.name, "", [cells.get(top.pk, {})]))
    above = institutions.line_above(office, officer.unit_path) if office else []
    return _table(top, above, rows)


def _down(branch: institutions.Branch) -> str:
    """Return the address of a branch, empty for a county: nothing is shown below it."""
    return f"{reverse('progress')}?office={branch.office.code}" if len(branch.office_ids) > 1 else ""


def _kindergartens(officer: Officer) -> Table:
    """Return the county's own kindergartens in full."""
    counts: Mapping[UUID, Mapping[str, int]] = approvals.by_kindergarten_and_state(officer)
    rows = []
    for one in institutions.kindergartens_of(officer.unit_id) if officer.unit_id else []:
        cells = {state: guarded(count, is_shown_in_full=True) for state, count in counts.get(one.pk, {}).items()}
        rows.append(_place(one.name, f"{reverse('approvals')}?kindergarten={one.code}", [cells]))
    return _table(None, [], rows)


def _place(label: str, url: str, cells: Sequence[Mapping[str, Figure]]) -> Place:
    """Return a row whose figures are made of what may be shown, so that no difference of rows tells a small cell."""
    figures = list(by_state(cells, STATES).values())
    return Place(label, url, figures, summed(figures))


def _table(office: Office | None, above: Sequence[Office], rows: Sequence[Place]) -> Table:
    """Return the table with its sum."""
    columns = [summed(row.figures[index] for row in rows) for index in range(len(STATES))]
    total = Place("合计", "", columns, summed(columns))
    return Table(office, above, rows, total, total.total.hidden > 0)
