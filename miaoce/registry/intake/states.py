"""States of a batch and of its rows. Rows keep the contract's words (contracts: ready, known, fix, duplicate, ignored)."""

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
