"""The matrix's place is made once for each module and undone at its end; every request is undone by itself."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.matrix import world as worlds


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[worlds.World]:
    """Return the place with two sides."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)
