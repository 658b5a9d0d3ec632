"""`miaoce serve --port N`: web and workers together, on this machine's loopback unless told otherwise."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Any

GRACE_SECONDS = 10


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("serve", help="启动网页和后台任务")
    top.add_argument("--port", type=int, default=8000)
    top.add_argument("--host", default="127.0.0.1")
    top.add_argument("--workers", type=int, default=2, help="网页进程数")
    top.add_argument("--threads", type=int, default=8, help="每个进程的线程数")
    top.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Prepare database and static files, then run until interrupted or one of them ends."""
    from miaoce.cli.main import say

    if not _is_free(given.host, given.port):
        sys.stderr.write(f"端口 {given.port} 已被别的程序占用。请停掉它，或换一个：--port {given.port + 1}\n")
        return 2
    prepare()
    children = [_web(given), _worker("short"), _worker("long")]
    say(f"苗册已启动：http://{given.host}:{given.port}/   按 Ctrl-C 停止。")
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping and all(child.poll() is None for child in children):
        time.sleep(0.2)
    return _end(children, stopping)


def _is_free(host: str, port: int) -> bool:
    """Say whether nothing listens at an address yet."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def prepare() -> None:
    """Bring the database to the current schema, load the shipped codes, collect static files."""
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from miaoce.registry.children import notices
    from miaoce.registry.reference import actions as reference
    from miaoce.registry.vault import actions as vault

    for folder in (settings.UPLOADS, settings.PROOFS):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    call_command("migrate", verbosity=0, interactive=False)
    now = timezone.now()
    vault.ensure_keys(at=now)
    reference.load_shipped(on=timezone.localdate(now))
    notices.load_texts()
    call_command("collectstatic", verbosity=0, interactive=False)


def _web(given: argparse.Namespace) -> subprocess.Popen[bytes]:
    """Start gunicorn with threads."""
    command = [
        sys.executable, "-m", "gunicorn", "miaoce.web.wsgi:application",
        "--bind", f"{given.host}:{given.port}", "--workers", str(given.workers), "--threads", str(given.threads),
        "--worker-class", "gthread", "--timeout", "120", "--log-level", "warning", "--worker-tmp-dir", "/dev/shm",  # noqa: S108 - gunicorn's heartbeat file, no data
    ]  # fmt: skip
    return subprocess.Popen(command, env=os.environ)  # noqa: S603 - our own interpreter with fixed arguments


def _worker(only: str) -> subprocess.Popen[bytes]:
    """Start a worker for the short duties or for the long ones: no number waits until a county's file is read."""
    command = [sys.executable, "-m", "miaoce.cli.main", "worker", "--only", only]
    return subprocess.Popen(command, env=os.environ)  # noqa: S603 - our own interpreter with fixed arguments


def _end(children: list[subprocess.Popen[bytes]], asked: bool) -> int:
    """Stop what still runs; a child that ended by itself is an error."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return 0 if asked else 1
