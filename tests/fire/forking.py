"""What a forked process may not use: the threads of Polars stay behind in the parent, and whoever waits for them hangs.

Nothing of the product forks (readers, workers and servers are started anew). These tests do, so that their acts can be cut
off; in them features are empty and the table finds nobody. Every statement that writes or asks by document and by name remains.
"""

from collections.abc import Iterator, Mapping, Sequence
from unittest import mock

import numpy as np
import pytest

from miaoce.registry.matching.features import PACKED, Made
from miaoce.registry.matching.models import KEYS


def _empty(values: Sequence[Mapping[str, str]]) -> Made:
    return Made(np.zeros(len(values), PACKED), {key: np.zeros(len(values), np.int64) for key in KEYS})


@pytest.fixture
def without_threads() -> Iterator[None]:
    """Let nothing that is forked here wait for threads that it does not have."""
    with (
        mock.patch("miaoce.registry.matching.features.make", _empty),
        mock.patch("miaoce.registry.matching.features.form", lambda: 1),
        mock.patch("miaoce.registry.intake.registered.suspects", lambda _: {}),
    ):
        yield
