"""Every table of states is whole, its picture in docs/states is what it says today, and nothing moves beside it."""

import pytest

from miaoce.cli.diagrams import drawing
from miaoce.cli.states import TABLES, Table, lines
from tests.consistency import tree

EVERY = pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])


@EVERY
def test_the_picture_of_a_table_is_current(table: Table) -> None:
    assert tree.text(f"docs/states/{table.name}.svg") == drawing(table), "run miaoce states --svg docs/states"


def test_no_picture_is_left_of_a_table_that_is_gone() -> None:
    assert {path.stem for path in (tree.ROOT / "docs" / "states").iterdir()} == {table.name for table in TABLES}


@EVERY
def test_every_state_has_a_word_and_a_way_to_it(table: Table) -> None:
    known, reached = set(table.labels), set(table.begins)
    for _ in table.steps:
        reached |= {step.target for step in table.steps if step.sources & reached}
    assert reached == known
    assert all(step.sources <= known and step.sources for step in table.steps)
    assert len({step.verb for step in table.steps}) == len(table.steps)


@EVERY
def test_a_table_is_told_in_words(table: Table) -> None:
    told = "\n".join(lines(table))
    assert all(word in told for word in table.labels.values())
    assert all(step.verb in told and step.permission in told for step in table.steps)


def test_every_states_module_with_steps_is_drawn() -> None:
    """A room that gets a table of steps must show it, so that none is known to its code alone."""
    rooms = {
        path.parent.name
        for path in (tree.ROOT / "miaoce" / "registry").glob("*/states.py")
        if "Step(" in path.read_text()
    }
    drawn = {"approvals", "enrolments", "handover", "intake", "problems", "transfers"}
    assert rooms == drawn, "add its table to miaoce/cli/states.py and its room here"
