"""States of a stay (就读) and of a child's life in the register, and the steps between them (domain.md §1.7).

Read by buttons, server, API, the diagram of `miaoce states` and tests alike.
"""

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.states import Step
from miaoce.registry.refusals import Refusal

APPLIED, ATTENDING, WITHDRAWN = "applied", "attending", "withdrawn"
MOVED, TRANSFERRED, LEFT, GRADUATED, CANCELLED = "moved", "transferred", "left", "graduated", "cancelled"
LABELS = {
    APPLIED: "待核准",
    ATTENDING: "在园",
    WITHDRAWN: "已撤回",
    MOVED: "已调班",
    TRANSFERRED: "已转出",
    LEFT: "已离园",
    GRADUATED: "已毕业",
    CANCELLED: "已注销",
}
"""States of a stay. The first two are open (`ended_on` empty), the others closed. A stay is true on started_on <= day < ended_on."""

OPEN_STAYS = frozenset({APPLIED, ATTENDING})

DEFERRED, PROMOTED, VOID, MERGED, NONE = "deferred", "promoted", "void", "merged", ""
STANDINGS = {
    NONE: "建籍中",
    ATTENDING: "在园",
    LEFT: "已离园",
    GRADUATED: "已毕业",
    DEFERRED: "缓学保留",
    PROMOTED: "已升学",
    CANCELLED: "已注销",
    VOID: "误建，已作废",
    MERGED: "已并入另一学籍",
}
"""Where a child stands (Child.standing). “转园办理中” is attending with a transfer in hand (approvals.ChangeClaim)."""

LIVING = frozenset({ATTENDING, LEFT, GRADUATED, DEFERRED})

_P = Permission
STEPS = {
    step.verb: step
    for step in (
        Step("admit", "赋号入园", frozenset({NONE}), ATTENDING, _P.APPROVAL_DECIDE),
        Step("regroup", "调班", frozenset({ATTENDING}), ATTENDING, _P.ENROLMENT_CHANGE),
        Step("transfer", "转园", frozenset({ATTENDING}), ATTENDING, _P.TRANSFER_DECIDE),
        Step("leave", "离园", frozenset({ATTENDING}), LEFT, _P.ENROLMENT_CHANGE),
        Step("readmit", "再入园", frozenset({LEFT, DEFERRED}), ATTENDING, _P.ENROLMENT_CHANGE),
        Step("graduate", "毕业", frozenset({ATTENDING}), GRADUATED, _P.ENROLMENT_CHANGE),
        Step("defer", "缓学", frozenset({LEFT, GRADUATED}), DEFERRED, _P.CASE_DECIDE),
        Step("stay_on", "缓学，仍在园", frozenset({ATTENDING}), ATTENDING, _P.CASE_DECIDE),
        Step("cancel", "注销", LIVING, CANCELLED, _P.CASE_DECIDE),
        Step("void", "作废", LIVING, VOID, _P.CASE_DECIDE),
        Step("restore", "恢复", frozenset({LEFT, GRADUATED, CANCELLED}), ATTENDING, _P.CASE_DECIDE),
        Step("merge", "并入另一学籍", LIVING, MERGED, _P.PROBLEM_DECIDE),
        Step("claim", "小学调取", LIVING, PROMOTED, _P.HANDOVER_CLAIM),
        Step("rehome", "园所变动安置", frozenset({ATTENDING}), ATTENDING, _P.INSTITUTION_CHANGE),
        Step("list", "转入县待安置名单", frozenset({ATTENDING}), LEFT, _P.INSTITUTION_CHANGE),
        Step("place", "县里安置", frozenset({LEFT}), ATTENDING, _P.INSTITUTION_CHANGE),
    )
}
"""Steps of a child's standing. A child that is attending and defers stays attending; `Child.deferred_until_on` says until when.

Undoing a merge is no step onward: it puts every row back as it stood (problems.undoing).
"""

STAY_STEPS = {
    step.verb: step
    for step in (
        Step("apply", "再次提交", frozenset({APPLIED, WITHDRAWN}), APPLIED, _P.INTAKE_SUBMIT),
        Step("withdraw", "撤回提交", frozenset({APPLIED}), WITHDRAWN, _P.INTAKE_SUBMIT),
        Step("admit", "赋号入园", frozenset({APPLIED}), ATTENDING, _P.APPROVAL_DECIDE),
        Step("move", "调班、升班", frozenset({ATTENDING}), MOVED, _P.ENROLMENT_CHANGE),
        Step("transfer", "转园、安置", frozenset({ATTENDING}), TRANSFERRED, _P.TRANSFER_DECIDE),
        Step("leave", "离园", frozenset({ATTENDING}), LEFT, _P.ENROLMENT_CHANGE),
        Step("graduate", "毕业、小学调取", frozenset({ATTENDING}), GRADUATED, _P.ENROLMENT_CHANGE),
        Step("cancel", "注销", frozenset({ATTENDING}), CANCELLED, _P.CASE_DECIDE),
        Step("void", "作废", frozenset(LABELS) - {APPLIED, WITHDRAWN}, CANCELLED, _P.CASE_DECIDE),
        Step("restore", "恢复", frozenset({LEFT, GRADUATED, CANCELLED}), ATTENDING, _P.CASE_DECIDE),
        Step("undo", "撤销升班", frozenset({ATTENDING}), WITHDRAWN, _P.ENROLMENT_CHANGE),
        Step("reopen", "撤销升班，回原班", frozenset({MOVED}), ATTENDING, _P.ENROLMENT_CHANGE),
    )
}
"""Steps of a stay. One that goes on closes, and another begins at `attending` on the same day; see steps.close and steps.open_."""


class StepNotAllowed(Refusal):
    """The child stands where this step does not lead on."""

    code, message = "ENR-02", "这名幼儿现在是“{state}”，不能办{verb}。请刷新后再看。"


def available(standing: str) -> list[str]:
    """Return the verbs that lead on from a standing."""
    return [step.verb for step in STEPS.values() if standing in step.sources]


def standing_word(standing: str) -> str:
    """Return where a child stands in words."""
    return STANDINGS.get(standing, standing)
