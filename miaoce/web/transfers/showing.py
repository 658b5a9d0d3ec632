"""What the page of a transfer shows: where it stands, who is next and until when, and what the viewer may do."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from miaoce.registry.approvals.models import Clock
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.transfers import queries, states
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.queries import Who, Written
from miaoce.web.components.formats import due_words, masked, moment, short_day, table_day
from miaoce.web.components.parts import Entry, KeyValue, Tone
from miaoce.web.desk.urgency import urgency_of
from miaoce.web.transfers.rail import label_of, rail_of

TONES: dict[str, Tone] = {
    states.INVITED: "info", states.REQUESTED: "info", states.CONFIRMED: "info", states.RELEASED: "info",
    states.ACCEPTED: "info", states.FORWARDED: "info", states.WINDOW: "ok", states.STOPPED: "warn",
    states.SWITCHED: "ok", states.TURNED_DOWN: "fix",
}  # fmt: skip
WROTE = {
    "note": "留言", "refuse": "不同意转出", "refuse_place": "不同意转入", "object": "提出异议", "dispute": "提出异议",
    "reject": "不予核准", "reject_in": "不予核准", "resume": "异议不成立", "withdraw": "撤回", "release_for": "代为办理",
    "revoke": "作废转园码", "stop": "暂停", "end": "终止", "take_back": "撤回",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One transfer of a list."""

    transfer: Transfer
    who: Who
    label: str
    tone: Tone
    due: str = ""
    urgency: str = ""


@dataclass(frozen=True)
class Shown:
    """One transfer as its page shows it; every text is masked for the viewer."""

    transfer: Transfer
    who: Who
    label: str
    tone: Tone
    rail: list[Entry]
    facts: list[KeyValue]
    notes: list[tuple[Written, str, str]]
    clock: Clock | None
    is_late: bool
    reasons: list[str] = field(default_factory=list)


def line_of(transfer: Transfer, who: Who, clock: Clock | None, *, on: date) -> Line:
    """Return a transfer as a list shows it."""
    due, urgency = "", ""
    if clock is not None:
        left = reference.working_days_between(on, clock.due_on)
        due, urgency = due_words(clock.due_on, left), urgency_of(left)
    elif transfer.state == states.WINDOW and transfer.switch_at:
        due = f"异议期到 {moment(transfer.switch_at)}"
    elif transfer.ended_at:
        due = moment(transfer.ended_at)
    return Line(transfer, who, label_of(transfer), TONES.get(transfer.state, ""), due, urgency)


def shown_of(transfer: Transfer, who: Who, *, on: date) -> Shown:
    """Return everything that the page of a transfer says. The caller has logged the reading."""
    clock = queries.clocks_of([transfer.pk]).get(transfer.pk)
    book = reference.codebook(on)
    notes = [(n, states.PARTIES[n.party], WROTE.get(n.verb, "留言")) for n in queries.notes_of(transfer)]
    late = clock is not None and reference.working_days_between(on, clock.due_on) < 0
    reasons = [book.name("transfer_refusal", code) for code in transfer.reasons]
    return Shown(
        transfer, who, label_of(transfer), TONES.get(transfer.state, ""), rail_of(transfer, clock, on=on),
        _facts(transfer, who, book, on), notes, clock, late, reasons,
    )  # fmt: skip


def _facts(transfer: Transfer, who: Who, book: Codebook, on: date) -> list[KeyValue]:
    """Return the lines about child and places."""
    group, overall = queries.group_of(transfer), queries.overall_of(transfer.pk)
    lines = [
        ("幼儿", masked(who.name)),
        ("学籍号", masked(who.number)),
        ("出生日期", who.born_on),
        ("性别", book.name("sex", who.sex) if who.sex else ""),
        ("转出园", f"{transfer.from_kindergarten.name}（{transfer.from_office.name}）"),
        ("在转出园", _stay_words(who)),
        ("转入园", _receiver_words(transfer)),
        ("转入班级", group.name if group else ""),
        ("发起", f"{moment(transfer.opened_at)} {'监护人' if transfer.is_invited else '转入园'}"),
        ("全程", due_words(overall.due_on, reference.working_days_between(on, overall.due_on)) if overall else ""),
    ]
    return [KeyValue(label, value) for label, value in lines if value]


def _receiver_words(transfer: Transfer) -> str:
    """Return the receiving kindergarten with its county, or that the guardian has not named it yet."""
    if transfer.to_kindergarten is None or transfer.to_office is None:
        return "等监护人填写"
    return f"{transfer.to_kindergarten.name}（{transfer.to_office.name}）"


def _stay_words(who: Who) -> str:
    """Return since when, and until when, the child was at the old kindergarten."""
    if who.stay is None:
        return ""
    began, ended = who.stay
    until = f"到 {table_day(ended)}" if ended else "至今"
    return f"{table_day(began)} {until}{f'，{who.group}' if who.group else ''}"


def code_until(days: int) -> str:
    """Return until when a code that is made now counts."""
    return short_day(timezone.localdate() + timedelta(days=days))
