"""Problem documents (RFC 9457): the one place where the API turns a refusal or an error into an answer."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from miaoce.registry.refusals import Refusal

log = logging.getLogger("miaoce.api")

MOST_BYTES = 2 << 20
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "请求读不懂",
    401: "没有有效的令牌",
    403: "没有权限",
    404: "找不到",
    405: "不支持这个方法",
    409: "和现在的情况冲突",
    410: "已经不在",
    412: "内容已经变了",
    413: "内容太大",
    415: "格式不对",
    422: "内容不符合要求",
    428: "缺少版本",
    429: "请求太多",
    500: "系统出错",
    503: "暂时忙",
}
# Facts are told apart from the words only where they can hold nothing personal: counts, codes and labels of states.
PLAIN_FACTS = frozenset(
    {"expected", "field", "list", "method", "missing", "permission", "role", "scope", "state", "verb"}
)


class NoToken(Refusal):
    """The request brings no token, or none that opens the door now."""

    code, message, http = "API-01", "没有令牌，或令牌已吊销、到期，或它的身份已结束。请换一个有效的令牌。", 401


class NotAsDescribed(Refusal):
    """The request does not fit the description of the operation."""

    code, message, http = "API-02", "请求里有 {count} 处不符合接口说明，见 errors。改好后再发。", 422


class NotHere(Refusal):
    """There is no such thing, or not for this token: both answer alike."""

    code, message, http = "API-03", "这里没有这一条，或它不归您的单位。", 404


class MethodNotTaken(Refusal):
    """The address does not take the method."""

    code, message, http = "API-04", "这个地址不支持 {method}。请看接口说明。", 405


class NotJson(Refusal):
    """The body is of another type."""

    code, message, http = "API-05", "请求内容要用 JSON。请写明 Content-Type: application/json。", 415


class BodyTooLarge(Refusal):
    """The body is larger than what is read."""

    code, message, http = "API-06", "内容超过 {megabytes} MB。请分几次发，每次不超过 500 名。", 413


class Unreadable(Refusal):
    """The body is no JSON, or not in UTF-8."""

    code, message, http = "API-07", "请求内容不是完整的 JSON。请检查后再发。", 400


class Changed(Refusal):
    """What is to be changed is in another version than the one the caller saw."""

    code, message, http = "API-08", "您读到之后这一条改过了。请对照 current 和 yours，再带新的 ETag 发一次。", 412


class VersionMissing(Refusal):
    """A change needs the version that the caller saw."""

    code, message, http = "API-09", "修改时请带 If-Match，值是读到这一条时的 ETag。", 428


class CursorUnknown(Refusal):
    """The cursor was not given out by this list."""

    code, message, http = "API-10", "这个 cursor 不是本列表给出的。请从头再读。", 422


class TooMany(Refusal):
    """Too many requests in a short time."""

    code, message, http = "API-11", "请求太多。请等 {seconds} 秒再发。", 429


class Broken(Refusal):
    """A bug or a failure of this side; the trace finds it in the log."""

    code, message, http = "API-12", "系统出错，没有办成。请把 trace 告诉维护人员。", 500


class Busy(Refusal):
    """The database is busy; nothing was done."""

    code, message, http = "API-13", "系统正忙，这次没有办。请过一会儿用同一个键再发。", 503


class Problem(HttpResponse):
    """An answer that is a problem document."""


def facts_of(refusal: Refusal) -> dict[str, Any]:
    """Return the facts of a refusal that hold nothing personal."""
    plain = {}
    for name, value in refusal.facts.items():
        if isinstance(value, bool | int | date) or name in PLAIN_FACTS:
            plain[name] = value if isinstance(value, bool | int) else str(value)
    return plain


def refused(request: HttpRequest, refusal: Refusal, extra: Mapping[str, Any] | None = None) -> HttpResponse:
    """Return the problem document of a refusal; `extra` are further members of it."""
    answer = problem(
        request, status=refusal.http, code=refusal.code, detail=str(refusal), facts=facts_of(refusal), extra=extra
    )
    if refusal.http == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="miaoce"'
    if refusal.http == 429 and "seconds" in refusal.facts:
        answer["Retry-After"] = str(refusal.facts["seconds"])
    if refusal.http == 503 or refusal.code == "IDEM-02":
        answer["Retry-After"] = "2"
    return answer


def problem(
    request: HttpRequest,
    *,
    status: int,
    code: str,
    detail: str,
    facts: Mapping[str, Any],
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return a problem document."""
    members = {
        "type": f"urn:miaoce:problem:{code}",
        "title": TITLES.get(status, TITLES[409]),
        "status": status,
        "detail": detail,
        "code": code,
        "facts": dict(facts),
        "trace": getattr(request, "trace", ""),
        **(extra or {}),
    }
    return Problem(json.dumps(members, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)


WORDS = {
    "missing": "缺少这一项",
    "extra_forbidden": "接口说明里没有这一项",
    "string_pattern_mismatch": "写法不对",
    "string_too_long": "太长",
    "string_too_short": "太短",
    "too_long": "太多",
    "too_short": "太少",
    "literal_error": "不是允许的值",
    "enum": "不是允许的值",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
}


def not_as_described(request: HttpRequest, errors: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """Return the problem document of a request that does not validate: where and what, never the value."""
    found = []
    for error in errors:
        kind = str(error.get("type", ""))
        words = "类型不对" if kind.endswith(("_type", "_parsing")) else "写法不对"
        found.append({"where": _where(error.get("loc", ())), "kind": kind, "words": WORDS.get(kind, words)})
    return refused(request, NotAsDescribed(count=len(found)), {"errors": found[:100]})


def _where(location: Iterable[Any]) -> list[str | int]:
    """Return where an error is, without the name of the view's own argument; a name that is no text is made one."""
    parts = list(location)
    if parts[:1] == ["body"]:
        del parts[1:2]
    return [part if isinstance(part, int) else str(part)[:60].encode("utf-8", "replace").decode() for part in parts]


def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """Log what nobody foresaw and return a problem that says only where to find it."""
    trace = getattr(request, "trace", "")
    log.error("api.broken", exc_info=error, extra={"trace": trace, "path": request.path_info, "method": request.method})
    return refused(request, Broken())


def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Translate what the framework raises by status."""
    if isinstance(error.__cause__, Refusal):
        return refused(request, error.__cause__)
    if error.status_code == 401:
        return refused(request, NoToken())
    return refused(request, Unreadable()) if error.status_code == 400 else broken(request, error)


def install(api: NinjaAPI) -> None:
    """Teach an API all translations."""
    api.exception_handler(Refusal)(refused)
    api.exception_handler(ValidationError)(lambda request, error: not_as_described(request, error.errors))
    api.exception_handler(Http404)(lambda request, _: refused(request, NotHere()))
    api.exception_handler(AuthenticationError)(lambda request, _: refused(request, NoToken()))
    api.exception_handler(HttpError)(http_error)
    api.exception_handler(RequestDataTooBig)(
        lambda request, _: refused(request, BodyTooLarge(megabytes=MOST_BYTES >> 20))
    )
    api.exception_handler(OperationalError)(busy)
    api.exception_handler(Exception)(broken)


def busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """Say that the database could not be had in time; log it, because it may also be down."""
    log.error("api.busy", exc_info=error, extra={"trace": getattr(request, "trace", ""), "path": request.path_info})
    return refused(request, Busy())
