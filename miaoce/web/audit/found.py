"""What auditors are shown: readings and processes below their office, by moment. Ids of children, never a name."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from miaoce.registry.access import queries as access
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import ROLES
from miaoce.registry.children.reveal import logged_label
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.journal import queries as journal
from miaoce.registry.journal.models import Process, Reading
from miaoce.registry.journal.queries import Asked
from miaoce.web.approvals.forms import identifier
from miaoce.web.children.words import LOOKED
from miaoce.web.components.formats import table_day

READINGS, PROCESSES = "readings", "processes"
DONE = {
    "approval.approve": "批准",
    "approval.open": "打开审核",
    "approval.recall": "撤回决定",
    "approval.return": "退回",
    "child.reveal": "显示证件或电话",
    "intake.end_order": "办完提交",
    "intake.order": "要求提交",
    "intake.submit": "提交",
    "intake.withdraw": "撤回提交",
    "session.begin": "登录",
    "session.end": "退出",
    "session.switch": "换身份",
}
SHOWN = 1  # ids written out in a line; the others unfold
NOBODY = UUID(int=0)
EARLIEST = date(2020, 1, 1)


@dataclass(frozen=True)
class Search:
    """What the auditor looks for, as it stands in the address."""

    what: str = READINGS
    day: date | None = None
    account: str = ""
    unit: str = ""
    child: UUID | None = None

    @classmethod
    def read(cls, data: QueryDict) -> "Search":
        """Read an address; what cannot be read counts as not given."""
        try:
            day = date.fromisoformat(data.get("day", ""))
        except ValueError:
            day = None
        what = PROCESSES if data.get("what") == PROCESSES else READINGS
        return cls(
            what,
            day,
            data.get("account", "").strip()[:40],
            data.get("unit", "")[:12],
            identifier(data.get("child", "")),
        )

    def query(self, **more: str) -> str:
        """Return the address behind "?" of this search, with something changed or added."""
        values = QueryDict(mutable=True)
        fields = {
            "what": self.what if self.what != READINGS else "",
            "day": table_day(self.day),
            "account": self.account,
            "unit": self.unit,
            "child": str(self.child or ""),
            **more,
        }
        for key, value in fields.items():
            if value and (key, value) != ("what", READINGS):
                values[key] = value
        return f"?{values.urlencode()}"


@dataclass(frozen=True)
class Line:
    """One reading or process in words."""

    id: UUID
    at: datetime
    name: str
    role: str
    unit: str
    what: str
    why: str
    child_ids: list[str]
    rest: list[str]


def asked_by(officer: Officer, search: Search) -> Asked:
    """Return what the journal is asked: everything at or below the officer's office, or one unit in it."""
    zone = timezone.get_current_timezone()
    first = datetime.combine(search.day or EARLIEST, time.min, tzinfo=zone)
    last = first + timedelta(days=1) if search.day else timezone.now() + timedelta(minutes=1)
    path = institutions.path_within(officer.unit_path, search.unit) if search.unit else officer.unit_path
    units = institutions.units_below(path)
    if search.unit and path == officer.unit_path and search.unit != officer.unit_code:
        units = institutions.unit_within(officer.unit_path, search.unit)
    actor_id = (access.staff_id_of(search.account) or NOBODY) if search.account else None
    return Asked(units, first, last, actor_id, search.child)


def page_of(officer: Officer, search: Search, before: UUID | None) -> tuple[list[Line], UUID | None]:
    """Return a page of what was asked for, the newest first, and where the next begins."""
    asked = asked_by(officer, search)
    if search.what == PROCESSES:
        doings, following = journal.processes(asked, before=before)
        counts = journal.event_counts([doing.pk for doing in doings])
        return [_done(doing, counts.get(doing.pk, 0)) for doing in doings], following
    readings, following = journal.readings(asked, before=before)
    return [_read(reading) for reading in readings], following


def latest(officer: Officer, search: Search, *, most: int = 12) -> list[Line]:
    """Return the newest readings of a search."""
    return page_of(officer, search, None)[0][:most]


def _read(reading: Reading) -> Line:
    """Return a reading in words."""
    ids = [part for part in reading.child_ids.split(",") if part]
    what = LOOKED.get(reading.what, reading.what)
    if reading.what.startswith("reveal:"):
        what = f"显示{logged_label(reading.what.removeprefix('reveal:'))}"
    return _line(reading, what=what, why=reading.reason, ids=ids)


def _done(doing: Process, events: int) -> Line:
    """Return a process in words, with how many facts it changed."""
    what = DONE.get(doing.kind, doing.kind)
    return _line(doing, what=f"{what}（{events} 项变动）" if events else what, why=doing.reason, ids=[])


def _line(row: Any, *, what: str, why: str, ids: list[str]) -> Line:
    """Return what readings and processes have in common."""
    role = ROLES[row.role].name if row.role in ROLES else row.role
    return Line(row.pk, row.at, row.actor_name, role, row.unit_name, what, why, ids[:SHOWN], ids[SHOWN:])
