"""States and steps of a registration case (domain.md §1.7), read by buttons, server, API and tests alike."""

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
