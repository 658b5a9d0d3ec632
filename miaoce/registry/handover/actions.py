"""Writing the handover: a school claims records, sends corrections back; the kindergarten answers them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims, clocks
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.approvals.models import Clock
from miaoce.registry.approvals.states import ChangedSinceShown, ChangeInHand
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.handover import rules, states
from miaoce.registry.handover.models import Handover, SentBack
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import School
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault

SENT_BACK = "sent_back"


@dataclass
class Claimed:
    """What a claim did: the children taken over, and for each other one why not."""

    done: list[UUID] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


@transaction.atomic
def claim(*, chosen: Mapping[UUID, str], process: Process) -> Claimed:
    """Take children's records over into the actor's school (id → how it was found), in one moment that both sides see.

    The open stay ends as graduated on the day of the process, the number goes on. Refused alone: a child whose other
    change is in hand (APR-08), one that another school or an earlier press took already (ENR-02).
    """
    require(process.actor, Permission.HANDOVER_CLAIM)
    school = School.objects.get(pk=process.actor.unit_id)
    children = Child.objects.in_bulk(list(chosen))
    held = claims.in_hand(list(children))
    claimed, ready = Claimed(), []
    for child_id in chosen:
        child = children.get(child_id)
        if child is None or child.standing not in stays.STEPS["claim"].sources:
            label = stays.STANDINGS[child.standing] if child else "不在册"
            claimed.refused[child_id] = stays.StepNotAllowed(state=label, verb="调取")
        elif child_id in held:
            claimed.refused[child_id] = ChangeInHand(kind=KINDS[held[child_id].kind])
        else:
            ready.append(child)
    for start in range(0, len(ready), rows.CHUNK):
        _take(ready[start : start + rows.CHUNK], chosen, school, process)
    claimed.done = [child.pk for child in ready]
    return claimed


def _take(children: Sequence[Child], chosen: Mapping[UUID, str], school: School, process: Process) -> None:
    """Take some over; all or none, because somebody who was faster changed the ground."""
    ids = [child.pk for child in children]
    way = stays.STEPS["claim"]
    new = {"standing": way.target, "changed_at": process.at}
    movable = Child.objects.filter(pk__in=ids, standing__in=way.sources)
    if movable.update(**new, version=F("version") + 1) != len(ids):
        raise ChangedSinceShown
    _as_they_were(children)
    taken = [
        Handover(
            id=new_id(), child_id=child.pk, school=school, kindergarten_id=child.kindergarten_id,
            found_by=chosen[child.pk], claimed_at=process.at, claimed_by=process.actor.staff_id,
        )
        for child in children
    ]  # fmt: skip
    rows.insert(taken)
    journal.note(
        process,
        [
            *(
                journal.changed("child.promoted", c, new={**new, "version": c.version + 1}, child_id=c.pk)
                for c in children
            ),
            *(journal.made("handover.claimed", one, child_id=one.child_id) for one in taken),
        ],
    )
    _end_stays(ids, process)
    _stop_clocks(ids, process)


def _as_they_were(children: Sequence[Child]) -> None:
    """Read the versions anew, now that nobody else can raise them, so that the events tell what the rows hold."""
    now = dict(Child.objects.filter(pk__in=[child.pk for child in children]).values_list("pk", "version"))
    for child in children:
        child.version = now[child.pk] - 1


def _end_stays(child_ids: Sequence[UUID], process: Process) -> None:
    """End the stays that are still open: who goes to primary school has graduated."""
    way = stays.STAY_STEPS["graduate"]
    by_day: dict[date, list[Enrolment]] = defaultdict(list)
    for stay in Enrolment.objects.filter(child_id__in=child_ids, state__in=way.sources):
        by_day[max(journal.day_of(process), stay.started_on)].append(stay)
    for day, some in by_day.items():
        new = {"state": way.target, "ended_on": day}
        open_ones = Enrolment.objects.filter(pk__in=[s.pk for s in some], state__in=way.sources)
        if open_ones.update(**new) != len(some):
            raise ChangedSinceShown
        journal.note(
            process,
            [journal.changed("enrolment.graduated", s, new=new, child_id=s.child_id, effective_on=day) for s in some],
        )


def _stop_clocks(child_ids: Sequence[UUID], process: Process) -> None:
    """Stop what still ran for these children (a destination to be told, a place to be found): it is known now."""
    running = set(Clock.objects.filter(child_id__in=child_ids, stopped_at=None).values_list("case_id", flat=True))
    clocks.stop(case_ids=running, process=process)


FIELDS = {
    "name": "姓名", "sex": "性别", "born_on": "出生日期", "document": "证件号", "ethnicity": "民族",
    "hukou_region": "户籍地", "address": "现住址", "guardian": "监护人", "phone": "监护人手机", "other": "其他",
}  # fmt: skip
"""What a school may send back; the kindergarten decides and corrects by its own ways."""


@transaction.atomic
def send_back(*, handover: Handover, column: str, wanted: str, words: str, process: Process) -> SentBack:
    """Send a correction of a claimed record back to the kindergarten it came from, and start its clock. Refuses HOV-05.

    `column` is a key of FIELDS; `wanted` and `words` are sealed under the child's key.
    """
    require(process.actor, Permission.HANDOVER_CLAIM)
    if column not in FIELDS or not wanted.strip():
        raise rules.NothingWanted
    safe = vault.open_safe([handover.child_id])
    one = SentBack(
        id=new_id(), child_id=handover.child_id, school_id=handover.school_id, kindergarten_id=handover.kindergarten_id,
        field=column, sent_at=process.at, sent_by=process.actor.staff_id,
    )  # fmt: skip
    one.wanted = safe.seal(one.child_id, "sent_back", "wanted", one.pk, wanted.strip())
    if words.strip():
        one.words = safe.seal(one.child_id, "sent_back", "words", one.pk, words.strip())
    one.save(force_insert=True)
    journal.note(process, [journal.made("sent_back.opened", one, child_id=one.child_id)])
    clocks.start(
        ticking=[
            clocks.Ticking(
                one.pk, SENT_BACK, one.child_id, "kindergarten", one.kindergarten_id, handover.kindergarten.office_id
            )
        ],
        process=process,
    )
    return one


@transaction.atomic
def answer(*, one: SentBack, verb: str, version: int, words: str, process: Process) -> SentBack:
    """Answer what a school sent back: `verb` is correct or decline (which needs words that the school reads, HOV-05).

    Refuses HOV-03 when it was answered before, APR-02 when it changed since it was shown.
    """
    step = states.STEPS[verb]
    require(process.actor, step.permission)
    if verb == "decline" and not words.strip():
        raise rules.NothingWanted
    safe = vault.open_safe([one.child_id])
    new: dict[str, Any] = {
        "state": step.target, "version": version + 1, "answered_at": process.at, "answered_by": process.actor.staff_id,
    }  # fmt: skip
    if words.strip():
        new["answer_words"] = safe.seal(one.child_id, "sent_back", "answer_words", one.pk, words.strip())
    mine = SentBack.objects.visible_to(process.actor).filter(pk=one.pk)
    if not mine.filter(version=version, state__in=step.sources).update(**new):
        now = mine.get()
        if now.state not in step.sources:
            raise states.StepNotAllowed(state=states.LABELS[now.state])
        raise ChangedSinceShown
    journal.note(process, [journal.changed(f"sent_back.{step.target}", one, new=new, child_id=one.child_id)])
    clocks.stop(case_ids=[one.pk], process=process)
    return mine.get()
