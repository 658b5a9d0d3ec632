"""A PostgreSQL cluster of one's own for as long as one command runs; gone afterwards, whatever happens to the command.

    ops/with-postgres [--durable] [--set NAME=VALUE]… COMMAND…

COMMAND finds the cluster's address in MIAOCE_DATABASE_URL. Several may run at once: each has its folder, its port and
its password. The server listens on 127.0.0.1 and on a socket in its own folder, and never runs as root. Only the
standard library is used, so that it works before anything is installed.
"""

import argparse
import contextlib
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PREFIX = "miaoce-postgres-"
OLDEST = 15
START_SECONDS = 60
STOP_SECONDS = 60
# What a test throws away need not survive a power cut. `--durable` leaves every one of these as PostgreSQL ships it.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ROOMY = {"max_connections": "200", "shared_buffers": "256MB", "max_wal_size": "2GB", "timezone": "UTC"}


class PostgresMissing(Exception):
    """PostgreSQL, or an account to run it as, is not on this machine; the text says what to install."""


@dataclass(frozen=True)
class Account:
    """Who runs the server. Nothing set: the caller, who is not root."""

    user: int | None = None
    group: int | None = None

    @property
    def others(self) -> list[int] | None:
        """Return the further groups that the server's process keeps: none, once it is somebody else."""
        return None if self.user is None else []

    def own(self, path: Path) -> None:
        """Give a path to this account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def programs() -> Path:
    """Return the folder of initdb and postgres, newest first; refuses when there is none of version 15 or later."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists() and _version(folder) >= OLDEST:
            return folder
    raise PostgresMissing(
        f"PostgreSQL {OLDEST} or later is needed: install the package `postgresql` (make setup-system)."
    )


def _version(folder: Path) -> int:
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    return int(answer.stdout.split(")")[1].split(".")[0].split()[0])


def account() -> Account:
    """Return who the server runs as: the caller, or the account `postgres` when the caller is root."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        subprocess.run(["/usr/sbin/useradd", "--system", "--no-create-home", "--user-group", "postgres"], check=True)
        entry = pwd.getpwnam("postgres")
    return Account(entry.pw_uid, entry.pw_gid)


@contextlib.contextmanager
def cluster(*, durable: bool = False, settings: Sequence[str] = ()) -> Iterator[str]:
    """Start a cluster, give its address (postgresql://…), and at the end stop it and delete its folder."""
    folders, owner = programs(), account()
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    server: subprocess.Popen[bytes] | None = None
    try:
        (home / "owner").write_text(str(os.getpid()))
        password = secrets.token_hex(16)
        _prepare(folders, home, owner, password)
        server, port = _start(folders, home, owner, _settings(durable, settings))
        _run(owner, [folders / "createdb", "-h", home, "-p", str(port), "-U", "miaoce", "miaoce"])
        yield f"postgresql://miaoce:{password}@127.0.0.1:{port}/miaoce"
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(home, ignore_errors=True)


def _settings(durable: bool, extra: Sequence[str]) -> list[str]:
    chosen = ROOMY | ({} if durable else THROWAWAY)
    chosen |= dict(pair.split("=", 1) for pair in extra)
    return [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]


def _run(owner: Account, command: Sequence[str | Path]) -> None:
    """Run one of PostgreSQL's programs as the server's account; its output is shown only when it refuses."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=_clean(),
        user=owner.user,
        group=owner.group,
        extra_groups=owner.others,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _clean() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _prepare(folder: Path, home: Path, owner: Account, password: str) -> None:
    """Make the data folder: UTF-8, the byte-wise C.UTF-8 order, a password for everything that comes by TCP."""
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    for path in (home, secret):
        owner.own(path)
    safety = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}"]
    order = ["--locale=C.UTF-8", "-E", "UTF8"]
    _run(owner, [folder / "initdb", "-D", home / "data", "-U", "miaoce", "-N", *order, *safety])
    secret.unlink()


def _start(folder: Path, home: Path, owner: Account, options: list[str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port; another process may take a port between the look and the bind, so try again."""
    for _ in range(8):
        port = _free_port()
        where = ["-k", str(home), "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [folder / "postgres", "-D", home / "data", *where, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_clean(),
                start_new_session=True,  # Ctrl-C is for the command; the server stops after it
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this program has one thread
                user=owner.user,
                group=owner.group,
                extra_groups=owner.others,
            )
        if _answers(folder, home, port, server):
            return server, port
        _stop(server)
    raise RuntimeError("PostgreSQL did not start:\n" + (home / "log").read_text(errors="replace")[-4000:])


def _die_with_parent() -> None:
    """Ask the kernel to stop the server at once when this process is killed without a chance to clean up."""
    parent_death_signal = 1
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(folder: Path, home: Path, port: int, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server takes connections; no, when it has ended or the time is over."""
    ready: list[str | Path] = [folder / "pg_isready", "-q", "-h", home, "-p", str(port)]
    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        if subprocess.run(ready, check=False).returncode == 0:
            return True
        time.sleep(0.1)
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server: first politely (fast shutdown), then at once."""
    for step in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(step)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)


def _sweep() -> None:
    """Delete the folders of clusters whose starter was killed before it could."""
    for home in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with contextlib.suppress(OSError, ValueError):
            starter = int((home / "owner").read_text())
            if not Path(f"/proc/{starter}").exists():
                shutil.rmtree(home, ignore_errors=True)


def run(command: Sequence[str], *, durable: bool, settings: Sequence[str]) -> int:
    """Run the command beside a cluster and return its exit code; after a signal the cluster goes all the same."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    with cluster(durable=durable, settings=settings) as address:
        child = subprocess.Popen(command, env={**os.environ, "MIAOCE_DATABASE_URL": address})
        try:
            return child.wait()
        except KeyboardInterrupt:
            return _end(child)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _end(child: subprocess.Popen[bytes]) -> int:
    """End the command as kindly as it lets us: it may be tearing down its own test databases."""
    for step in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            child.wait(10)
            break
        child.send_signal(step)
    child.wait()
    return 130


def main() -> int:
    """Read the command line and run it; a missing PostgreSQL is said in one sentence."""
    about = "Run a command beside a PostgreSQL of its own."
    reader = argparse.ArgumentParser(prog="ops/with-postgres", description=about)
    reader.add_argument("--durable", action="store_true", help="keep fsync and synchronous_commit on, as shipped")
    reader.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a server setting")
    reader.add_argument("command", nargs=argparse.REMAINDER)
    asked = reader.parse_args()
    if not asked.command:
        reader.error("say which command to run")
    try:
        return run(asked.command, durable=asked.durable, settings=asked.set)
    except PostgresMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 69
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
