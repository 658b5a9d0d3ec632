"""States and steps of a registration case and of the other changes a county decides (domain.md §1.7).

Read by buttons, server, API, the diagram of `miaoce states` and tests alike.
"""

from dataclasses import dataclass

from miaoce.registry.access.permissions import Permission
from miaoce.registry.refusals import Refusal

SUBMITTED, RETURNED, WITHDRAWN, APPROVED, NUMBERED = "submitted", "returned", "withdrawn", "approved", "numbered"
LABELS = {
    SUBMITTED: "待审批",
    RETURNED: "已退回",
    WITHDRAWN: "已撤回",
    APPROVED: "已批准，待赋号",
    NUMBERED: "已建学籍",
}


@dataclass(frozen=True)
class Step:
    """One verb: from which states, to which, by whom."""

    verb: str
    label: str
    sources: frozenset[str]
    target: str
    permission: Permission


STEPS = {
    step.verb: step
    for step in (
        Step("submit", "提交", frozenset({RETURNED, WITHDRAWN}), SUBMITTED, Permission.INTAKE_SUBMIT),
        Step("withdraw", "撤回提交", frozenset({SUBMITTED}), WITHDRAWN, Permission.INTAKE_SUBMIT),
        Step("lapse", "随停办终止", frozenset({RETURNED}), WITHDRAWN, Permission.INSTITUTION_CHANGE),
        Step("return", "退回", frozenset({SUBMITTED}), RETURNED, Permission.APPROVAL_DECIDE),
        Step("approve", "批准", frozenset({SUBMITTED}), APPROVED, Permission.APPROVAL_DECIDE),
        Step("recall", "撤回决定", frozenset({APPROVED, RETURNED}), SUBMITTED, Permission.APPROVAL_DECIDE),
        Step("number", "赋号", frozenset({APPROVED}), NUMBERED, Permission.APPROVAL_DECIDE),
    )
}


class StepNotAllowed(Refusal):
    """The case stands in a state from which this step does not lead on."""

    code, message = "APR-01", "这名幼儿现在是“{state}”，不能{verb}。请刷新后再看。"


class ChangedSinceShown(Refusal):
    """The case changed after it was shown to the one who decides."""

    code, message = "APR-02", "您打开后这一件有变动，请刷新后再决定。"


class FourEyes(Refusal):
    """Whoever proposed may not decide."""

    code, message, http = "APR-03", "这一件是您自己提交的，要由另一位审核员决定。", 403


class RecallOver(Refusal):
    """The minutes in which a decision may be taken back are over, or the number was issued."""

    code, message = "APR-04", "批准已超过 {minutes} 分钟，不能再撤回。要改请走信息变更。"


class AlreadyOpened(Refusal):
    """The county has begun to look at the case."""

    code, message = "APR-05", "县里已经打开看了，现在不能撤回。要改请联系县里退回。"


class ReasonMissing(Refusal):
    """A return needs a reason from the list or in words."""

    code, message, http = "APR-06", "请选退回原因，或写明要改什么，园里会原样看到。", 422


class SpotCheckMissing(Refusal):
    """A bulk approval needs the random sample looked at first."""

    code, message, http = "APR-07", "请先看完抽查的 {count} 名，再批准。", 422


def available(state: str) -> list[str]:
    """Return the verbs that lead on from a state."""
    return [step.verb for step in STEPS.values() if state in step.sources]


FILED, SENT_BACK, TAKEN_BACK, AGREED, ENDED = "filed", "sent_back", "taken_back", "agreed", "ended"
CASE_LABELS = {
    FILED: "待县里核准",
    SENT_BACK: "县里退回，待补正",
    TAKEN_BACK: "已撤回",
    AGREED: "已核准",
    ENDED: "已终止",
}
IN_HAND = frozenset({FILED, SENT_BACK})

CORRECTION, DEFERRAL, CANCELLATION, RESTORATION = "correction", "deferral", "cancellation", "restoration"
CASE_KINDS = {
    CORRECTION: "关键信息变更",
    DEFERRAL: "缓学",
    CANCELLATION: "注销学籍",
    RESTORATION: "恢复学籍",
}
"""Kinds of a Case. Registration (Proposal) and transfer (transfers) have tables of their own, because others take part."""

CASE_STEPS = {
    step.verb: step
    for step in (
        Step("refile", "补正后再交", frozenset({SENT_BACK}), FILED, Permission.CASE_FILE),
        Step("take_back", "撤回", frozenset({FILED, SENT_BACK}), TAKEN_BACK, Permission.CASE_FILE),
        Step("send_back", "退回", frozenset({FILED}), SENT_BACK, Permission.CASE_DECIDE),
        Step("agree", "核准", frozenset({FILED}), AGREED, Permission.CASE_DECIDE),
        Step("end", "终止", frozenset({FILED, SENT_BACK}), ENDED, Permission.CASE_DECIDE),
    )
}
"""One table for the four kinds: they differ in what agreeing does (rooms above), not in their steps.

`end` closes a case whose ground is gone (the child died, its record was merged or handed over).
"""


class ChangeInHand(Refusal):
    """Another change of the same child is in hand (one at a time, so that no decision rests on moving ground)."""

    code, message = "APR-08", "这名幼儿正在办“{kind}”，办完或撤回后再办这一件。"
