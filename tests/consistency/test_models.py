"""What every table of the register says about itself, read from the models."""

import pytest
from django.apps import apps
from django.db import models

TABLES = list(apps.get_app_config("registry").get_models(include_auto_created=True))

# The only places where children are compared: a key of the whole register leads to the child that holds it.
CLAIMS = {"DocumentClaim", "NumberClaim"}


def named(model: type[models.Model]) -> str:
    return model.__name__


every_table = pytest.mark.parametrize("table", TABLES, ids=named)


def test_there_are_tables_to_look_at():
    assert len(TABLES) > 20
    assert {named(table) for table in TABLES} >= CLAIMS


@every_table
def test_every_field_says_how_private_it_is(table):
    """`scrub` says what stands in a copy for developers, `keep` what may be shown there; silence is not an answer."""
    privacy = getattr(table, "Privacy", None)
    assert privacy is not None, "class Privacy with scrub and keep is missing"
    scrub, keep = set(getattr(privacy, "scrub", ())), set(getattr(privacy, "keep", ()))
    fields = {field.name for field in table._meta.concrete_fields}
    assert scrub | keep == fields
    assert not scrub & keep


@every_table
def test_sealed_values_never_leave_in_a_copy(table):
    sealed = {field.name for field in table._meta.concrete_fields if type(field).__name__ == "SealedField"}
    assert not sealed & set(getattr(table.Privacy, "keep", ()))


@every_table
def test_every_constraint_has_a_name_that_says_what_it_holds(table):
    names = [constraint.name for constraint in table._meta.constraints]
    assert [name for name in names if not name or "_" not in name or name.startswith("registry_")] == []
    assert not table._meta.unique_together


@every_table
def test_a_row_is_known_by_a_key_that_the_application_made(table):
    key = table._meta.pk
    assert isinstance(key, models.UUIDField) or named(table) in CLAIMS
    assert not isinstance(key, models.AutoField)


@every_table
def test_times_and_people_are_called_as_everywhere(table):
    """Days end in _on, moments in _at; `at` and `day` alone say it too."""
    days = [f.name for f in table._meta.concrete_fields if type(f) is models.DateField]
    moments = [f.name for f in table._meta.concrete_fields if type(f) is models.DateTimeField]
    ranges = {"valid_from", "valid_to", "licence_from", "licence_to"}
    assert [name for name in days if not name.endswith("_on") and name not in {"day", *ranges}] == []
    borrowed = {"last_login", "number_after"}
    assert [name for name in moments if not name.endswith("_at") and name not in {"at", *borrowed}] == []
