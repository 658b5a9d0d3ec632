"""S-19: nothing runs in a page that is not a file of ours, nothing typed becomes markup or a statement, no other site writes."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from tests.factories.places import signed_in
from tests.fire.pages import Page, dummy, is_page, routes, walk
from tests.fire.place import County, fill

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</title><h1>x</h1>",
    "<b>{{ 7|add:7 }}</b>",
)
HOSTILE = (
    *MARKUP,
    "' OR 1=1 --",
    "%' UNION SELECT 1,2,3 --",
    "1; DROP TABLE registry_child; --",
    "\\", "%", "_", "\x00", "陈\x00", "\ud800",
    "9" * 400, "-1", "1e309", "NaN", "../../../etc/passwd", "a" * 5_000, "\r\nSet-Cookie: x=1", "{{7*7}}", "${7*7}", "()",
)  # fmt: skip
UNREACHED = {  # pages that need a state which the county of this test is not in; each is opened where its state is made
    "intake-compare": "a row that could be a child elsewhere (tests/doors/web/test_intake.py)",
    "intake-list": "more batches than the first page shows (tests/doors/web/test_intake.py)",
    "case": "a change that was filed (tests/doors/web/test_cases.py)",
    "certificates": "children who graduated (tests/doors/web)",
    "certificates-pdf": "children who graduated (tests/doors/web)",
    "correction": "a correction that was filed (tests/doors/web)",
    "enrolment-done": "a change of stays that was just made (tests/doors/web)",
    "child-story": "more entries than the child's page shows (tests/doors/web/test_children_story.py)",
    "problem": "a problem record (tests/doors/web/test_problems.py)",
    "problem-proof-page": "a proof of a problem that was opened for a reason (tests/doors/web/test_problems.py)",
    "proof-page": "a proof that was opened for a reason (tests/doors/web)",
    "school-record": "a record that a school claimed (tests/doors/web/test_schools.py)",
    "sent-back": "a correction from a school: the desk's to-do leads there (tests/doors/web/test_schools.py)",
    "transfer": "a transfer (tests/doors/web/test_transfers.py)",
    "intake-result": "rows that were just submitted (tests/doors/web/test_intake.py)",
}


@pytest.fixture
def county() -> County:
    return fill()


def test_every_page_of_every_role_holds_nothing_inline_and_says_so(county: County) -> None:
    reached: set[str] = set()
    wrong = []
    clients = [signed_in(officer) for officer in county.officers.values()]
    for client in [*clients, Client()]:
        found = walk(client, "/" if client in clients else reverse("sign-in"))
        reached |= set(found.names)
        for address, answer in found.answers.items():
            policy = answer["Content-Security-Policy"]
            safe = "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
            if answer.status_code >= 500 or not safe:
                wrong.append((address, answer.status_code, policy))
            if "no-store" not in answer["Cache-Control"] or answer["X-Content-Type-Options"] != "nosniff":
                wrong.append((address, answer["Cache-Control"]))
            if is_page(answer) and (inline := Page(answer.content.decode()).inline):
                wrong.append((address, inline))
    assert wrong == []
    assert {name for name, pattern in routes() if is_opened_by_a_link(pattern)} - reached == set(UNREACHED)


def is_opened_by_a_link(pattern: URLPattern) -> bool:
    """Say whether an address is a page that only reads; one that also takes writes may need a state that is not there."""
    return getattr(pattern.callback, "permission", None) is not None and pattern.callback.act is None


def test_every_write_of_the_pages_wants_a_token_of_its_own_form(county: County) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(county.officers["registrar"]).cookies
    taken = []
    for name, pattern in routes():
        answer = client.post(reverse(name, kwargs=dummy(pattern)), {"x": "1"})
        if answer.status_code not in {403, 405}:
            taken.append((name, answer.status_code))
    assert taken == []


@pytest.mark.parametrize("site", ["cross-site"])
def test_no_other_site_can_write(county: County, site: str) -> None:
    client = signed_in(county.officers["registrar"])
    taken = []
    for name, pattern in routes():
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(reverse(name, kwargs=dummy(pattern)), headers={"sec-fetch-site": site})
            if answer.status_code != 403:
                taken.append((name, method, answer.status_code))
    assert taken == []


def told_wrong(client: Client, address: str, parameter: str, text: str) -> list[tuple[str, str, str, object]]:
    """Return what is wrong with the answer to a page asked with a hostile parameter."""
    answer = client.get(f"{address}?{parameter}={quote(text, errors='surrogatepass')}")
    if answer.status_code >= 500:
        return [(address, parameter, text[:30], answer.status_code)]
    if text in MARKUP and text.encode() in answer.content:
        return [(address, parameter, text, "stands in the page as it came")]
    if is_page(answer) and (inline := Page(answer.content.decode()).inline):
        return [(address, parameter, text, inline)]
    return []


@pytest.mark.parametrize("role", ["registrar", "county_reviewer", "auditor", "analyst"])
def test_what_stands_in_an_address_stays_text(county: County, role: str) -> None:
    client = signed_in(county.officers[role])
    client.raise_request_exception = False
    found = walk(client)
    kinds = {
        answer.resolver_match.view_name: address.split("?")[0]
        for address, answer in found.answers.items()
        if is_page(answer)
    }
    wrong = []
    for address in kinds.values():
        for parameter in sorted(found.asked.get(address, set()) | {"q"}):
            for text in HOSTILE:
                wrong += told_wrong(client, address, parameter, text)
    assert wrong == []
