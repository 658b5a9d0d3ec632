"""Showing one sealed value: one field, one child, a reason, logged before it is shown (trust.md U-02)."""

import re
from datetime import datetime
from uuid import UUID

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault

SHOWN_SECONDS = 60
LONGEST_WORDS = 100
OF_CHILD = {"number": "学籍号", "document_number": "证件号", "address": "住址"}
OF_GUARDIAN = {"document_number": "证件号", "phone": "手机号"}
OF_ROW = {"birth_certificate_number": "出生医学证明编号", "health": "健康状况", "disability": "残疾类型"}
"""Shown on the row of a sheet only (intake.showing)."""
GUARDIAN_FIELD = re.compile(r"guardian([12])_(document_number|phone)")


class ReasonNeeded(Refusal):
    """A value is shown for a reason from the list only."""

    code, message, http = "CHD-03", "请先选为什么要看，选完就能显示。", 422


class WordsNeeded(Refusal):
    """This reason needs words."""

    code, message, http = "CHD-04", "选了“{reason}”，请再写一句为什么要看。", 422


class NothingToShow(Refusal):
    """There is no such field, or nothing is recorded in it."""

    code, message, http = "CHD-05", "这一项没有登记内容，不用显示。", 404


def label_of(field: str) -> str:
    """Return the words for a field that can be shown; CHD-05 for any other."""
    if field in OF_CHILD:
        return OF_CHILD[field]
    if found := GUARDIAN_FIELD.fullmatch(field):
        return f"监护人 {found[1]} 的{OF_GUARDIAN[found[2]]}"
    raise NothingToShow


def logged_label(field: str) -> str:
    """Return the words of the read log for a field that was shown, on a child's page or on the row of a sheet."""
    return OF_ROW.get(field) or label_of(field)


def reveal(*, child: Child, field: str, reason: str, words: str, book: Codebook, actor: Officer, at: datetime) -> str:
    """Log and return one clear value of a child that the actor may see (visible_to is asked before).

    `reason` is a code of the list reveal_reason. Refuses ACC-01, CHD-03 to CHD-05. A refusal logs nothing and shows
    nothing; if the log cannot be written nothing is shown either.
    """
    require(actor, Permission.CHILD_REVEAL)
    label_of(field)
    row_id, table, column, blob = _cell(child, field)
    journal.log_reading(
        actor=actor, at=at, what=f"reveal:{field}", child_ids=[child.pk], reason=reason_words(book, reason, words)
    )
    return vault.open_safe([child.pk]).open(child.pk, table, column, row_id, blob)


def reason_words(book: Codebook, reason: str, words: str) -> str:
    """Return the reason as the log keeps it; CHD-03 without one of the list, CHD-04 where its words are missing."""
    entry = book.entry("reveal_reason", reason)
    if entry is None:
        raise ReasonNeeded
    words = " ".join(words.split())[:LONGEST_WORDS]
    if entry.extra.get("needs_text") == "1" and not words:
        raise WordsNeeded(reason=entry.name)
    return f"{entry.name}：{words}" if words else entry.name


def _cell(child: Child, field: str) -> tuple[UUID, str, str, bytes]:
    """Return row, table, column and sealed value of a field; CHD-05 where nothing is recorded."""
    row: Child | Guardian | None = child
    table, column = "child", field
    if found := GUARDIAN_FIELD.fullmatch(field):
        table, column = "guardian", found[2]
        row = Guardian.objects.filter(child_id=child.pk, position=int(found[1])).first()
    blob = getattr(row, column) if row is not None else None
    if row is None or blob is None:
        raise NothingToShow
    return row.pk, table, column, bytes(blob)
