"""Declaring an operation: its scope, its answer, reads that cannot write, writes that happen once whatever is repeated."""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Header, Router, Schema
from ninja.errors import ValidationError

from miaoce.api import problems
from miaoce.api.keys import AccessToken, ApiRequest
from miaoce.registry.access import repeats
from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.journal.readonly import only_reads
from miaoce.registry.refusals import Refusal

JSON = "application/json; charset=utf-8"
View = Callable[..., Any]
KEY_NAME = "Idempotency-Key"
_KEY: dict[str, Any] = {
    "alias": KEY_NAME,
    "min_length": 8,
    "max_length": 120,
    "pattern": r"^[!-~]+$",
    "description": "您为这次请求起的键，例如 UUID。没等到回答就用同一个键再发：只办一次，回答逐字节相同。保存 35 天。",
}
_REQUIRED_KEY = Annotated[str, Header(**_KEY)]
_OPTIONAL_KEY = Annotated[str | None, Header(**_KEY)]


@dataclass(frozen=True)
class Answer:
    """An answer with a status or headers of its own; a bare schema is answered with the status of its operation."""

    body: Schema
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def reads(
    router: Router, path: str, *scopes: Permission, name: str, summary: str, answer: type[Schema], method: str = "GET"
) -> Callable[[View], View]:
    """Declare an operation that only reads: it runs under the read guard and carries an ETag.

    `method="POST"` is for reads whose question must not stand in an address (names, numbers).
    """

    def declare(view: View) -> View:
        @wraps(view)
        def run(request: ApiRequest, **values: Any) -> HttpResponse:
            _must_be_known(run, request)
            with only_reads():
                given = _answered(view(request, **values), 200)
                return tagged(request, given) if method == "GET" else given

        return router.api_operation(
            [method], path, auth=AccessToken(*scopes), operation_id=name, summary=summary, response=answer
        )(run)

    return declare


def writes(
    router: Router,
    path: str,
    *scopes: Permission,
    name: str,
    summary: str,
    answer: type[Schema],
    status: int = 200,
    method: str = "POST",
    key: bool | None = None,
) -> Callable[[View], View]:
    """Declare an operation that writes. `key`: an Idempotency-Key is required (True), taken (None) or unknown (False)."""

    def declare(view: View) -> View:
        @wraps(view)
        def run(request: ApiRequest, **values: Any) -> HttpResponse:
            _must_be_known(run, request)
            given: str | None = values.pop("idempotency_key", None)
            return _once(request, name, given, lambda: _answered(view(request, **values), status))

        if key is not False:
            run.__signature__ = _with_key(view, required=bool(key))  # type: ignore[attr-defined]  # what ninja reads
        responses = {200: answer} if status == 200 else {200: answer, status: answer}
        return router.api_operation(
            [method], path, auth=AccessToken(*scopes), operation_id=name, summary=summary, response=responses
        )(run)

    return declare


def _must_be_known(run: View, request: HttpRequest) -> None:
    """Refuse (API-02) a query parameter that the operation does not have: a mistyped filter would show too much."""
    models = run._ninja_operation.models  # type: ignore[attr-defined]  # the framework leaves it on the view
    known = {
        name for model in models if model.__ninja_param_source__ == "query" for name in model.__ninja_flatten_map__
    }
    unknown = [name for name in request.GET if name not in known]
    if unknown:
        raise ValidationError([{"type": "extra_forbidden", "loc": ("query", name)} for name in unknown])


def process(request: ApiRequest, kind: str, *, reason: str = "") -> AbstractContextManager[Process]:
    """Open the process of a write; it names the token beside the person that the token speaks for."""
    facts = {"token": request.auth.token_id.hex}
    return journal.process(kind, actor=request.officer, at=request.at, reason=reason, facts=facts)


def _with_key(view: View, *, required: bool) -> inspect.Signature:
    """Return the signature of a view with the idempotency key added."""
    signature = inspect.signature(view)
    extra = inspect.Parameter(
        "idempotency_key",
        inspect.Parameter.KEYWORD_ONLY,
        annotation=_REQUIRED_KEY if required else _OPTIONAL_KEY,
        default=inspect.Parameter.empty if required else None,
    )
    return signature.replace(parameters=[*signature.parameters.values(), extra])


def _answered(given: Answer | Schema | HttpResponse, status: int) -> HttpResponse:
    """Return what a view gave as bytes."""
    if isinstance(given, HttpResponse):
        return given
    answer = given if isinstance(given, Answer) else Answer(given)
    response = HttpResponse(answer.body.model_dump_json(), status=answer.status or status, content_type=JSON)
    for name, value in answer.headers.items():
        response[name] = value
    return response


def tagged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give an answer its ETag, and 304 to a caller who has it already."""
    if not response.has_header("ETag"):
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    wanted = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    if wanted & {response["ETag"], "*"}:
        unchanged = HttpResponse(status=304)
        unchanged["ETag"] = response["ETag"]
        del unchanged["Content-Type"]
        return unchanged
    return response


def _once(request: ApiRequest, operation: str, key: str | None, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Act, or repeat the answer that was given under the key. Claim, effect and answer are one transaction.

    A refusal is an answer too and is kept; an error of this side is not, so that the next try may succeed.
    """
    if key is None:
        return act()
    owner = request.officer.appointment_id
    if owner is None:
        raise LookupError("a token always belongs to an appointment")
    with transaction.atomic():
        claimed = repeats.claim(
            owner_id=owner, operation=operation, key=key, body_digest=_fingerprint(request), at=request.at
        )
        if isinstance(claimed, repeats.Answer):
            return _repeated(claimed)
        response = _acted(request, act)
        kept = repeats.Answer(
            response.status_code,
            response.content.decode(),
            {name: value for name, value in response.items() if name in {"Content-Type", "ETag", "Location"}},
        )
        repeats.keep(request=claimed, answer=kept, at=request.at)
    return response


def _acted(request: ApiRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Act; a refusal undoes what was begun and becomes the answer."""
    try:
        with transaction.atomic():
            return act()
    except Refusal as refusal:
        if refusal.http >= 500:
            raise
        return problems.refused(request, refusal)


def _repeated(answer: repeats.Answer) -> HttpResponse:
    """Return a kept answer, byte for byte."""
    response = HttpResponse(answer.body.encode(), status=answer.status)
    for name, value in answer.headers.items():
        response[name] = value
    response["Idempotency-Replayed"] = "true"
    return response


def _fingerprint(request: HttpRequest) -> str:
    """Return the digest of what was asked: the address and the body."""
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
