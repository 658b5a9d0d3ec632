"""Sizes that keep a file readable in one sitting (docs/architecture.md): hard limits fail, soft ones are reported."""

import ast

from tests.consistency import tree

OURS = ("miaoce", "ops", "bench", "tests")
FILE_SOFT, FILE_HARD, TEST_FILE, SETTINGS = 300, 500, 600, 300
FUNCTION_HARD, CLASS_HARD = 45, 200


def lines(path: str) -> int:
    return tree.text(path).count("\n")


def spans(*kinds: type[ast.AST]) -> list[tuple[str, int]]:
    """Return (where, length) of every definition of the kinds outside the tests."""
    found = []
    for path in tree.python("miaoce", "ops", "bench"):
        for node in ast.walk(tree.parsed(path)):
            if isinstance(node, kinds):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                found.append((f"{path}:{node.lineno} {node.name} has {length} lines", length))
    return found


def test_no_file_is_longer_than_its_budget():
    limits = {path: TEST_FILE if path.startswith("tests/") else FILE_HARD for path in tree.python(*OURS)}
    limits["miaoce/settings.py"] = SETTINGS
    too_long = {path: lines(path) for path, limit in limits.items() if lines(path) > limit}
    assert not too_long


def test_no_template_or_sheet_of_styles_is_longer_than_a_file_may_be():
    ours = [path for path in tree.files() if path.startswith("miaoce/") and path.endswith((".html", ".typ"))]
    assert {path: lines(path) for path in ours if lines(path) > FILE_HARD} == {}


def test_no_function_is_longer_than_its_budget():
    too_long = [where for where, length in spans(ast.FunctionDef, ast.AsyncFunctionDef) if length > FUNCTION_HARD]
    assert not too_long


def test_no_class_is_longer_than_its_budget():
    assert [where for where, length in spans(ast.ClassDef) if length > CLASS_HARD] == []


def test_files_over_the_soft_budget_are_few(record_property):
    """Over 300 lines is a file to split next; one in twenty may wait for that at any time."""
    files = tree.python("miaoce", "ops", "bench")
    long = {path: lines(path) for path in files if lines(path) > FILE_SOFT}
    record_property("files over the soft budget", str(long))
    assert len(long) * 20 <= len(files), long
