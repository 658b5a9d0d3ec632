"""States and steps of a correction that a school sends back, read by buttons, server, API and tests alike."""

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.states import Step
from miaoce.registry.refusals import Refusal

OPEN, DONE, DECLINED = "open", "done", "declined"
LABELS = {OPEN: "待幼儿园处理", DONE: "已更正", DECLINED: "未更正，已说明"}
STEPS = {
    step.verb: step
    for step in (
        Step("correct", "已更正", frozenset({OPEN}), DONE, Permission.CHILD_CORRECT),
        Step("decline", "不更正并说明", frozenset({OPEN}), DECLINED, Permission.CHILD_CORRECT),
    )
}


class StepNotAllowed(Refusal):
    """The correction was answered before."""

    code, message = "HOV-03", "这条更正现在是“{state}”，不能再办。请刷新后再看。"
