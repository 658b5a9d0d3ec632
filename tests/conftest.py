"""The ground under every test: data of its own, no network but loopback, no silent skip.

The database is the one that MIAOCE_DATABASE_URL names (ops/with-postgres), or an embedded SQLite file as shipped.
pytest-randomly shuffles the order; --randomly-seed=… repeats one.
"""

import os
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.sqlite3.base import DatabaseOperations  # .operations alone goes in a circle
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# The only reasons for which a test may be left out, each said at the end of every run that leaves one out.
EXCUSES = {
    "shared/rolls is not beside the project": "the messy sheets of real kindergartens lie outside this repository",
}

# Examples are drawn anew in every run and a failure prints how to repeat it; no example is judged by its speed.
hypothesis_settings.register_profile("usual", deadline=None, max_examples=60, print_blob=True)
hypothesis_settings.register_profile(
    "soak", deadline=None, max_examples=2000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile(os.environ.get("MIAOCE_HYPOTHESIS", "usual"))


class OutsideNetwork(AssertionError):
    """A test tried to reach something that is not this machine."""


def _is_here(address: object) -> bool:
    """Say whether a socket address is a local socket or on the loopback."""
    host = address[0] if isinstance(address, tuple) else None
    if host is None or host in {"localhost", "", b"", "testserver"}:
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"} and not _is_here(arguments[1]):
        raise OutsideNetwork(f"{event} to {arguments[1]!r}: tests speak to this machine only")
    if event == "socket.getaddrinfo" and not _is_here(arguments[:1]):
        raise OutsideNetwork(f"look-up of {arguments[0]!r}: tests speak to this machine only")


sys.addaudithook(_refuse_outside)


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give every run (and each of its workers, and the commands they start) a data folder of its own."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIAOCE_DATA", str(folder))
        patch.setattr(settings, "DATA", folder)
        patch.setattr(settings, "UPLOADS", folder / "uploads")
        patch.setattr(settings, "PROOFS", folder / "proofs")
        patch.setattr(settings, "STATIC_ROOT", folder / "static")
        (folder / "static").mkdir()
        patch.setattr(settings, "KEY_FILE", folder / "keys" / "keys.json")
        from miaoce.registry.vault import keys  # after django.setup()

        keys.service().ensure(suite=keys.suite(), at=None)
        yield folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, data_folder: Path) -> None:
    """Test on a file, as shipped, where the engine is SQLite: threads and the live server share it as in earnest."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(data_folder / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def flush_passes_the_guards() -> Iterator[None]:
    """Let the emptying between tests with a live server pass the triggers that keep SQLite's journal append-only."""
    flush = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **options: Any) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            guards = cursor.fetchall()
        lifted = [f"DROP TRIGGER {self.quote_name(name)}" for name, _ in guards]
        return [*lifted, *flush(self, *args, **options), *(statement for _, statement in guards)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


def _left_out(config: pytest.Config) -> list[tuple[str, str]]:
    """Return (test, reason) of everything that did not run or was expected to fail."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    found = []
    for kind in ("skipped", "xfailed", "xpassed"):
        for report in reporter.stats.get(kind, []) if reporter else []:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else getattr(report, "wasxfail", kind)
            found.append((report.nodeid, str(reason).removeprefix("Skipped: ")))
    return found


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that left something out without an excuse."""
    if session.exitstatus == pytest.ExitCode.OK and any(r not in EXCUSES for _, r in _left_out(session.config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the end what was left out and why; nothing is left out silently."""
    for test, reason in _left_out(config):
        verdict = f"excused: {EXCUSES[reason]}" if reason in EXCUSES else "NOT EXCUSED, so this run fails"
        terminalreporter.write_line(f"left out: {test} ({reason}) - {verdict}")
