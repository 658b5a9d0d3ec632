"""House rules about code that no linter knows, each with its reason."""

import ast
import re
from pathlib import PurePosixPath

import pytest

from tests.consistency import tree

DUMPING_GROUNDS = {"utils", "util", "common", "helpers", "helper", "services", "managers", "misc", "shared", "base"}
CLOCKS = ("timezone.now", "date.today", "datetime.now", "datetime.utcnow", "datetime.today", "time.time")
CLOCKS_WHEN_EMPTY = ("localdate", "localtime", "time.gmtime", "time.strftime")  # given a moment, they only convert it
ROOM_FILES = {"rules.py", "states.py"}
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError|mark\.(skip|xfail)")
EXCEPTION = re.compile(r"#\s*(type: ignore|noqa)(?P<which>\[[\w, -]+\]|: ?[A-Z]+\d+(, ?[A-Z]+\d+)*)?(?P<reason>.*)")
OURS = ("miaoce", "ops", "bench", "tests")


def found_in(*folders: str, wanted: type[ast.AST]) -> list[tuple[str, ast.AST]]:
    return [
        (f"{path}:{node.lineno}", node)
        for path in tree.python(*folders)
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, wanted)
    ]


def test_a_helper_lives_with_the_noun_that_it_helps():
    named = {part for path in tree.python("miaoce", "tests") for part in PurePosixPath(path).with_suffix("").parts}
    assert not named & DUMPING_GROUNDS


def test_the_domain_never_asks_the_clock():
    """Moments are passed in with the process: what is decided can be asked again for any day."""
    asked = [
        f"{where} {tree.dotted(call.func)}()"
        for where, call in found_in("miaoce/registry", wanted=ast.Call)
        if tree.dotted(call.func).endswith(CLOCKS)
        or (tree.dotted(call.func).endswith(CLOCKS_WHEN_EMPTY) and not call.args and not call.keywords)
    ]
    assert not asked


def test_the_domain_has_no_signals():
    """What happens after a write is called by name in the action; a receiver far away is found by nobody."""
    banned = ("django.db.models.signals", "django.dispatch", "django.core.signals")
    assert [f"{p}:{n}" for p in tree.python("miaoce") for n, name in tree.imports(p) if name.startswith(banned)] == []


def test_only_doors_speak_http():
    banned = ("django.http", "django.shortcuts", "django.urls", "django.views", "ninja")
    assert [
        f"{p}:{n} {name}"
        for p in tree.python("miaoce/registry")
        for n, name in tree.imports(p)
        if name.startswith(banned)
    ] == []


def test_rules_and_states_import_nothing_that_can_change():
    """A rule of the decree can be read, tested and run without a database, a clock or a setting."""
    banned = ("django.db", "django.conf", "django.utils.timezone", "django.core", "secrets", "os.", "time.")
    pure = [path for path in tree.python("miaoce/registry") if PurePosixPath(path).name in ROOM_FILES]
    assert [f"{p}:{n} {name}" for p in pure for n, name in tree.imports(p) if (name + ".").startswith(banned)] == []


def test_no_error_is_swallowed():
    def swallows(handler: ast.ExceptHandler) -> bool:
        return handler.type is None or all(isinstance(step, ast.Pass) for step in handler.body)

    assert [where for where, handler in found_in(*OURS, wanted=ast.ExceptHandler) if swallows(handler)] == []


def test_nothing_is_left_for_later():
    """An unfinished thought is an issue, not a comment; a test runs or does not exist."""
    here = "tests/consistency/test_code.py"
    assert [
        f"{path}:{number} {line.strip()}"
        for path in tree.python(*OURS)
        if path != here
        for number, line in enumerate(tree.text(path).splitlines(), 1)
        if MARKS.search(line)
    ] == []


def test_every_exception_from_a_check_names_it_and_gives_a_reason():
    here = "tests/consistency/test_code.py"
    silent = []
    for path in tree.python(*OURS):
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            if path != here and (mark := EXCEPTION.search(line)):
                beside = mark["reason"].strip(" #-—–:")
                if not mark["which"] or len(beside) < 8:
                    silent.append(f"{path}:{number} {mark[0]}")
    assert not silent


def test_actions_and_rules_take_their_arguments_by_name():
    """A call reads as a sentence and a new argument never shifts an old one; two may go without (a kind, a number)."""
    rooms = [path for path in tree.python("miaoce/registry") if PurePosixPath(path).name in {"actions.py", "rules.py"}]
    assert [
        f"{path}:{node.lineno} {node.name}"
        for path in rooms
        for node in tree.parsed(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and len(node.args.args) > 2
    ] == []


def test_nothing_reads_the_folder_beside_the_project():
    """What the product needs is in it; only tests may look at the sheets beside the repository."""
    reads = [
        path for path in tree.python("miaoce", "ops", "bench") if re.search(r"\.\./shared|/shared/", tree.text(path))
    ]
    assert not reads


@pytest.mark.parametrize("mark", ["# type: ignore", "# noqa", "# noqa: S101", "# type: ignore[misc]"])
def test_a_bare_exception_is_seen(mark):
    found = EXCEPTION.search(f"value = other()  {mark}")
    assert found is not None
    assert not found["which"] or not found["reason"].strip()
