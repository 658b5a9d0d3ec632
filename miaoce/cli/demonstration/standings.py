"""Deferral, cancellation and restoration in every state: some wait for the county, one came back, some are decided."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from miaoce.cli.demonstration.drawing import drawn
from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import cases, proofs
from miaoce.registry.approvals.cases import Moved
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import casework, leaving
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.rules import born_by
from miaoce.registry.enrolments.states import ATTENDING
from miaoce.registry.institutions.models import Kindergarten, SchoolYear
from miaoce.registry.journal import actions as journal

WAITING, BACK, DONE = "waiting", "back", "done"
SHORT_OF = "诊断证明没有盖章。请补盖章的，或补医院的病历首页。"


@dataclass(frozen=True)
class Told:
    """What a paper says: its kind (list proof), title, words and who issued it."""

    kind: str
    title: str
    words: str
    office: str


DOCTOR = Told("medical", "诊断证明", "因身体原因，建议推迟一年入小学，定期复查。", "青江市人民医院")
POLICE = Told("police_letter", "证明", "该幼儿走失，已立案查找。", "青江市公安局青禾分局")
TWICE = Told("kindergarten_statement", "情况说明", "登记时重复建了学籍，孩子从未入园，请作废这一份。", "本园")
STAYED = Told("kindergarten_statement", "情况说明", "办离园时点错了人，孩子一直在园。", "本园")


@dataclass(frozen=True)
class Desk:
    """Who files and who decides, and when it is now."""

    registrar: Officer
    reviewer: Officer
    now: datetime

    @property
    def today(self) -> date:
        """The day of now."""
        return timezone.localdate(self.now)


def file_some(
    *, kindergarten: Kindergarten, year: SchoolYear, registrar: Officer, reviewer: Officer, now: datetime
) -> int:
    """File cases about a kindergarten's children and decide some; return how many were filed."""
    desk, until = Desk(registrar, reviewer, now), date(year.ends_on.year + 1, 9, 1)
    held = ChangeClaim.objects.values("child_id")
    free = Child.objects.filter(kindergarten=kindergarten, standing=ATTENDING).exclude(pk__in=held)
    older = free.filter(born_on__lte=born_by(year.ends_on)).order_by("-pinyin", "-id")[:4]
    younger = free.filter(born_on__gt=born_by(year.ends_on)).order_by("-pinyin", "-id")[:3]
    filed = 0
    for child, state in zip(older, (WAITING, BACK, DONE, WAITING), strict=False):
        filed += _one(desk, child, "deferral.health", until, told=DOCTOR, state=state)
    filed += _cancel_and_restore(desk, list(younger))
    return filed


def _cancel_and_restore(desk: Desk, children: list[Child]) -> int:
    """File a disappearance, a record made by mistake, and a leaving that was none."""
    days = ("cancellation.missing", POLICE, WAITING), ("cancellation.mistake", TWICE, DONE)
    filed = 0
    for child, (reason, told, state) in zip(children, days, strict=False):
        filed += _one(desk, child, reason, desk.today - timedelta(days=8), told=told, state=state)
    for child in children[2:3]:
        left_on = desk.today - timedelta(days=8)
        how = Leaving(on=left_on, reason="moved", destination="unknown")
        with journal.process("child.leave", actor=desk.registrar, at=desk.now - timedelta(days=8)) as process:
            leaving.leave(chosen={child.pk: child.version}, leaving=how, process=process)
        child.refresh_from_db()
        filed += _one(desk, child, "restoration.left", left_on, told=STAYED, state=WAITING)
    return filed


def _one(desk: Desk, child: Child, reason: str, on: date, *, told: Told, state: str) -> int:
    """File one case with an invented paper, and decide it as its state says."""
    at = desk.now - timedelta(days=4 if state == WAITING else 6)
    paper = {"title": told.title, "words": told.words, "office": told.office}
    paper |= {"name": child.name, "born_on": f"{child.born_on}", "day": f"{timezone.localdate(at)}"}
    with journal.process("proof.keep", actor=desk.registrar, at=at) as process:
        fresh = proofs.Fresh(child.pk, told.kind, drawn("statement.typ", paper))
        (proof,) = proofs.keep(fresh=[fresh], process=process)
    group = None
    if reason.startswith("restoration"):
        group = Enrolment.objects.filter(child_id=child.pk).latest("started_on").group_id
    words = f"{told.office}的{told.title}，原件看过。"
    asked = Asked(child.pk, child.version, reason, on, group, words, (proof.pk,))
    with journal.process("case.file", actor=desk.registrar, at=at) as process:
        moved = casework.file(asked=[asked], process=process)
    _decide(desk, moved, state, at + timedelta(hours=20))
    return len(moved.done)


def _decide(desk: Desk, moved: Moved, state: str, at: datetime) -> None:
    """Agree to a case or send it back."""
    chosen = {case.pk: case.version for case in moved.done}
    if state == WAITING or not chosen:
        return
    with journal.process(f"case.{state}", actor=desk.reviewer, at=at) as process:
        if state == DONE:
            casework.agree(chosen=chosen, process=process)
        else:
            cases.send_back(chosen=chosen, reasons=[], words=SHORT_OF, process=process)
