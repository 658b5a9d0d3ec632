"""States of a batch with its steps, and of its rows. Rows keep the contract's words (contracts: ready, known, fix, duplicate, ignored)."""

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.states import Step

UPLOADED, READING, OPEN, SENDING = "uploaded", "reading", "open", "sending"
REFUSED, DISCARDED = "refused", "discarded"
BATCH_LABELS = {
    UPLOADED: "等待读取",
    READING: "正在读取",
    OPEN: "可处理",
    SENDING: "正在提交",
    REFUSED: "没读成",
    DISCARDED: "已作废",
}
LIVE = (UPLOADED, READING, OPEN, SENDING)
"""States of a batch that still holds what came in, so that the same bytes are the same batch."""

_P = Permission
STEPS = {
    step.verb: step
    for step in (
        Step("read", "读取", frozenset({UPLOADED, READING}), READING, _P.INTAKE_EDIT),
        Step("open", "读完", frozenset({READING}), OPEN, _P.INTAKE_EDIT),
        Step("refuse", "读不成", frozenset({READING}), REFUSED, _P.INTAKE_EDIT),
        Step("read_again", "交给系统再读一遍", frozenset({OPEN}), READING, _P.INTAKE_EDIT),
        Step("explain", "指出表头，重新读", frozenset({REFUSED}), UPLOADED, _P.INTAKE_EDIT),
        Step("order", "交给系统提交", frozenset({OPEN}), SENDING, _P.INTAKE_SUBMIT),
        Step("send", "分批提交", frozenset({SENDING}), SENDING, _P.INTAKE_SUBMIT),
        Step("end_order", "提交完", frozenset({SENDING}), OPEN, _P.INTAKE_SUBMIT),
        Step("discard", "作废", frozenset({UPLOADED, READING, REFUSED, OPEN}), DISCARDED, _P.INTAKE_EDIT),
        Step("expire", "到期清除", frozenset({UPLOADED, READING, REFUSED, OPEN, DISCARDED}), DISCARDED, _P.INTAKE_EDIT),
    )
}
"""`read` and `send` are also taken by the process that takes over from a dead one; `expire` by the worker only."""

READY, KNOWN, FIX, DUPLICATE, IGNORED = "ready", "known", "fix", "duplicate", "ignored"
ASIDE, REPEATED, SENT, RETURNED, DONE = "aside", "repeated", "sent", "returned", "done"
ROW_LABELS = {
    READY: "可提交",
    KNOWN: "已登记过",
    FIX: "要改",
    DUPLICATE: "可能重复",
    IGNORED: "不是幼儿",
    ASIDE: "等转园",
    REPEATED: "重复的行",
    SENT: "已提交",
    RETURNED: "县里退回",
    DONE: "已建学籍",
}
CHANGEABLE = frozenset({READY, KNOWN, FIX, DUPLICATE, RETURNED})
"""States in which a row's values may be changed."""
