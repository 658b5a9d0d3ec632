"""Requests that come again: the first leaves its answer, every other one gets that answer and does nothing (R-07, R-08)."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.models import RepeatedRequest
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import actions as vault
from miaoce.registry.vault import queries as vault_queries

KEEP_DAYS = 35


class KeyUsedOtherwise(Refusal):
    """The idempotency key was used before with another request."""

    code, message = "IDEM-01", "这个 Idempotency-Key 已用在另一个请求上。新的请求请换一个新的键。"


class StillWorking(Refusal):
    """The first request with this key has not ended yet."""

    code, message = "IDEM-02", "带同一个 Idempotency-Key 的请求还在办理。请等几秒，用同一个键再发一次。"


@dataclass(frozen=True)
class Answer:
    """An answer as it was given: status, body and the headers that belong to it."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def claim(*, owner_id: UUID, operation: str, key: str, body_digest: str, at: datetime) -> RepeatedRequest | Answer:
    """Take a key for the length of the caller's transaction, or return the answer that was given under it.

    The database decides who was first: on PostgreSQL a second request waits here for the first one's end, on SQLite
    already at the beginning of its transaction. Refuses the same key with another request (IDEM-01).
    """
    mine = RepeatedRequest(owner_id=owner_id, operation=operation, key=key, body_digest=body_digest, created_at=at)
    RepeatedRequest.objects.bulk_create([mine], ignore_conflicts=True)
    standing = RepeatedRequest.objects.filter(owner_id=owner_id, operation=operation, key=key).first()
    if standing is None or (standing.pk != mine.pk and standing.answer is None):
        raise StillWorking
    if standing.pk == mine.pk:
        return mine
    if standing.body_digest != body_digest:
        raise KeyUsedOtherwise
    return answer_of(standing)


def keep(*, request: RepeatedRequest, answer: Answer, at: datetime) -> None:
    """Keep the answer beside the claim, sealed under a key of its own, in the same transaction as the effect."""
    safe = vault.make_keys([request.pk], at=at)
    text = json.dumps([answer.status, answer.body, answer.headers], ensure_ascii=False)
    RepeatedRequest.objects.filter(pk=request.pk).update(
        status=answer.status,
        subject_id=request.pk,
        answer=safe.seal(request.pk, "repeated_request", "answer", request.pk, text),
    )


def answer_of(request: RepeatedRequest) -> Answer:
    """Open a kept answer."""
    if request.answer is None:
        raise StillWorking
    safe = vault_queries.open_safe([request.pk])
    status, body, headers = json.loads(
        safe.open(request.pk, "repeated_request", "answer", request.pk, bytes(request.answer))
    )
    return Answer(status, body, headers)


@transaction.atomic
def forget(*, before: datetime, limit: int = 2_000) -> int:
    """Erase answers that were kept long enough, with their keys; return how many. For the worker."""
    over = list(
        RepeatedRequest.objects.filter(created_at__lt=before).order_by("id").values_list("pk", flat=True)[:limit]
    )
    if over:
        vault.forget(over)
        RepeatedRequest.objects.filter(pk__in=over).delete()
    return len(over)
