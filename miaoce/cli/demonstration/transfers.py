"""Transfers in every state between kindergartens of the demonstration, one of them past its day, by the actions that people use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from miaoce.registry.access.officers import Officer, the_guardian, the_system
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.enrolments.states import ATTENDING
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.transfers import actions, codes, deciding, guardians, opening, states, switching
from miaoce.registry.transfers.guardians import Spoken
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.vault import queries as vault

if TYPE_CHECKING:
    from miaoce.cli.demonstration.fill import Crew
    from miaoce.cli.demonstration.place import Place

QINGHE, LIUXI, CHUNYA, SHIQIAO = "1199000001", "1199000003", "1199000006", "1199000005"
CODE_DAYS, OBJECTION_DAYS = 7, 3
PAUSE = timedelta(hours=5)


@dataclass(frozen=True)
class Plan:
    """One transfer: from where to where, how far it came, when it began (days ago)."""

    old: str
    new: str
    state: str
    began: float


PLANS = (
    Plan(LIUXI, SHIQIAO, states.SWITCHED, 12),
    Plan(QINGHE, LIUXI, states.INVITED, 1),
    Plan(QINGHE, LIUXI, states.CONFIRMED, 1),
    Plan(LIUXI, QINGHE, states.CONFIRMED, 11),  # the kindergarten was silent: its county may release
    Plan(LIUXI, QINGHE, states.RELEASED, 2),
    Plan(QINGHE, LIUXI, states.ACCEPTED, 2),
    Plan(QINGHE, CHUNYA, states.ACCEPTED, 3),
    Plan(LIUXI, QINGHE, states.FORWARDED, 4),
    Plan(QINGHE, LIUXI, states.WINDOW, 2),
    Plan(LIUXI, QINGHE, states.STOPPED, 3),
    Plan(QINGHE, LIUXI, states.TURNED_DOWN, 20),
    Plan(LIUXI, QINGHE, states.CALLED_OFF, 15),
)
WAY = (states.CONFIRMED, states.RELEASED, states.ACCEPTED, states.FORWARDED, states.WINDOW)


@dataclass
class Moment:
    """The moment of the next step; each step takes some hours."""

    at: datetime

    def next(self) -> datetime:
        """Go on to the next step."""
        self.at += PAUSE
        return self.at


def fill(*, where: "Place", crews: Mapping[str, "Crew"], now: datetime) -> int:
    """Bring transfers to the states of the plans and return how many. Messages are not sent for what lies in the past."""
    places = {k.code: k for k in where.kindergartens}
    leaving = {code: _children(places[code]) for code in (QINGHE, LIUXI)}
    for plan in PLANS:
        _walk(plan, next(leaving[plan.old]), crews, now - timedelta(days=plan.began))
    return len(PLANS)


def ask(*, now: datetime) -> Transfer:
    """Ask for one more child as 青禾中心 does, so that a code lies in the demonstration's inbox."""
    registrar = _registrar_of(QINGHE)
    child = next(_children(Kindergarten.objects.get(code=LIUXI)))
    with journal.process("transfer.request", actor=registrar, at=now - timedelta(hours=1)) as process:
        return opening.request(child_ids=[child.pk], process=process, code_days=CODE_DAYS).done[0]


def _registrar_of(code: str) -> Officer:
    """Return the registrar of a kindergarten who has a demonstration account."""
    from miaoce.registry.access.models import Appointment
    from miaoce.registry.access.queries import officer_of

    held = Appointment.objects.filter(kindergarten__code=code, role="registrar").select_related(
        "staff", "kindergarten__office", "office", "school__office"
    )
    return officer_of(held.order_by("id")[0])


def _children(kindergarten: Kindergarten) -> Iterator[Child]:
    """Yield children who attend and have no change in hand, in a steady order."""
    moved = Transfer.objects.filter(from_kindergarten=kindergarten).values("child_id")
    busy = ChangeClaim.objects.values("child_id")
    attending = Child.objects.filter(kindergarten=kindergarten, standing=ATTENDING)
    yield from attending.exclude(pk__in=moved).exclude(pk__in=busy).order_by("pinyin", "id")


def _walk(plan: Plan, child: Child, crews: Mapping[str, "Crew"], began: datetime) -> None:
    """Take one transfer along its way."""
    moment = Moment(began)
    old_crew, new_crew = crews[plan.old], crews[plan.new]
    if plan.state == states.INVITED:
        with journal.process("transfer.invite", actor=old_crew.registrar, at=moment.next()) as process:
            opening.invite(child_ids=[child.pk], process=process)
        return
    with journal.process("transfer.request", actor=new_crew.registrar, at=moment.next()) as process:
        transfer = opening.request(child_ids=[child.pk], process=process, code_days=CODE_DAYS).done[0]
    if plan.state == states.CALLED_OFF:
        with journal.process("transfer.withdraw", actor=new_crew.registrar, at=moment.next()) as process:
            actions.withdraw(chosen=_seen(transfer), process=process)
        return
    goal = {states.STOPPED: states.WINDOW, states.SWITCHED: states.WINDOW, states.TURNED_DOWN: states.RELEASED}
    steps = {
        states.CONFIRMED: lambda: _consent(transfer, old_crew.registrar, moment),
        states.RELEASED: lambda: _release(transfer, old_crew.registrar, moment),
        states.ACCEPTED: lambda: _accept(transfer, new_crew.registrar, moment),
        states.FORWARDED: lambda: _approve(transfer, old_crew.reviewer, moment),
        states.WINDOW: lambda: _approve(transfer, new_crew.reviewer, moment),
    }
    for state in WAY[: WAY.index(goal.get(plan.state, plan.state)) + 1]:
        if not (state == states.FORWARDED and old_crew.reviewer.unit_id == new_crew.reviewer.unit_id):
            steps[state]()
    _end(plan, transfer, old_crew.registrar, new_crew.registrar, moment)


def _end(plan: Plan, transfer: Transfer, releaser: Officer, taker: Officer, moment: Moment) -> None:
    """Let what stops, refuses or switches follow."""
    if plan.state == states.STOPPED:
        with journal.process("transfer.object", actor=releaser, at=moment.next()) as process:
            actions.object_(chosen=_seen(transfer), words="孩子的奶奶来园说没有同意转园，请核实。", process=process)
    if plan.state == states.TURNED_DOWN:
        with journal.process("transfer.refuse", actor=taker, at=moment.next()) as process:
            words = "中一班已经满额，下学期有空位时可以再申请。"
            actions.refuse(chosen=_seen(transfer), reasons=["no_place"], words=words, process=process)
    if plan.state == states.SWITCHED:
        at = moment.at + timedelta(days=OBJECTION_DAYS, minutes=5)
        with journal.process("transfer.switch", actor=the_system("转园"), at=at) as process:
            switching.switch_due(process=process)


def _seen(transfer: Transfer) -> dict[UUID, int]:
    """Return a transfer in the version that it stands in now."""
    transfer.refresh_from_db()
    return {transfer.pk: transfer.version}


def _consent(transfer: Transfer, releaser: Officer, moment: Moment) -> None:
    """Hand a code over on paper, and agree with it as the guardian does."""
    with journal.process("transfer.code", actor=releaser, at=moment.next()) as process:
        _, made = codes.hand_over(chosen=[transfer.pk], process=process, days=CODE_DAYS)
    guardian = Guardian.objects.filter(child_id=transfer.child_id).order_by("position")[0]
    safe = vault.open_safe([transfer.child_id])
    phone = safe.open(transfer.child_id, "guardian", "phone", guardian.pk, bytes(guardian.phone or b""))
    with journal.process("transfer.consent", actor=the_guardian(), at=moment.next()) as process:
        guardians.consent(spoken=Spoken(made[transfer.pk], phone[-4:]), process=process)


def _release(transfer: Transfer, releaser: Officer, moment: Moment) -> None:
    """Let the child go."""
    with journal.process("transfer.release", actor=releaser, at=moment.next()) as process:
        actions.release(chosen=_seen(transfer), process=process)


def _accept(transfer: Transfer, taker: Officer, moment: Moment) -> None:
    """Take the child into the 中班."""
    group = transfer.to_kindergarten.groups.get(name="中一班") if transfer.to_kindergarten else None
    with journal.process("transfer.accept", actor=taker, at=moment.next()) as process:
        groups = {transfer.pk: group.pk} if group else {}
        actions.accept(chosen=_seen(transfer), groups=groups, process=process)


def _approve(transfer: Transfer, reviewer: Officer, moment: Moment) -> None:
    """Approve for one county."""
    with journal.process("transfer.approve", actor=reviewer, at=moment.next()) as process:
        deciding.approve(chosen=_seen(transfer), process=process, objection_days=OBJECTION_DAYS)
