"""Headers of every answer: nothing is stored by browsers, nothing but our own scripts and styles runs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)


class SafeHeaders:
    """Sets the security headers and refuses writes that another site sent (trust.md S-12, S-19)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        site = request.headers.get("Sec-Fetch-Site", "")
        if request.method not in {"GET", "HEAD", "OPTIONS"} and site == "cross-site":
            answer = HttpResponse(
                "这个请求来自别的网站，没有办理。", status=403, content_type="text/plain; charset=utf-8"
            )
        else:
            answer = self.get_response(request)
        answer.headers.setdefault("Content-Security-Policy", POLICY)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        answer.headers.setdefault("Vary", "Cookie, HX-Request")
        return answer
