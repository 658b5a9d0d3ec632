"""Attack tools of others, each in a virtual environment of its own, so that none drags our libraries along (trust §5).

They are installed by pip from whatever index it is set to, into the folder that MIAOCE_TOOLS names (a temporary one otherwise).
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
START_SECONDS = 180


def tool(name: str, *, beside_ours: bool = False) -> Path:
    """Return the folder of programs of a tool, installed on first use; `beside_ours` lets it import this project too."""
    home = Path(os.environ.get("MIAOCE_TOOLS") or Path(tempfile.gettempdir()) / "miaoce-tools") / name
    programs = home / "bin"
    if not (home / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", name], check=True)
        (home / "installed").touch()
    if beside_ours:
        ours = next(Path(path) for path in sys.path if path.endswith("site-packages"))
        theirs = next((home / "lib").glob("python*/site-packages"))
        (theirs / "ours.pth").write_text(f"{ours}\n{HERE}\n")
    return programs


@contextmanager
def demonstration(folder: Path) -> Iterator[str]:
    """Serve the invented province on a free port of this machine, on the tests' kind of database; stop everything at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("MIAOCE_", "PYTEST", "DJANGO"))}
    environment = ours | {"MIAOCE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "miaoce.settings"}
    if database := os.environ.get("MIAOCE_DATABASE_URL"):  # beside the tests' own database in the same cluster
        environment["MIAOCE_DATABASE_URL"] = database
    command = [sys.executable, "-c", "import sys; from miaoce.cli.main import main; sys.exit(main())"]
    with (folder / "served.log").open("wb") as log:
        served = subprocess.Popen(
            [*command, "demo", "--port", str(port)], cwd=HERE, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(served, address)
            yield address
        finally:
            served.terminate()
            served.wait(60)


def _wait(served: "subprocess.Popen[bytes]", address: str) -> None:
    """Wait until the pages answer."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and served.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health/", timeout=5) as answer:  # noqa: S310  our own http address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the demonstration did not start")


def session_of(address: str, username: str, password: str) -> str:
    """Sign in as a browser does and return the cookies as one header."""
    jar = urllib.request.HTTPCookieProcessor()
    browser = urllib.request.build_opener(jar)
    with browser.open(f"{address}/sign-in/") as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    if token is None:
        raise AssertionError("the sign-in page has no form")
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "username": username, "password": password})
    request = urllib.request.Request(f"{address}/sign-in/", form.encode(), {"Referer": f"{address}/sign-in/"})  # noqa: S310  our own http address
    with browser.open(request) as answer:
        if "sign-in" in answer.url:
            raise AssertionError("signing in did not work")
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar.cookiejar)


def bandit(folder: Path) -> list[dict[str, object]]:
    """Return what bandit finds in the project, without what it calls low."""
    out = folder / "bandit.json"
    subprocess.run([tool("bandit") / "bandit", "-r", "miaoce", "-q", "-f", "json", "-o", out], cwd=HERE, check=False)
    return [found for found in json.loads(out.read_text())["results"] if found["issue_severity"] != "LOW"]


def semgrep(root: Path, folder: Path) -> set[tuple[str, str]]:
    """Return what our own rules find in the packages of a folder: (path, rule). Nothing is fetched and nothing is sent."""
    out = folder / "semgrep.json"
    subprocess.run(
        [
            tool("semgrep") / "semgrep", "scan", "--config", HERE / "tests/fire/semgrep.yml", "--metrics", "off", "--disable-version-check",
            "--jobs", "1", "--no-git-ignore", "--strict", "--json", "--output", out, "miaoce",
        ],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    found = json.loads(out.read_text())
    if found["errors"]:
        raise AssertionError(found["errors"])
    return {(one["path"], one["check_id"].rpartition(".")[2]) for one in found["results"]}


def wapiti(address: str, cookies: str, folder: Path, seconds: int) -> dict[str, list[object]]:
    """Return what wapiti finds behind a session, by kind."""
    out = folder / "wapiti.json"
    subprocess.run(
        [
            tool("wapiti3") / "wapiti", "-u", f"{address}/", "--scope", "domain", "-m", "sql,xss,file,exec,crlf,redirect,timesql",
            "-H", f"Cookie: {cookies}", "-x", f"{address}/sign-out/", "-x", f"{address}/switch-role/", "--max-scan-time", str(seconds),
            "--max-attack-time", str(seconds // 4), "--flush-session", "--store-session", folder, "--no-bugreport",
            "-f", "json", "-o", out, "-v", "0",
        ],
        cwd=folder, check=False, timeout=seconds * 6,
    )  # fmt: skip
    found = json.loads(out.read_text())
    return {kind: list_ for part in ("vulnerabilities", "anomalies") for kind, list_ in found[part].items() if list_}


def sqlmap(address: str, path: str, cookies: str, folder: Path) -> str:
    """Return what sqlmap says of the parameters of an address."""
    done = subprocess.run(
        [
            tool("sqlmap") / "sqlmap", "-u", address + path, "--batch", "--level", "1", "--risk", "1", "--cookie", cookies,
            "--output-dir", folder, "--flush-session", "--disable-coloring", "--threads", "2",
        ],
        cwd=folder, check=False, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    return done.stdout
