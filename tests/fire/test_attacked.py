"""S-19 by tools that nobody here wrote: bandit reads the code, wapiti and sqlmap attack a running demonstration.

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
TRIAGED = {
    "miaoce/cli/serve.py B108": "gunicorn's heartbeat file holds no data",
    "miaoce/registry/enrolments/numbering.py B610": "Codebook.extra, which is no queryset",
    "miaoce/registry/matching/queries.py B608": OWN_NAMES,
    "miaoce/registry/rows.py B608": OWN_NAMES,
    "miaoce/registry/vault/actions.py B608": OWN_NAMES,
    "miaoce/web/children/listing.py B308": OWN_MARKUP,
    "miaoce/web/components/formats.py B308": OWN_MARKUP,
    "miaoce/web/components/formats.py B703": OWN_MARKUP,
    "miaoce/web/components/values.py B308": OWN_MARKUP,
    "miaoce/web/papers/pages.py B308": "a drawing by segno of a signed token",
    "miaoce/web/papers/pages.py B703": "a drawing by segno of a signed token",
}
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
