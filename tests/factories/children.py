"""Children in every state that the register knows, made by the register's own actions. All names are invented."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from django.utils import timezone
from stdnum.iso7064 import mod_11_2

from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments import numbering
from miaoce.registry.enrolments.actions import Admission
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Actor
from tests.factories.places import make_kindergarten, make_officer

_serial = count(100)
RECALL_MINUTES = 10


def document_number(born: str = "2023-01-03", *, region: str = "990101", serial: int | None = None) -> str:
    """Return an ID number of the invented province that no other call returns."""
    body = f"{region}{born.replace('-', '')}{(next(_serial) if serial is None else serial) % 1000:03d}"
    return body + str(mod_11_2.calc_check_digit(body))


def child_values(**given: str) -> dict[str, str]:
    """Return checked values of one child as intake hands them over; what is given wins, an empty text leaves it out."""
    born = given.get("birth_date", "2023-01-03")
    values = {
        "name": "陈子墨",
        "sex": "1",
        "birth_date": born,
        "id_type": "resident_id",
        "id_number": document_number(born) if "id_number" not in given else "",
        "nationality": "CHN",
        "ethnicity": "01",
        "health": "10",
        "address": "云川省青江市青禾区柳河街道新苗路 8 号",
        "entry_date": "2026-09-01",
        "guardian1_name": "陈立",
        "guardian1_relation": "51",
        "guardian1_phone": "13800005678",
        "guardian1_id_type": "resident_id",
        "guardian1_id_number": "990101199001011234",
        **given,
    }
    return {key: value for key, value in values.items() if value}


def submit(
    admissions: Sequence[Admission], kindergarten: Kindergarten, *, actor: Officer, at: datetime
) -> enrolments.Submission:
    """Submit children as a registrar does."""
    with journal.process("intake.submit", actor=actor, at=at) as process:
        return enrolments.submit(admissions=admissions, kindergarten=kindergarten, process=process)


def approve(child_ids: Sequence[UUID], *, actor: Officer, at: datetime) -> None:
    """Approve the cases of children as a reviewer does."""
    chosen = dict(Proposal.objects.filter(child_id__in=child_ids).values_list("id", "version"))
    with journal.process("approval.approve", actor=actor, at=at) as process:
        enrolments.approve(chosen=chosen, process=process, recall_minutes=RECALL_MINUTES)


def return_(child_ids: Sequence[UUID], *, actor: Officer, at: datetime, words: str) -> None:
    """Return the cases of children with words."""
    chosen = dict(Proposal.objects.filter(child_id__in=child_ids).values_list("id", "version"))
    with journal.process("approval.return", actor=actor, at=at) as process:
        enrolments.return_(chosen=chosen, reasons=["address_incomplete"], words=words, process=process)


def issue_numbers(at: datetime, *, actor: Actor | None = None) -> int:
    """Issue the numbers that are due at a moment, as the worker does."""
    with journal.process("number.issue", actor=actor or the_system("赋号"), at=at) as process:
        return numbering.issue_due(process=process)


def make_child(
    kindergarten: Kindergarten | None = None,
    *,
    state: str = states.NUMBERED,
    registrar: Officer | None = None,
    reviewer: Officer | None = None,
    group: Group | None = None,
    at: datetime | None = None,
    words: str = "户籍地址请写到区县",
    **values: str,
) -> Child:
    """Make one child in a state: submitted, withdrawn, returned, approved or numbered (with its stay open)."""
    return make_children(
        [values], kindergarten, state=state, registrar=registrar, reviewer=reviewer, group=group, at=at, words=words
    )[0]


def make_children(
    rows: Sequence[Mapping[str, str]],
    kindergarten: Kindergarten | None = None,
    *,
    state: str = states.NUMBERED,
    registrar: Officer | None = None,
    reviewer: Officer | None = None,
    group: Group | None = None,
    at: datetime | None = None,
    words: str = "户籍地址请写到区县",
) -> list[Child]:
    """Make many children in one state by the fewest actions, in the order of the rows."""
    kindergarten = kindergarten or make_kindergarten()
    group = group or kindergarten.groups.order_by("sort")[1]
    registrar = registrar or make_officer("registrar", kindergarten)
    reviewer = reviewer or make_officer("county_reviewer", kindergarten.office)
    at = at or timezone.now() - timedelta(hours=1)
    admissions = [Admission(new_id(), child_values(**row), group) for row in rows]
    ids = submit(admissions, kindergarten, actor=registrar, at=at).sent
    if state == states.WITHDRAWN:
        with journal.process("intake.withdraw", actor=registrar, at=at + timedelta(minutes=1)) as process:
            enrolments.withdraw(child_ids=ids, process=process)
    if state == states.RETURNED:
        return_(ids, actor=reviewer, at=at + timedelta(minutes=1), words=words)
    if state in {states.APPROVED, states.NUMBERED}:
        approve(ids, actor=reviewer, at=at + timedelta(minutes=1))
    if state == states.NUMBERED:
        issue_numbers(at + timedelta(minutes=2 + RECALL_MINUTES))
    found = Child.objects.in_bulk(ids)
    return [found[child_id] for child_id in ids]
