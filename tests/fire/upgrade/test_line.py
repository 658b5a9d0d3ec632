"""R-15: back and forth along the migrations nothing is lost, and the code of before runs on the database of now.

Every migration after the first is run through this as soon as it stands in its folder: on a filled register it is applied,
the older code's models read, write and insert on the newer tables, it is taken back, and applied again. The third of
the three states, newer code on the older tables, is not held: the order is to migrate first, then to restart.
"""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.operations import AddField, RemoveField, RenameField
from django.db.migrations.state import ProjectState

from tests.fire.place import fill
from tests.fire.state import fingerprint
from tests.fire.upgrade.line import LABEL, apps_at, move_to, old_code_on_this_database, steps

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def back_to_the_end() -> Iterator[None]:
    yield
    call_command("migrate", verbosity=0)


def test_every_step_goes_back_and_forth_and_loses_nothing() -> None:
    line = steps()
    fill(["陈子墨", "阿依古丽·买买提"])
    before = fingerprint()
    assert sum(int(digest.split()[0]) for digest in before.values()) > 100
    for step in reversed(line[:-1]):
        move_to(step)
        counted = _counts(step)
        assert counted == {table: digest.split()[0] for table, digest in before.items() if table in counted}
    move_to(line[-1])
    assert fingerprint() == before


def _counts(step: str) -> dict[str, str]:
    found = apps_at(step).get_app_config(LABEL).get_models()
    return {model._meta.db_table: str(model._default_manager.count()) for model in found}


def test_the_code_of_every_step_runs_on_the_database_of_now() -> None:
    fill()
    for step in steps():
        assert old_code_on_this_database(apps_at(step)) == [], step


BREAKING = {
    "a column that must be given": AddField("child", "shoe_size", models.IntegerField(default=0)),
    "a column taken away": RemoveField("child", "former_name"),
    "a column renamed": RenameField("guardian", "relation", "kinship"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_migration_that_breaks_the_code_of_before_is_seen(name: str) -> None:
    """The harness itself: each of these is what a migration must not do in one step."""
    fill()
    line, operation = steps(), BREAKING[name]
    older = apps_at(line[-1])
    state = ProjectState.from_apps(older)
    after = state.clone()
    operation.state_forwards(LABEL, after)
    with connection.schema_editor() as editor:
        operation.database_forwards(LABEL, editor, state, after)
    try:
        assert old_code_on_this_database(older)
    finally:
        with connection.schema_editor() as editor:
            operation.database_backwards(LABEL, editor, after, state)
    assert old_code_on_this_database(older) == []
