"""What the repository as a whole promises: pinned, private to no machine, safe as shipped."""

import re
import tomllib

from tests.consistency import tree

PINNED = ("requirements.txt", "requirements-dev.txt")
# Written in parts, so that this file does not name what it forbids.
REGISTRIES = ["py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.", "deb" + r"\.debian", "--(extra-)?index" + "-url"]
HOSTS = re.compile("|".join(REGISTRIES))
FOLDERS = ["wo" + "rk", "ro" + "ot", "fa" + "rm", "home/[a-z]", "tmp/[a-z]"]
PLACES = re.compile(rf"(^|[^\w.])/({'|'.join(FOLDERS)})(/|\b)")
VENDORED = re.compile(r"\.min\.js$|/vendor/|\.csv$|LICENSE")


def our_lines() -> list[tuple[str, int, str]]:
    ours = [path for path in tree.files() if not VENDORED.search(path)]
    return [(path, number, line) for path in ours for number, line in enumerate(tree.text(path).splitlines(), 1)]


def test_no_file_names_a_package_registry():
    """Whoever installs says where from; a county has its own mirror."""
    assert [f"{path}:{number}" for path, number, line in our_lines() if HOSTS.search(line)] == []


def test_no_file_names_a_folder_of_one_machine():
    named = [f"{path}:{number} {line.strip()[:80]}" for path, number, line in our_lines() if PLACES.search(line)]
    assert not named


def test_every_requirement_is_pinned_and_hashed():
    for path in PINNED:
        entries = re.findall(r"^[A-Za-z0-9].*(?:\n[ \t]+--hash.*)*", tree.text(path), re.MULTILINE)
        assert len(entries) > 20
        assert [e.splitlines()[0] for e in entries if "==" not in e or "--hash=sha256:" not in e] == []


def test_the_tests_run_on_the_versions_that_are_shipped():
    shipped, tested = (dict(re.findall(r"^([\w.-]+)==(\S+)", tree.text(path), re.MULTILINE)) for path in PINNED)
    assert {name: version for name, version in shipped.items() if tested.get(name) != version} == {}


def test_everything_asked_for_is_pinned():
    for asked, pinned in (("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt")):
        names = re.findall(r"^([A-Za-z][\w.-]*)", tree.text(asked), re.MULTILINE)
        held = {name.lower().replace("_", "-") for name in re.findall(r"^([\w.-]+)==", tree.text(pinned), re.MULTILINE)}
        assert {name.lower().replace("_", "-") for name in names} <= held


def test_the_shipped_settings_lose_nothing_in_a_power_cut():
    """CI refuses weaker ones: what was answered “saved” is on the disk."""
    assert "PRAGMA synchronous=FULL" in tree.text("miaoce/settings.py")
    weak = re.compile(
        r"(?i)synchronous\s*=\s*(NORMAL|OFF|0|1)\b|synchronous_commit\s*=|(fsync|full_page_writes)\s*=\s*off"
    )
    assert [path for path in tree.files() if path.startswith("miaoce/") and weak.search(tree.text(path))] == []


def test_the_contracts_of_the_imports_have_no_exceptions():
    contracts = tomllib.loads(tree.text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in contracts} == {"doors", "rooms", "pure"}
    assert [contract["id"] for contract in contracts if "ignore_imports" in contract] == []


def test_every_room_stands_in_the_contract():
    contracts = tomllib.loads(tree.text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "rooms")
    named = {room.strip(" ()") for layer in layers for room in re.split("[|:]", layer)}
    rooms = {path.split("/")[2].removesuffix(".py") for path in tree.python("miaoce/registry")}
    assert rooms - {"__init__"} <= named


def test_no_secret_and_no_data_is_in_the_repository():
    secret = re.compile(r"\.(sqlite3?|db|pem|key|p12|env)$|(^|/)var/|keys\.json$")
    assert [path for path in tree.files() if secret.search(path)] == []


def test_the_example_people_are_of_the_example_province():
    """ID numbers in the repository begin with 99, a province that does not exist, or stand in a test of refusals."""
    day = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    number = re.compile(rf"(?<!\d)(?!99)[1-8]\d{{5}}{day}\d{{3}}[\dXx](?!\d)")
    shipped = [path for path in tree.files() if path.startswith(("miaoce/", "docs/", "bench/"))]
    assert [f"{path} {found[:6]}…" for path in shipped for found in number.findall(tree.text(path))] == []
