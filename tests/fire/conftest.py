"""Figures that the tests that take minutes measured, said at the end of the run."""

from collections.abc import Callable

import pytest
from django.db import connection

from tests.fire.forking import without_threads

__all__ = ["without_threads"]

_figures: list[str] = []


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that keeps a figure of the test for the end of the run."""
    return lambda words: _figures.append(f"{request.node.name} [{connection.vendor}]: {words}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say the figures."""
    for line in _figures:
        terminalreporter.write_line(f"figure: {line}")
