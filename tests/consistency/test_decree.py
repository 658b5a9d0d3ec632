"""docs/decree-to-rule.md is what the code says today."""

from ops import decree
from tests.consistency import tree


def test_the_page_of_rules_is_current():
    assert tree.text("docs/decree-to-rule.md") == decree.page(), "run .venv/bin/python ops/decree.py"
