"""Sealed columns: they take sealed values only, and the register's own are known by name."""

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from miaoce.registry import rows
from miaoce.registry.children.models import Guardian
from miaoce.registry.ids import new_id
from miaoce.registry.vault.fields import SealedField, sealed_fields
from miaoce.registry.vault.suites import SECRET_BYTES, Sealer, Suite

BLOB = Sealer(bytes(SECRET_BYTES)).seal(Suite.AES256GCM, b"13800004943", b"here")


def column() -> SealedField:
    return next(f for f in sealed_fields() if f.model._meta.model_name == "child" and f.name == "document_number")


def test_every_sealed_column_is_listed_once():
    found = [(f.model._meta.label, f.name) for f in sealed_fields()]
    every = {
        (m._meta.label, f.name)
        for m in apps.get_models()
        for f in m._meta.concrete_fields
        if isinstance(f, SealedField)
    }
    assert len(found) == len(set(found)) and set(found) == every
    assert ("registry.Child", "document_number") in every


def test_no_form_shows_a_sealed_column():
    assert not any(field.editable for field in sealed_fields())


@pytest.mark.parametrize("value", ["13800004943", b"13800004943", b"", b"x" * 60, 13800004943, BLOB[:20]], ids=range(6))
def test_clear_text_does_not_reach_the_database_and_is_not_quoted(value):
    with pytest.raises(TypeError, match=r"Child.document_number takes a sealed value only$"):
        column().get_db_prep_save(value, connection)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, rows.COPY_FROM, rows.REWRITE_FROM])
def test_clear_text_does_not_go_in_by_the_bulk_road_either(count):
    line = {"child_id": new_id(), "position": 1, "relation": "51", "name": b"13800004943"}
    with pytest.raises(TypeError, match=r"Guardian.name takes a sealed value only$"), transaction.atomic():
        rows.insert_lines(Guardian, [{**line, "id": new_id()} for _ in range(count)])
    with pytest.raises(TypeError, match=r"Guardian.name takes a sealed value only$"), transaction.atomic():
        rows.rewrite_lines(Guardian, [{**line, "id": new_id()} for _ in range(count)], ("name",))
    assert not Guardian.objects.exists()


@pytest.mark.parametrize("kind", [bytes, memoryview])
def test_a_sealed_value_reaches_it(kind):
    prepared = column().get_db_prep_save(kind(BLOB), connection)
    assert bytes(getattr(prepared, "obj", prepared)) == BLOB  # psycopg wraps bytes in an object of its own
    assert column().get_db_prep_save(None, connection) is None


def test_the_column_is_one_of_bytes_and_gives_bytes():
    assert column().db_type(connection) == models.BinaryField().db_type(connection)
    assert column().from_db_value(memoryview(BLOB), None, connection) == BLOB
    assert column().from_db_value(None, None, connection) is None


@pytest.mark.parametrize("null", [True, False])
def test_a_migration_writes_it_back_as_it_is(null):
    name, path, arguments, keywords = SealedField(null=null).deconstruct()
    assert path == "miaoce.registry.vault.fields.SealedField"
    assert SealedField(*arguments, **keywords).null is null
    assert name is None
