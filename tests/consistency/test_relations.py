"""Every column that names a child has an answer to what a merge does with it: a new one without an answer is red."""

from django.apps import apps
from django.db import models

from miaoce.registry.journal.facts import noun_of
from miaoce.registry.problems.planning import GUARDIAN_COLUMN
from miaoce.registry.problems.relations import MOVED, RELATIONS, TITLES, Way

TABLES = list(apps.get_app_config("registry").get_models())
NO_CHILD = {
    "process_id", "undone_process_id", "decision_id", "case_id", "unit_id", "owner_id", "group_id", "guardian_id", "office_id",
    "staff_id", "transfer_id", "row_id", "reading_id", "problem_id", "joining_id", "table_id", "last_event_id", "actor_id",
    "appointment_id", "school_id", "kindergarten_id", "batch_id",
}  # fmt: skip
"""Columns of keys that name something else than a child, and people (`_by`)."""


def keys() -> set[tuple[str, str]]:
    """Return every plain key of every table that may name a child: no foreign key, which never leads to one."""
    found = set()
    for table in TABLES:
        for column in table._meta.concrete_fields:
            plain = isinstance(column, models.UUIDField) and not column.is_relation
            own_key = column.primary_key and column.name == "id"
            if plain and not own_key and column.name not in NO_CHILD and not column.name.endswith("_by"):
                found.add((noun_of(table), column.name))
    return found


def test_every_column_that_names_a_child_has_an_answer():
    told = {key for key in RELATIONS if key not in {("year_plan", "moves"), ("reading", "child_ids")}}
    assert keys() - told == set(), "say in problems/relations.py what a merge does with it"
    assert told - keys() == set(), "no such column any more"


def test_lists_of_children_that_are_no_column_of_their_own_exist():
    tables = {noun_of(table): {f.name for f in table._meta.concrete_fields} for table in TABLES}
    assert "moves" in tables["year_plan"]
    assert "child_ids" in tables["reading"]


def test_what_moves_is_what_the_plan_moves():
    moves = {noun for (noun, _), relation in RELATIONS.items() if relation.way is Way.MOVES}
    assert moves == {noun_of(model) for model in MOVED}
    assert moves <= set(TITLES)
    assert all(relation.why for relation in RELATIONS.values())


def test_whoever_names_a_guardian_moves_with_the_guardian():
    """A guardian who is the same stays once; whoever points at the double is led to the one who stays."""
    naming = {noun_of(t) for t in TABLES if any(f.attname == GUARDIAN_COLUMN for f in t._meta.concrete_fields)}
    assert naming <= {noun_of(model) for model in MOVED}
