"""States and steps of a transfer (转园), each step with the one party that may take it (domain.md §1.3, §1.7; ux.md §6).

Read by buttons, server, API, the diagram of `miaoce states` and tests alike.
"""

from dataclasses import dataclass
from enum import StrEnum

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.states import Step as PlainStep
from miaoce.registry.refusals import Refusal


class Party(StrEnum):
    """Who takes part in a transfer. `old` is where the child attends, `new` where it wants to go."""

    GUARDIAN = "guardian"
    OLD = "old"
    NEW = "new"
    OLD_COUNTY = "old_county"
    NEW_COUNTY = "new_county"
    WORKER = "worker"


PARTIES = {
    Party.GUARDIAN: "监护人",
    Party.OLD: "转出园",
    Party.NEW: "转入园",
    Party.OLD_COUNTY: "转出县",
    Party.NEW_COUNTY: "转入县",
    Party.WORKER: "系统",
}

INVITED, REQUESTED, CONFIRMED, RELEASED, ACCEPTED = "invited", "requested", "confirmed", "released", "accepted"
FORWARDED, WINDOW, STOPPED = "forwarded", "window", "stopped"
SWITCHED, TURNED_DOWN, DECLINED, CALLED_OFF, ENDED = "switched", "turned_down", "declined", "called_off", "ended"
LABELS = {
    INVITED: "待监护人填写去向",
    REQUESTED: "待监护人确认",
    CONFIRMED: "待转出园核办",
    RELEASED: "待转入园受理",
    ACCEPTED: "待转出县核准",
    FORWARDED: "待转入县核准",
    WINDOW: "已核准，异议期",
    STOPPED: "有异议，待县里处理",
    SWITCHED: "已转园",
    TURNED_DOWN: "不予转园",
    DECLINED: "监护人不同意",
    CALLED_OFF: "已撤回",
    ENDED: "已终止",
}
OPEN = frozenset({INVITED, REQUESTED, CONFIRMED, RELEASED, ACCEPTED, FORWARDED, WINDOW, STOPPED})
CONSENTED = frozenset({CONFIRMED, RELEASED, ACCEPTED, FORWARDED, WINDOW, STOPPED, SWITCHED})
"""States that are reached only with the guardian's consent; from then on the receiving side is shown who the child is."""

PLACEABLE = frozenset({ACCEPTED, FORWARDED, WINDOW, STOPPED})
"""States in which the receiving kindergarten may still choose another group; that is no step, the case stays where it is."""


@dataclass(frozen=True)
class Step(PlainStep):
    """One verb: from which states, to which, by which party."""

    party: Party


_P, _HANDLE, _DECIDE = Party, Permission.TRANSFER_HANDLE, Permission.TRANSFER_DECIDE
_CONSENT = Permission.TRANSFER_CONSENT
STEPS = {
    step.verb: step
    for step in (
        Step("apply", "填写去向并同意", frozenset({INVITED}), CONFIRMED, _CONSENT, _P.GUARDIAN),
        Step("confirm", "同意转园", frozenset({REQUESTED}), CONFIRMED, _CONSENT, _P.GUARDIAN),
        Step("decline", "不同意转园", frozenset({INVITED, REQUESTED}), DECLINED, _CONSENT, _P.GUARDIAN),
        Step("take_back", "撤回申请", OPEN - {INVITED, REQUESTED}, CALLED_OFF, _CONSENT, _P.GUARDIAN),
        Step("dispute", "提出异议", frozenset({WINDOW}), STOPPED, _CONSENT, _P.GUARDIAN),
        Step("release", "同意转出", frozenset({CONFIRMED}), RELEASED, _HANDLE, _P.OLD),
        Step("refuse", "不同意转出", frozenset({REQUESTED, CONFIRMED}), TURNED_DOWN, _HANDLE, _P.OLD),
        Step("object", "提出异议", frozenset({WINDOW}), STOPPED, _HANDLE, _P.OLD),
        Step("revoke", "作废转园码", frozenset({INVITED}), CALLED_OFF, _HANDLE, _P.OLD),
        Step("accept", "受理并选班", frozenset({RELEASED}), ACCEPTED, _HANDLE, _P.NEW),
        Step("refuse_place", "不同意转入", frozenset({CONFIRMED, RELEASED}), TURNED_DOWN, _HANDLE, _P.NEW),
        Step("withdraw", "撤回申请", OPEN - {INVITED}, CALLED_OFF, _HANDLE, _P.NEW),
        Step("release_for", "代转出园办理", frozenset({CONFIRMED}), RELEASED, _DECIDE, _P.OLD_COUNTY),
        Step("approve", "核准", frozenset({ACCEPTED}), WINDOW, _DECIDE, _P.OLD_COUNTY),
        Step("approve_out", "核准转出", frozenset({ACCEPTED}), FORWARDED, _DECIDE, _P.OLD_COUNTY),
        Step("approve_in", "核准转入", frozenset({FORWARDED}), WINDOW, _DECIDE, _P.NEW_COUNTY),
        Step("reject", "不予核准", OPEN - {INVITED, FORWARDED, WINDOW}, TURNED_DOWN, _DECIDE, _P.OLD_COUNTY),
        Step("reject_in", "不予核准", frozenset({FORWARDED}), TURNED_DOWN, _DECIDE, _P.NEW_COUNTY),
        Step("resume", "异议不成立，继续", frozenset({STOPPED}), WINDOW, _DECIDE, _P.OLD_COUNTY),
        Step("stop", "暂停", frozenset({WINDOW}), STOPPED, _DECIDE, _P.WORKER),
        Step("switch", "学籍转入", frozenset({WINDOW}), SWITCHED, _DECIDE, _P.WORKER),
        Step("end", "终止", OPEN, ENDED, _DECIDE, _P.WORKER),
    )
}
"""`approve` is the one approval within a county, `approve_out` and `approve_in` the two between counties.

`end` closes a transfer whose ground is gone (the child died, was merged, left the old kindergarten otherwise); `stop` is a
switch that cannot be made. Nothing here is taken by a clock.
"""

CLOCKS: dict[str, tuple[str, Party]] = {
    INVITED: ("guardian", Party.OLD),
    REQUESTED: ("guardian", Party.NEW),
    CONFIRMED: ("release", Party.OLD),
    RELEASED: ("accept", Party.NEW),
    ACCEPTED: ("county_out", Party.OLD_COUNTY),
    FORWARDED: ("county_in", Party.NEW_COUNTY),
    STOPPED: ("objection", Party.OLD_COUNTY),
}
"""Which clock runs in a state, and who has to act; a guardian who has to answer is waited for by who handed the code over."""

PLACE_AGAIN = "place"
"""The clock of a receiving kindergarten that has to choose another group before the switch (the school year turned)."""

GUARDIAN_STEPS = frozenset(step.verb for step in STEPS.values() if step.party is Party.GUARDIAN)


class StepNotAllowed(Refusal):
    """The transfer stands in a state from which this step does not lead on, or the step belongs to another party."""

    code, message = "TRF-01", "这件转园现在是“{state}”，不能{verb}。请刷新后再看。"


class ChangedSinceShown(Refusal):
    """The transfer changed after it was shown to the one who acts."""

    code, message = "TRF-02", "您打开后这件转园有变动，请刷新后再办。"


class SameHands(Refusal):
    """Each consent is given by another person: who asked for the child or takes it neither releases nor decides."""

    code, message, http = "TRF-03", "这件转园的另一步是您自己办的，这一步要由另一位同事办。", 403


def label_of(state: str, *, is_within_a_county: bool) -> str:
    """Return the words of a state; within one county there is one approval."""
    return "待县里核准" if state == ACCEPTED and is_within_a_county else LABELS[state]


def approval_of(*, is_within_a_county: bool) -> str:
    """Return the verb by which the old county approves."""
    return "approve" if is_within_a_county else "approve_out"


def available(state: str, parties: frozenset[Party], *, is_within_a_county: bool) -> list[str]:
    """Return the verbs that lead on from a state for who takes part as these parties."""
    wrong = "approve_out" if is_within_a_county else "approve"
    return [
        step.verb for step in STEPS.values() if state in step.sources and step.party in parties and step.verb != wrong
    ]
