"""Walking through every page that a person can reach, and what stands in a page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

from django.http import HttpResponse  # noqa: TID251  pages are what is walked here
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

NEVER_FOLLOWED = ("/sign-out/", "/static/", "/api/")
MOST_OF_A_KIND = 4


class Page(HTMLParser):
    """Collects what a page links to and what in it would run or paint without being a file of ours."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.asked: dict[str, set[str]] = {}
        self._form: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"script", "style"} and "src" not in given:
            self.inline.append(tag)
        for name, value in given.items():
            if name == "style" or name.startswith(("on", "hx-on")) or value.strip().lower().startswith("javascript:"):
                self.inline.append(f"{tag} {name}")
            if name.startswith("hx-vals") and value.lstrip().startswith("js:"):
                self.inline.append(f"{tag} {name}")
            if name in {"src", "href", "action", "hx-get", "hx-post", "formaction"} and value.startswith(
                ("http", "//")
            ):
                self.inline.append(f"{tag} {name}={value}")
        for name in ("href", "hx-get"):
            if given.get(name):
                self.links.append(given[name])
        if tag == "form":
            self._form = given.get("action", "") if given.get("method", "get").lower() == "get" else None
            if self._form:
                self.links.append(self._form)
        if tag in {"input", "select"} and self._form is not None and given.get("name"):
            self.asked.setdefault(self._form.split("?")[0], set()).add(given["name"])


@dataclass
class Walk:
    """The pages that somebody reached, by the name of their address."""

    answers: dict[str, HttpResponse] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=dict)

    def note(self, address: str, names: set[str]) -> None:
        """Note which parameters links and forms give to an address."""
        self.asked.setdefault(urljoin("/", address.split("?", maxsplit=1)[0]), set()).update(names)


def is_page(answer: HttpResponse) -> bool:
    """Say whether an answer is a page."""
    return str(answer.get("Content-Type", "")).startswith("text/html")


def walk(client: Client, start: str = "/") -> Walk:
    """Follow every link from a page on, a few of each kind of address."""
    found, waiting, known = Walk(), [start], {start}
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address)
        name = answer.resolver_match.view_name if answer.resolver_match else "?"
        if found.names.get(name, 0) >= MOST_OF_A_KIND:
            continue
        found.names[name] = found.names.get(name, 0) + 1
        found.answers[address] = answer
        following = [answer["Location"]] if answer.has_header("Location") else []
        if is_page(answer):
            page = Page(answer.content.decode())
            following += page.links
            for action, names in page.asked.items():
                found.note(urljoin(address, action), names)
        for link in following:
            whole = urldefrag(urljoin(address, link)).url
            found.note(whole, set(parse_qs(urlsplit(whole).query, keep_blank_values=True)))
            if whole.startswith("/") and not whole.startswith(NEVER_FOLLOWED) and whole not in known:
                known.add(whole)
                waiting.append(whole)
    return found


def routes(door: str = "miaoce.web") -> Iterator[tuple[str, URLPattern]]:
    """Return every address of the pages: its name and its pattern."""
    waiting: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    while waiting:
        one = waiting.pop()
        if isinstance(one, URLResolver):
            waiting += one.url_patterns
        elif one.callback.__module__.startswith(door):
            yield str(one.name), one


def dummy(pattern: URLPattern) -> dict[str, object]:
    """Return arguments that fit an address and lead to nothing."""
    values = {"UUIDConverter": "01900000-0000-7000-8000-000000000000", "IntConverter": 1}
    return {name: values.get(type(converter).__name__, "x") for name, converter in pattern.pattern.converters.items()}
