"""S-19 by tools that nobody here wrote: bandit and semgrep read the code, wapiti and sqlmap attack a running demonstration.

They need minutes and an index to be installed from, so they run by `make soak` only. What each of them does not see is
said in docs/trust.md.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from miaoce.cli.demonstration.place import ACCOUNTS, password_of
from tests.fire import tools

pytestmark = pytest.mark.soak

REGISTRAR, REVIEWER = "wangmin", "lijianhua"
OWN_NAMES = "names of our own tables and columns are put in, values are placeholders"
OWN_MARKUP = "what a person typed is escaped before; the rest is our own markup"
CODE_LIST = "Codebook.extra, which is no queryset"
TRIAGED = {
    "miaoce/cli/serve.py B108": "gunicorn's heartbeat file holds no data",
    "miaoce/registry/approvals/clocks.py B610": CODE_LIST,
    "miaoce/registry/corrections/actions.py B610": CODE_LIST,
    "miaoce/registry/enrolments/graduation.py B610": CODE_LIST,
    "miaoce/registry/enrolments/numbering.py B610": CODE_LIST,
    "miaoce/registry/enrolments/turning.py B610": CODE_LIST,
    "miaoce/registry/messages/senders.py B310": "the operator's own address, refused at the start unless it is http(s)",
    "miaoce/registry/matching/queries.py B608": OWN_NAMES,
    "miaoce/registry/rows.py B608": OWN_NAMES,
    "miaoce/registry/vault/actions.py B608": OWN_NAMES,
    "miaoce/web/children/listing.py B308": OWN_MARKUP,
    "miaoce/web/components/formats.py B308": OWN_MARKUP,
    "miaoce/web/components/formats.py B703": OWN_MARKUP,
    "miaoce/web/components/lists.py B308": OWN_MARKUP,
    "miaoce/web/components/lists.py B703": OWN_MARKUP,
    "miaoce/web/components/values.py B308": OWN_MARKUP,
    "miaoce/web/papers/certificates.py B308": "a drawing by segno of a signed token",
    "miaoce/web/papers/certificates.py B703": "a drawing by segno of a signed token",
    "miaoce/web/papers/pages.py B308": "a drawing by segno of a signed token",
    "miaoce/web/papers/pages.py B703": "a drawing by segno of a signed token",
}
NO_PAGE = "drawn by pages that were asked before; tests/matrix walks every address"
BY_OUR_RULES = {
    ("miaoce/jobs/worker.py", "personal-data-in-a-log"): "the name of a duty",
    ("miaoce/registry/migrations/0002_append_only.py", "statement-put-together"): OWN_NAMES,
    ("miaoce/registry/migrations/0012_room_for_the_next_version.py", "statement-put-together"): OWN_NAMES,
    ("miaoce/registry/rows.py", "statement-put-together"): OWN_NAMES,
    ("miaoce/web/children/listing.py", "markup-marked-safe"): "a sentence of ours",
    ("miaoce/web/components/formats.py", "markup-marked-safe"): OWN_MARKUP,
    ("miaoce/web/components/lists.py", "markup-marked-safe"): OWN_MARKUP,
    ("miaoce/web/components/values.py", "markup-marked-safe"): "nothing at all",
    ("miaoce/web/papers/certificates.py", "markup-marked-safe"): "a drawing by segno of a signed token",
    ("miaoce/web/papers/pages.py", "markup-marked-safe"): "a drawing by segno of a signed token",
    ("miaoce/web/children/notices.py", "a-door-reads-everything"): "texts of notices are everybody's",
    (
        "miaoce/web/intake/found.py",
        "a-door-reads-everything",
    ): "a row of a batch that was found by scope, the officer's own unit",
    ("miaoce/web/intake/batches.py", "a-page-without-a-permission"): NO_PAGE,
    ("miaoce/web/intake/mending.py", "a-page-without-a-permission"): NO_PAGE,
    ("miaoce/web/intake/starting.py", "a-page-without-a-permission"): NO_PAGE,
    ("miaoce/web/transfers/pages.py", "a-page-without-a-permission"): NO_PAGE,
}
PLANTED = {
    "statement-put-together": 'cursor.execute(f"SELECT {name}")',
    "markup-marked-safe": 'shown = mark_safe(name + "x")',
    "redirect-to-what-was-sent": 'answer = redirect(request.GET["next"])',
    "personal-data-in-a-log": 'log.info("saved", extra={"who": child.phone})',
    "a-clock-without-a-zone": "now = datetime.now()",
    "a-room-asks-the-clock": "now = timezone.now()",
    "a-door-reads-everything": "rows = Child.objects.all()",
    "a-page-without-a-permission": "def everybody(request: DeskRequest) -> HttpResponse:\n    return x",
    "a-lock-that-sqlite-does-not-hold": "one = rows.select_for_update()",
}
GOOD = """
def _helper(request: DeskRequest) -> HttpResponse:
    cursor.execute("SELECT 1 WHERE id = %s", [request.GET["id"]])
    log.info("saved", extra={"batch": batch.pk.hex, "rows": len(rows)})
    rows = Child.objects.visible_to(request.officer)
    return redirect(reverse("desk") + "?" + request.GET.urlencode())

@page(Permission.CHILD_VIEW)
def child(request: DeskRequest) -> HttpResponse:
    return render(request, "x.html", {"now": timezone.now(), "one": get_object_or_404(rows, pk=1)})
"""
PARAMETERS = (
    "/search/?q=a", "/children/?q=a", "/children/?state=numbered", "/children/?class=a", "/children/?after=a",
    "/intake/batches/?q=a", "/papers/?q=a", "/approvals/?tab=clean", "/approvals/?kindergarten=1199000001", "/verify/a/?q=a",
)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tools.demonstration(tmp_path_factory.mktemp("demonstration")) as address:
        yield address


def session(address: str, username: str) -> str:
    assert username in {account[0] for account in ACCOUNTS}
    return tools.session_of(address, username, password_of(username))


def test_bandit_finds_nothing_above_low(tmp_path: Path, figure: Callable[[str], None]) -> None:
    found = [f"{one['filename']} {one['test_id']}" for one in tools.bandit(tmp_path)]
    figure(f"bandit: {len(found)} findings above low, {len([f for f in found if f not in TRIAGED])} not triaged")
    assert [one for one in found if one not in TRIAGED] == []


def test_our_own_rules_find_nothing_that_was_not_looked_at(tmp_path: Path, figure: Callable[[str], None]) -> None:
    found = tools.semgrep(tools.HERE, tmp_path)
    figure(f"semgrep: {len(found)} findings by our rules, {len(found - set(BY_OUR_RULES))} not triaged")
    assert sorted(found - set(BY_OUR_RULES)) == []
    assert sorted(set(BY_OUR_RULES) - found) == []


def test_each_of_our_own_rules_finds_what_it_is_for(tmp_path: Path) -> None:
    for rule, bad in PLANTED.items():
        where = "registry" if "room" in rule else "web"
        file = tmp_path / "miaoce" / where / f"{rule.replace('-', '_')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{bad}\n")
    (tmp_path / "miaoce/web/good.py").write_text(GOOD)
    found = tools.semgrep(tmp_path, tmp_path)
    assert {(Path(path).stem.replace("_", "-"), rule) for path, rule in found} == {(rule, rule) for rule in PLANTED}


@pytest.mark.parametrize("username", [REGISTRAR, REVIEWER])
def test_wapiti_finds_no_hole(username: str, served: str, tmp_path: Path, figure: Callable[[str], None]) -> None:
    found = tools.wapiti(served, session(served, username), tmp_path, seconds=120)
    figure(f"wapiti as {username}: {sum(map(len, found.values()))} findings {sorted(found)}")
    assert found == {}


def test_sqlmap_finds_no_parameter_that_reaches_a_statement(
    served: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    tried = 0
    for path in PARAMETERS:
        username = REVIEWER if path.startswith("/approvals") else REGISTRAR
        said = tools.sqlmap(served, path, session(served, username), tmp_path)
        assert "is vulnerable" not in said, said[-2000:]
        assert "sqlmap identified the following injection point" not in said, said[-2000:]
        tried += "do not appear to be injectable" in said or "does not seem to be injectable" in said
    figure(f"sqlmap: {tried} of {len(PARAMETERS)} addresses tested to the end, 0 injectable")
    assert tried
