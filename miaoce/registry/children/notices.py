"""What guardians were told, and what they agreed to: by guardian, with the version and the digest of the text.

Being told is owed to everybody (个人信息保护法 art. 17, 35) and needs no answer. Consents are for optional items only,
each by itself; a refusal never blocks anything (未成年人网络保护条例 art. 32) and a consent is withdrawn as easily as
given.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child, Guardian, NoticeServed, NoticeText
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import facts_of
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal

TEXTS = Path(__file__).parent / "texts"
NOTICE = "notice"
CHANNELS = {"paper": "纸质签收", "in_person": "当面说明", "phone": "电话说明", "message": "家园联系群"}
SERVED, GIVEN, REFUSED, WITHDRAWN = "served", "given", "refused", "withdrawn"
ANSWERS = {SERVED: "已告知", GIVEN: "已同意", REFUSED: "不同意", WITHDRAWN: "已撤回同意"}


class TextChanged(Refusal):
    """A text that was served keeps its words for ever; other words are another version."""

    code, message = "CHD-11", "告知文本“{title}”的 {version} 版已用过，不能改字。要改请另发一版。"


class NotAGuardian(Refusal):
    """The guardian is not one of this child."""

    code, message, http = "CHD-12", "这名监护人不在孩子的登记信息里，请刷新后再选。", 404


class NothingToWithdraw(Refusal):
    """Only a consent that stands can be withdrawn."""

    code, message = "CHD-13", "这一项现在没有同意记录，不用撤回。"


class UnknownChannel(Refusal):
    """How a text was served is one of a short list."""

    code, message, http = "CHD-14", "没选告知方式。请选一种。", 422


class WrongKind(Refusal):
    """The notice is served and needs no consent; optional items are answered."""

    code, message, http = "CHD-15", "告知书只需告知，不用选同意；可选事项才要家长决定。", 422


@dataclass(frozen=True)
class ShippedText:
    """A text as it lies in the package."""

    kind: str
    version: str
    title: str
    body: str
    from_on: date

    @property
    def digest(self) -> str:
        """The digest that is kept with every serving."""
        return hashlib.sha256(f"{self.title}\n{self.body}".encode()).hexdigest()


@cache
def shipped_texts() -> tuple[ShippedText, ...]:
    """Return the texts of the package: file `kind.version.txt`, title, day from which it counts, empty line, body."""
    return tuple(_read(path) for path in sorted(TEXTS.glob("*.txt")))


def _read(path: Path) -> ShippedText:
    kind, version = path.stem.split(".")
    title, from_on, _, body = path.read_text(encoding="utf-8").split("\n", 3)
    return ShippedText(kind, version, title, body.strip(), date.fromisoformat(from_on))


@transaction.atomic
def load_texts() -> int:
    """Put the shipped texts into the table and return how many were new. CHD-11 where words changed in place."""
    held = {(text.kind, text.version): text for text in NoticeText.objects.all()}
    fresh = []
    for text in shipped_texts():
        known = held.get((text.kind, text.version))
        if known is None:
            fresh.append(text)
        elif known.digest != text.digest:
            raise TextChanged(title=text.title, version=text.version)
    NoticeText.objects.bulk_create(
        [
            NoticeText(
                kind=t.kind, version=t.version, title=t.title, body=t.body, digest=t.digest, from_on=t.from_on
            )
            for t in fresh
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(fresh)


def texts_of(on: date) -> list[NoticeText]:
    """Return the version of each text that counts on a day, the notice first."""
    newest: dict[str, NoticeText] = {}
    for text in NoticeText.objects.filter(from_on__lte=on).order_by("from_on", "version"):
        newest[text.kind] = text
    return sorted(newest.values(), key=lambda text: (text.kind != NOTICE, text.kind))


@dataclass(frozen=True)
class Standing:
    """How one guardian stands to one text: the last answer, None when nothing was recorded."""

    guardian_id: UUID
    text: NoticeText
    last: NoticeServed | None

    @property
    def is_notice(self) -> bool:
        """Say whether the text is only told and not asked."""
        return self.text.kind == NOTICE

    @property
    def answer(self) -> str:
        """The last answer, empty when there is none."""
        return self.last.answer if self.last else ""

    @property
    def word(self) -> str:
        """The last answer in words."""
        return ANSWERS.get(self.answer, "")

    @property
    def is_older(self) -> bool:
        """Say whether the last answer was to an earlier version."""
        return self.last is not None and self.last.text_id != self.text.pk


def standings(child_id: UUID, *, guardian_ids: list[UUID], on: date) -> list[Standing]:
    """Return how each guardian of a child stands to each text of a day. Two statements."""
    last = {
        (served.guardian_id, served.text.kind): served
        for served in NoticeServed.objects.filter(child_id=child_id).select_related("text").order_by("at", "id")
    }
    return list(_each(last, guardian_ids, texts_of(on)))


def _each(
    last: dict[tuple[UUID, str], NoticeServed], guardian_ids: list[UUID], texts: list[NoticeText]
) -> Iterator[Standing]:
    for guardian_id in guardian_ids:
        for text in texts:
            yield Standing(guardian_id, text, last.get((guardian_id, text.kind)))


@transaction.atomic
def serve(*, child: Child, guardian_id: UUID, text: NoticeText, channel: str, process: Process) -> NoticeServed:
    """Record that a guardian was told the notice. Refuses CHD-12, CHD-14, and CHD-15 for an optional item."""
    if text.kind != NOTICE:
        raise WrongKind
    return _record("notice.served", SERVED, child, guardian_id, text, channel, process)


@transaction.atomic
def consent(
    *, child: Child, guardian_id: UUID, text: NoticeText, is_given: bool, channel: str, process: Process
) -> NoticeServed:
    """Record a guardian's answer to an optional item, either way. Refuses CHD-12, CHD-14, and CHD-15 for the notice."""
    if text.kind == NOTICE:
        raise WrongKind
    verb, answer = ("consent.given", GIVEN) if is_given else ("consent.refused", REFUSED)
    return _record(verb, answer, child, guardian_id, text, channel, process)


@transaction.atomic
def withdraw(*, child: Child, guardian_id: UUID, kind: str, channel: str, process: Process) -> NoticeServed:
    """Withdraw a consent that stands, to the version it was given to. Refuses CHD-13 where none stands."""
    last = (
        NoticeServed.objects.filter(child_id=child.pk, guardian_id=guardian_id, text__kind=kind)
        .select_related("text")
        .order_by("-at", "-id")
        .first()
    )
    if last is None or last.answer != GIVEN:
        raise NothingToWithdraw
    return _record("consent.withdrawn", WITHDRAWN, child, guardian_id, last.text, channel, process)


def allows(child_id: UUID, kind: str) -> bool:
    """Say whether an optional use is agreed to: by at least one guardian, and withdrawn or refused by none."""
    last = {
        served.guardian_id: served.answer
        for served in NoticeServed.objects.filter(child_id=child_id, text__kind=kind).order_by("at", "id")
    }
    return bool(last) and set(last.values()) == {GIVEN}


def _record(  # noqa: PLR0917  the one place behind three verbs, each of which names every argument
    verb: str, answer: str, child: Child, guardian_id: UUID, text: NoticeText, channel: str, process: Process
) -> NoticeServed:
    require(process.actor, Permission.CHILD_CONSENT)
    if channel not in CHANNELS:
        raise UnknownChannel
    if not Guardian.objects.filter(pk=guardian_id, child_id=child.pk).exists():
        raise NotAGuardian
    served = NoticeServed(
        child_id=child.pk, guardian_id=guardian_id, text=text, answer=answer, channel=channel,
        at=process.at, process_id=process.pk,
    )  # fmt: skip
    served.save(force_insert=True)
    after = facts_of(served) | {"kind": text.kind, "version": text.version, "digest": text.digest}
    journal.note(process, [Change(verb, "notice_served", served.pk, child.pk, after=after)])
    return served
