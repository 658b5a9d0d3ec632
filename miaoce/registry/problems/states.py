"""States and steps of a problem record (问题学籍), each step with the one party that may take it (domain.md §3.5).

Read by buttons, server, API, the diagram of `miaoce states` and tests alike.
"""

from dataclasses import dataclass
from enum import StrEnum

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.states import Step as PlainStep
from miaoce.registry.refusals import Refusal

SAME_DOCUMENT, SAME_PERSON = "same_document", "same_person"
CHECK_DIGIT, NOT_KNOWN, NAME_DIFFERS = "check_digit", "not_known", "name_differs"
KINDS = {
    SAME_DOCUMENT: "身份证号重复",
    SAME_PERSON: "疑似同一名幼儿",
    CHECK_DIGIT: "身份证号校验位不对",
    NOT_KNOWN: "人口库没有这个号码",
    NAME_DIFFERS: "号码与姓名不匹配",
}
PAIRS = frozenset({SAME_DOCUMENT, SAME_PERSON})
"""Kinds that are about two records; the others are about the document of one."""

OPEN, ARBITRATION = "open", "arbitration"
MERGED, DIFFERENT, EVIDENCED, CORRECTED, VOIDED, ENDED = (
    "merged", "different", "evidenced", "corrected", "voided", "ended",
)  # fmt: skip
LABELS = {
    OPEN: "待园里佐证",
    ARBITRATION: "待主管部门裁定",
    MERGED: "同一名幼儿，已合并",
    DIFFERENT: "不是同一名幼儿",
    EVIDENCED: "佐证已采信",
    CORRECTED: "已变更",
    VOIDED: "已删除",
    ENDED: "已终止",
}
IN_HAND = frozenset({OPEN, ARBITRATION})

SAME, OTHER, UNSURE = "same", "different", "unsure"
SAYINGS = {SAME: "是同一名幼儿", OTHER: "不是同一名幼儿", UNSURE: "拿不准"}
"""What a side says of a pair. A side of a document's problem says nothing of the kind."""

EVIDENCE, CHANGE, VOID = "evidence", "correct", "void"
ANSWERS = {EVIDENCE: "佐证", CHANGE: "变更", VOID: "删除"}
"""What a side does about it: adds proof, files a correction, asks that a record made by mistake be voided."""


class Party(StrEnum):
    """Who takes part. `house` is a kindergarten that holds both records; `office` the lowest office common to all sides;
    `county` a county that answers for one of them."""

    SIDE = "side"
    HOUSE = "house"
    OFFICE = "office"
    COUNTY = "county"
    WORKER = "worker"


PARTIES = {
    Party.SIDE: "一方幼儿园",
    Party.HOUSE: "两条都在本园的幼儿园",
    Party.OFFICE: "共同的主管部门",
    Party.COUNTY: "学籍所在的县",
    Party.WORKER: "系统",
}


@dataclass(frozen=True)
class Step(PlainStep):
    """One verb: from which states, to which, by which party, and whether only for pairs or only for documents."""

    party: Party
    about: str = "all"


_P, _HANDLE, _DECIDE = Party, Permission.PROBLEM_HANDLE, Permission.PROBLEM_DECIDE
STEPS = {
    step.verb: step
    for step in (
        Step("say", "佐证并说明", frozenset({OPEN}), OPEN, _HANDLE, _P.SIDE),
        Step("forward", "交主管部门", frozenset({OPEN}), ARBITRATION, _HANDLE, _P.SIDE),
        Step("settle", "认定不是同一名幼儿", frozenset({OPEN}), DIFFERENT, _HANDLE, _P.HOUSE, "pairs"),
        Step("take_up", "逾期未佐证，直接裁定", frozenset({OPEN}), ARBITRATION, _DECIDE, _P.OFFICE),
        Step("send_back", "退回补佐证", frozenset({ARBITRATION}), OPEN, _DECIDE, _P.OFFICE),
        Step("merge", "裁定是同一名幼儿，合并", frozenset({ARBITRATION}), MERGED, _DECIDE, _P.OFFICE, "pairs"),
        Step("part", "裁定不是同一名幼儿", frozenset({ARBITRATION}), DIFFERENT, _DECIDE, _P.OFFICE, "pairs"),
        Step("accept", "采信佐证", frozenset({ARBITRATION}), EVIDENCED, _DECIDE, _P.OFFICE, "documents"),
        Step("split", "裁定是两名幼儿，拆分", frozenset({ARBITRATION}), CORRECTED, _DECIDE, _P.COUNTY, "documents"),
        Step("split_merged", "合并过的一条再拆分", frozenset({MERGED}), MERGED, _DECIDE, _P.COUNTY, "pairs"),
        Step("correct", "变更已核准", IN_HAND, CORRECTED, _DECIDE, _P.WORKER),
        Step("void", "删除已核准", IN_HAND, VOIDED, _DECIDE, _P.WORKER),
        Step("end", "终止", IN_HAND, ENDED, _DECIDE, _P.WORKER),
        Step(
            "reopen", "依据变了，重新核对", frozenset({DIFFERENT, CORRECTED, ENDED}), OPEN, _DECIDE, _P.WORKER, "pairs"
        ),
        Step("undo", "撤销合并", frozenset({MERGED}), OPEN, _DECIDE, _P.OFFICE, "pairs"),
    )
}
"""`forward` follows by itself when every side has said its word; `end` closes what has no ground any more.

`split_merged` is the way out where a merge cannot be undone any more (MRG-05); the decision that it was one child stands beside it.
"""

CLOCKS: dict[str, tuple[str, Party]] = {OPEN: ("side", Party.SIDE), ARBITRATION: ("arbitration", Party.OFFICE)}
"""Which clock runs in a state, and who has to act: each kindergarten that has not said its word, or the office."""


class StepNotAllowed(Refusal):
    """The problem stands in a state from which this step does not lead on, or the step belongs to another party."""

    code, message = "PRB-01", "这件问题学籍现在是“{state}”，不能{verb}。请刷新后再看。"


class ChangedSinceShown(Refusal):
    """The problem changed after it was shown to the one who acts."""

    code, message = "PRB-02", "您打开后这件问题学籍有变动，请刷新后再办。"


class SameHands(Refusal):
    """Whoever filed a side's word does not decide between the sides."""

    code, message, http = "PRB-03", "这件的佐证是您自己交的，要由另一位同事裁定。", 403


def available(state: str, parties: frozenset[Party], *, kind: str) -> list[str]:
    """Return the verbs that lead on from a state for who takes part as these parties in a problem of a kind."""
    wrong = "documents" if kind in PAIRS else "pairs"
    return [
        step.verb for step in STEPS.values() if state in step.sources and step.party in parties and step.about != wrong
    ]


def label_of(state: str) -> str:
    """Return the words of a state."""
    return LABELS.get(state, state)
