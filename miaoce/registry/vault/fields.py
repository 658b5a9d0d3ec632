"""The column of a sealed value."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from miaoce.registry.vault.suites import looks_sealed


class SealedField(models.BinaryField):  # type: ignore[type-arg]  # the stubs make it generic, Django does not
    """Bytes made by `Safe.seal`, and nothing else: clear text is refused before it reaches the database.

    The model never decrypts. Whoever may see the value opens it by `queries.open_safe`, a page at a time.
    """

    description = "Sealed value"

    def get_internal_type(self) -> str:
        """Return Django's own name for a column of bytes."""
        return "BinaryField"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Return the bytes for the database; TypeError, without the value in it, for anything not sealed."""
        if value is not None and not (isinstance(value, bytes | memoryview) and looks_sealed(bytes(value))):
            raise TypeError(f"{self.model.__name__}.{self.name} takes a sealed value only")
        return super().get_db_prep_value(value, connection, prepared)

    def bulk_value(self, value: bytes | None) -> bytes | None:
        """Return the bytes for rows.insert, refused as above."""
        if value is not None and not (isinstance(value, bytes) and looks_sealed(value)):
            raise TypeError(f"{self.model.__name__}.{self.name} takes a sealed value only")
        return value

    def from_db_value(self, value: Any, _expression: object, _connection: BaseDatabaseWrapper) -> bytes | None:
        """Return plain bytes, whichever type the driver hands over."""
        return None if value is None else bytes(value)


def sealed_fields() -> list[SealedField]:
    """Return every sealed column of the register, by table and name."""
    from django.apps import apps

    found = [f for model in apps.get_models() for f in model._meta.get_fields() if isinstance(f, SealedField)]
    return sorted(found, key=lambda field: (field.model._meta.db_table, field.column))
