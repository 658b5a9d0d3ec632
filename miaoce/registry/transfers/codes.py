"""Codes that guardians speak with: bound to one transfer, once, expiring, kept only as a keyed digest (trust.md S-05)."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Guardian
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.messages import actions as messages
from miaoce.registry.messages import queries as sent
from miaoce.registry.messages import rules as messaging
from miaoce.registry.messages.actions import Draft
from miaoce.registry.messages.senders import sender
from miaoce.registry.transfers import rules, states
from miaoce.registry.transfers.models import Transfer, TransferCode
from miaoce.registry.transfers.moving import Moved, visible, void_codes
from miaoce.registry.transfers.parties import acting_as, parties_of
from miaoce.registry.transfers.states import Party
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe

CONFIRM, FOLLOW = "confirm", "follow"
PAPER, MESSAGE, PAGE = "paper", "message", "page"
FOLLOW_DAYS = 120
HANDING_OVER = frozenset({states.INVITED, states.REQUESTED})
CODE_TEXT = "转园确认码 {code}，{days} 天内有效，只用于这一次转园。请在幼儿园告诉您的网址填写，不要告诉别人。"
NEWS_TEXT = messaging.PLAIN + "查询码 {code}，可以查看、撤回或提出异议。"


@transaction.atomic
def hand_over(*, chosen: Sequence[UUID], process: Process, days: int) -> tuple[Moved, dict[UUID, str]]:
    """Make codes to be printed, and return them by transfer; they are shown this once. Earlier ones count no longer.

    Only where the child attends, or its county: who wants the child never holds a consent in its hands (TRF-17).
    Refuses alone: TRF-01 where no guardian is waited for, TRF-15 without a guardian on record.
    """
    found, moved = _waiting(chosen, process)
    for transfer in list(found):
        if not parties_of(process.actor, transfer) & {Party.OLD, Party.OLD_COUNTY}:
            moved.refused[transfer.pk] = rules.CodeNotYours()
            found.remove(transfer)
    families = _families(found)
    made = _made(found, families, CONFIRM, PAPER, process, days=days, moved=moved)
    return moved, made


@transaction.atomic
def send(*, chosen: Sequence[UUID], process: Process, days: int) -> Moved:
    """Send each guardian a code by message, at most once a day (MSG-03); MSG-01 where nothing can be sent.

    The phone is the one that the register holds; nobody who asks sees the code.
    """
    found, moved = _waiting(chosen, process)
    if sender() is None:
        moved.refused |= {t.pk: messaging.NoSender() for t in found}
        return moved
    today = process.at - timedelta(hours=20)
    told = sent.told_since([t.pk for t in found], kind="transfer.code", since=today)
    families = _families(found, with_phone=True)
    for transfer in list(found):
        if transfer.pk in told or transfer.child_id not in families:
            moved.refused[transfer.pk] = messaging.OncePerDay() if transfer.pk in told else messaging.NoPhone()
            found.remove(transfer)
    made = _made(found, families, CONFIRM, MESSAGE, process, days=days, moved=moved)
    _tell(
        found, families, "transfer.code", {pk: CODE_TEXT.format(code=c, days=days) for pk, c in made.items()}, process
    )
    return moved


def _waiting(chosen: Sequence[UUID], process: Process) -> tuple[list[Transfer], Moved]:
    """Return the transfers that wait for a guardian, of those that the actor is a party to; the others are refused alone."""
    require(process.actor, Permission.TRANSFER_VIEW)
    found = {t.pk: t for t in visible(process).filter(pk__in=list(chosen))}
    ready, moved = [], Moved()
    for pk in chosen:
        transfer = found.get(pk)
        if transfer is not None and transfer.state in HANDING_OVER and acting_as(process.actor, transfer):
            ready.append(transfer)
        else:
            within = transfer is not None and transfer.is_within_a_county
            label = states.label_of(transfer.state, is_within_a_county=within) if transfer else "不在本单位名单里"
            moved.refused[pk] = states.StepNotAllowed(state=label, verb="发确认码")
    return ready, moved


def _families(transfers: Sequence[Transfer], *, with_phone: bool = False) -> dict[UUID, Guardian]:
    """Return the guardian of each child who is asked: the first on record, or the first with a phone."""
    guardians = Guardian.objects.filter(child_id__in=[t.child_id for t in transfers]).order_by("-position")
    if with_phone:
        guardians = guardians.filter(phone__isnull=False)
    return {guardian.child_id: guardian for guardian in guardians}


def _made(
    transfers: Sequence[Transfer],
    families: Mapping[UUID, Guardian],
    purpose: str,
    channel: str,
    process: Process,
    *,
    days: int,
    moved: Moved,
) -> dict[UUID, str]:
    """Make one code for each transfer whose child has a guardian (TRF-15 otherwise) and return them by transfer."""
    moved.refused |= {t.pk: rules.NoGuardian() for t in transfers if t.child_id not in families}
    ready = [t for t in transfers if t.child_id in families]
    if purpose == CONFIRM:
        void_codes(ready, process)
    made, codes = {}, []
    for transfer in ready:
        guardian = families[transfer.child_id]
        text = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))
        made[transfer.pk] = rules.shown_code(text)
        codes.append(
            TransferCode(
                child_id=transfer.child_id, transfer_id=transfer.pk, guardian_id=guardian.pk, purpose=purpose,
                asks="phone" if guardian.phone else "document" if guardian.document_number else "", channel=channel,
                digest=vault.digest(Purpose.TRANSFER_CODE, text), made_at=process.at,
                expires_at=process.at + timedelta(days=days),
            )
        )  # fmt: skip
    rows.insert(codes)
    journal.note(process, [journal.made("transfer_code.made", code, child_id=code.child_id) for code in codes])
    moved.done += ready
    return made


def _tell(
    transfers: Sequence[Transfer],
    families: Mapping[UUID, Guardian],
    kind: str,
    texts: Mapping[UUID, str],
    process: Process,
) -> None:
    """Queue one message for each transfer that has a text."""
    messages.queue(
        drafts=[
            Draft(t.child_id, families[t.child_id].pk, t.pk, kind, texts[t.pk]) for t in transfers if t.pk in texts
        ],
        process=process,
    )


def tell_news(*, transfers: Sequence[Transfer], process: Process) -> None:
    """Tell the guardians of transfers that something moved, with a code to look with: once a day at most.

    Nothing where nothing can be sent.
    """
    if sender() is None or not transfers:
        return
    today = process.at - timedelta(hours=20)
    told = sent.told_since([t.pk for t in transfers], kind="transfer.news", since=today)
    families = _families(transfers, with_phone=True)
    reached = [t for t in transfers if t.child_id in families and t.pk not in told]
    made = _made(reached, families, FOLLOW, MESSAGE, process, days=FOLLOW_DAYS, moved=Moved())
    _tell(reached, families, "transfer.news", {pk: NEWS_TEXT.format(code=c) for pk, c in made.items()}, process)


def follow_code(*, transfer: Transfer, process: Process) -> str:
    """Make the code that a guardian looks, takes back and disputes with after consenting; shown this once."""
    families = {g.child_id: g for g in Guardian.objects.filter(pk__in=[transfer.guardian_id])}
    return _made([transfer], families, FOLLOW, PAGE, process, days=FOLLOW_DAYS, moved=Moved())[transfer.pk]


def check(*, text: str, ending: str, process: Process, transfer_id: UUID | None = None) -> TransferCode | None:
    """Return the code that a text is, None for one that is unknown, used, over, tried too often or of another transfer.

    `ending` is what the code asks for. A wrong ending counts: after five of them the code is worth nothing. This never
    raises, so that the count stays whatever the caller answers.
    """
    digests = vault.findable(Purpose.TRANSFER_CODE, rules.tidy_code(text))
    usable = TransferCode.objects.filter(used_at=None, voided_at=None, expires_at__gt=process.at)
    found = usable.filter(digest__in=digests).first()
    trying = usable.filter(pk=found.pk, tries__lt=rules.MOST_CODE_TRIES) if found is not None else None
    if found is None or trying is None or not trying.update(tries=F("tries") + 1):  # a try is taken before it is judged
        return None
    code = TransferCode.objects.get(pk=found.pk)
    if transfer_id in {None, code.transfer_id} and _ends_with(code, ending):
        TransferCode.objects.filter(pk=code.pk).update(tries=F("tries") - 1)
        code.tries -= 1
        return code
    missed = Change(
        "transfer_code.missed",
        "transfer_code",
        code.pk,
        code.child_id,
        {"tries": code.tries - 1},
        {"tries": code.tries},
    )
    journal.note(process, [missed])
    return None


def _ends_with(code: TransferCode, ending: str) -> bool:
    """Say whether what stands beside a code is right, in a time that tells nothing."""
    if not code.asks:
        return True
    wanted, given = _asked(code), rules.tidy_code(ending)[-4:]
    return bool(wanted) and hmac.compare_digest(wanted.encode(), given.encode())


def _asked(code: TransferCode) -> str:
    """Return the last four of the phone or document that the guardian has on record."""
    guardian = Guardian.objects.filter(pk=code.guardian_id).first()
    column = {"phone": "phone", "document": "document_number"}.get(code.asks, "")
    sealed = getattr(guardian, column) if guardian is not None and column else None
    if guardian is None or sealed is None:
        return ""
    safe: Safe = vault.open_safe([guardian.child_id])
    return rules.tidy_code(safe.open(guardian.child_id, "guardian", column, guardian.pk, bytes(sealed)))[-4:]


def spend(*, code: TransferCode, process: Process) -> None:
    """Use a code that consents, once; TRF-14 for whoever comes second."""
    new = {"used_at": process.at}
    if not TransferCode.objects.filter(pk=code.pk, used_at=None, voided_at=None).update(**new):
        raise rules.CodeWrong
    journal.note(process, [journal.changed("transfer_code.used", code, new=new, child_id=code.child_id)])
    code.used_at = process.at
