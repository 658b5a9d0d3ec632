"""A real Chromium against a real server: `miaoce serve` with web and worker, on a small filled place of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
PATIENCE_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: it drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.slow)


@dataclass(frozen=True)
class Place:
    """The running register: its address, and the sheets that people bring."""

    url: str
    folder: Path

    def sheet(self, name: str) -> Path:
        """Return the path of a sheet."""
        return self.folder / f"{name}.xlsx"

    def papers(self, name: str) -> dict[str, Any]:
        """Return what stands in the household registers: the right values by name, and the sheet as text."""
        return dict(json.loads((self.folder / f"{name}.json").read_text()))


def environment(folder: Path, recall_minutes: int) -> dict[str, str]:
    """Return the environment of the server: data of its own, and how long a decision may be taken back."""
    given = {key: value for key, value in os.environ.items() if not key.startswith(("MIAOCE_", "PYTEST_"))}
    return given | {
        "MIAOCE_DATA": str(folder),
        "MIAOCE_RECALL_MINUTES": str(recall_minutes),
        "MIAOCE_OBJECTION_DAYS": "0",  # a journey does not wait three days; what the place was filled with has its three
        "DJANGO_SETTINGS_MODULE": "miaoce.settings",
        "PYTHONPATH": str(ROOT),
    }


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers; say so when it ended instead."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/health/", timeout=2) as answer:  # noqa: S310 - our own server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("the server did not answer in time")


def started(folder: Path, port: int, *, recall_minutes: int = 0) -> subprocess.Popen[bytes]:
    """Fill the place and start the server in a group of its own, so that all of it can be ended."""
    around = environment(folder, recall_minutes)
    subprocess.run([sys.executable, "-m", "tests.journeys.place", str(folder)], env=around, cwd=ROOT, check=True)
    command = [sys.executable, "-m", "miaoce.cli.main", "serve", "--port", str(port), "--workers", "1"]
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(command, env=around, cwd=ROOT, start_new_session=True, stdout=log, stderr=log)


def ended(server: subprocess.Popen[bytes]) -> None:
    """End the server and everything it started."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return the running register; it lives as long as the run (of this worker)."""
    folder, port = tmp_path_factory.mktemp("place"), free_port()
    server = started(folder, port)
    try:
        wait_for(f"http://127.0.0.1:{port}", server)
        yield Place(f"http://127.0.0.1:{port}", folder)
    finally:
        ended(server)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the browser of the run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Someone:
    """A person at a browser. Counts what the hand does: clicks, keys that act, files chosen. Typing words counts nothing."""

    def __init__(self, browser: Browser, place: Place, *, size: str = "desk", javascript: bool = True) -> None:
        self.place = place
        self.context: BrowserContext = browser.new_context(
            viewport=SIZES[size], java_script_enabled=javascript, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.hands = 0
        self.told: list[str] = []
        self.page.on("console", lambda message: self.told.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.told.append(str(error)))

    def goes_to(self, path: str) -> None:
        """Open an address, as a bookmark would."""
        self.page.goto(f"{self.place.url}{path}")

    def signs_in(self, account: str) -> None:
        """Sign in with the password of the demonstration; `wangmin/小星星幼儿园` goes on in the role held there."""
        username, _, unit = account.partition("/")
        self.goes_to("/sign-in/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", f"demo-only-{username}")
        self.page.click("main button.primary")
        self.page.wait_for_url(f"{self.place.url}/")
        if unit:
            self.page.evaluate("() => document.querySelectorAll('details').forEach((menu) => { menu.open = true; })")
            with self.page.expect_navigation():
                self.page.locator("form[action='/switch-role/'] button", has_text=unit).first.click()

    def clicks(self, what: str) -> None:
        """Click on something."""
        self.hands += 1
        self.page.click(what)

    def presses(self, key: str) -> None:
        """Press a key that does something."""
        self.hands += 1
        self.page.keyboard.press(key)

    def chooses_file(self, path: Path, field: str = "input[type=file]") -> None:
        """Choose a file."""
        self.hands += 1
        self.page.set_input_files(field, path)

    def types(self, words: str) -> None:
        """Type over what stands in the field that has the focus."""
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(words)

    def sees(self, words: str) -> bool:
        """Say whether words stand on the page."""
        return words in self.page.inner_text("body")


@pytest.fixture
def somebody(browser: Browser, place: Place) -> Iterator[Any]:
    """Return a maker of people at browsers; they leave at the end of the test."""
    made: list[Someone] = []

    def make(username: str = "", **how: Any) -> Someone:
        one = Someone(browser, place, **how)
        made.append(one)
        if username:
            one.signs_in(username)
        return one

    yield make
    for one in made:
        one.context.close()


@pytest.fixture(scope="session")
def keys() -> dict[str, Any]:
    """Return the cookies of those who signed in once already."""
    return {}


@pytest.fixture
def entering(somebody: Any, keys: dict[str, Any]) -> Any:
    """Return a maker of people who are signed in, without signing in again each time. Do not sign them out."""

    def make(username: str) -> Someone:
        one: Someone = somebody() if username in keys or not username else somebody(username)
        if username in keys:
            one.context.add_cookies(keys[username])
            one.goes_to("/")
            if "/sign-in/" in one.page.url:  # somebody else signed this account in meanwhile, and it has one session
                one.signs_in(username)
                keys[username] = one.context.cookies()
        elif username:
            keys[username] = one.context.cookies()
        return one

    return make
