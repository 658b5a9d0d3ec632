"""The rail of a transfer: what is done, by which side and when; who is next and until when; what is still to come."""

from dataclasses import dataclass
from datetime import date, datetime

from miaoce.registry.approvals.models import Clock
from miaoce.registry.reference import queries as reference
from miaoce.registry.transfers import states
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.states import Party
from miaoce.web.components.formats import due_words, moment
from miaoce.web.components.parts import Entry


@dataclass(frozen=True)
class Stop:
    """One step: when it was done and by whom; `here` are the states in which it is the present one."""

    title: str
    done_at: datetime | None
    who: str = ""
    here: frozenset[str] = frozenset()


def label_of(transfer: Transfer) -> str:
    """Return the words of a transfer's state."""
    return states.label_of(transfer.state, is_within_a_county=transfer.is_within_a_county)


def rail_of(transfer: Transfer, clock: Clock | None, *, on: date) -> list[Entry]:
    """Return the steps of a transfer; one that ended before its switch shows what was done, and how it ended."""
    rail = [_entry(stop, transfer, clock, on) for stop in _stops(transfer)]
    if transfer.state not in states.OPEN and transfer.state != states.SWITCHED:
        rail = [entry for entry in rail if entry.kind != "next"]
        rail.append(Entry(label_of(transfer), moment(transfer.ended_at), "bad"))
    return rail


def _stops(t: Transfer) -> list[Stop]:
    """Return the steps in their order; within a county there is one approval."""
    new, new_county = (t.to_kindergarten.name, t.to_office.name) if t.to_kindergarten and t.to_office else ("", "")
    released_by = f"{t.from_office.name}代办" if t.is_released_by_county else t.from_kindergarten.name
    out = Stop("转出县核准", t.out_decided_at, t.from_office.name, frozenset({states.ACCEPTED}))
    approvals = [out, Stop("转入县核准", t.in_decided_at, new_county, frozenset({states.FORWARDED}))]
    if t.is_within_a_county:
        approvals = [Stop("县里核准", t.out_decided_at, t.from_office.name, frozenset({states.ACCEPTED}))]
    is_switched = t.state == states.SWITCHED
    return [
        Stop("发起转园", t.opened_at, "转出园给了监护人转园码" if t.is_invited else new),
        Stop("监护人同意", t.confirmed_at, "", frozenset({states.INVITED, states.REQUESTED})),
        Stop("转出园核办", t.released_at, released_by, frozenset({states.CONFIRMED})),
        Stop("转入园受理、选班", t.accepted_at, new, frozenset({states.RELEASED})),
        *approvals,
        Stop("异议期", t.switch_at if is_switched else None, "", frozenset({states.WINDOW, states.STOPPED})),
        Stop("学籍转入", t.ended_at if is_switched else None),
    ]


def _entry(stop: Stop, transfer: Transfer, clock: Clock | None, on: date) -> Entry:
    """Return one step of the rail."""
    if stop.done_at is not None:
        return Entry(stop.title, " · ".join(part for part in (moment(stop.done_at), stop.who) if part))
    if transfer.state not in stop.here:
        return Entry(stop.title, "", "next")
    if transfer.state == states.WINDOW and clock is None:
        until = f"{moment(transfer.switch_at)} 前监护人或转出园可以提出异议"
        return Entry(f"{stop.title}（现在）", until, "next")
    words = due_words(clock.due_on, reference.working_days_between(on, clock.due_on)) if clock else ""
    return Entry(
        f"{stop.title}（现在）", " · ".join(part for part in (f"等{_waiting(transfer)}", words) if part), "next"
    )


def _waiting(transfer: Transfer) -> str:
    """Return who is waited for."""
    if transfer.state in {states.REQUESTED, states.INVITED}:
        return states.PARTIES[Party.GUARDIAN]
    if transfer.state == states.WINDOW:
        return "转入园重新选班"
    if transfer.state == states.ACCEPTED and transfer.is_within_a_county:
        return "县里"
    return states.PARTIES[states.CLOCKS[transfer.state][1]]
