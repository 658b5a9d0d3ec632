"""The child list beside a bare view: the same server, the same rows, the same minute."""

import http.client
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, keep, scaled
from bench.ground import BEGAN, free_port, serving, session_of

SEEKERS, ROUNDS = 8, 4


def beside_a_bare_view(children: int) -> None:
    """Ask the server as shipped for both, in turns."""
    from django.conf import settings
    from django.db import connection

    from miaoce.cli import serve
    from miaoce.registry.access.models import Appointment, Staff
    from miaoce.registry.institutions.models import Kindergarten

    kindergarten = Kindergarten.objects.filter(code__startswith="12").order_by("code").first()
    if kindergarten is None:
        raise RuntimeError("nothing was loaded")
    staff = Staff.objects.create(username="bench-list", name="登记员")
    appointment = Appointment.objects.create(staff=staff, role="registrar", kindergarten=kindergarten, from_on=BEGAN)
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(appointment)}"}
    connection.close()
    port = free_port()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    server = serve._web(serving(port))
    try:
        _when_open(port)
        asked = {"list": ("/children/", cookie), "bare": (f"/bare/{kindergarten.pk}/", {})}
        seen = {what: Seen() for what in asked}
        for turn in range(ROUNDS):
            for what, (path, headers) in asked.items():
                if turn == 1:
                    seen[what] = Seen()  # the first round warmed both up
                before = _processor(server.pid)
                count, seconds = _ask_for(port, path, headers, seconds=scaled(5, 2))
                seen[what].add(count, seconds, _processor(server.pid) - before)
    finally:
        server.terminate()
        server.wait(20)
        os.environ["DJANGO_SETTINGS_MODULE"] = "miaoce.settings"
    share = seen["list"].rate / seen["bare"].rate
    cost = ", ".join(
        f"{what} {taken.rate:.0f}/s at {taken.each * 1e3:.1f} ms of processor" for what, taken in seen.items()
    )
    keep(Figure(
        f"child list of 50 rows at {children:,} children, share of a bare view's requests", "≥ 50 %",
        f"{share:.0%} ({cost})", share >= 0.5, f"{share:.2f} ×",
        "a bare view of the same rows on the same page: no sign-in, scope, masking or log",
    ))  # fmt: skip


@dataclass
class Seen:
    """Requests answered, the seconds that passed and the seconds of processor that the server used."""

    count: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    def add(self, count: int, seconds: float, processor: float) -> None:
        """Add one round."""
        self.count, self.seconds, self.processor = (
            self.count + count,
            self.seconds + seconds,
            self.processor + processor,
        )

    @property
    def rate(self) -> float:
        """Requests in a second."""
        return self.count / self.seconds

    @property
    def each(self) -> float:
        """Seconds of processor for a request."""
        return self.processor / self.count


def _processor(pid: int) -> float:
    """Return the seconds of processor that a process and its children have used."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split() for one in (pid, *children)]
    return sum(int(taken[11]) + int(taken[12]) for taken in fields) / os.sysconf("SC_CLK_TCK")


def _when_open(port: int) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            _get(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/health/", {})
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def _get(client: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> int:
    """Ask for a page and return its size; anything but 200 stops the run."""
    client.request("GET", path, headers=headers)
    answer = client.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return len(body)


def _ask_for(port: int, path: str, headers: dict[str, str], *, seconds: float) -> tuple[int, float]:
    """Ask for a page from several connections at once for some seconds; return how many answers came in how long."""
    counts, until = [0] * SEEKERS, time.monotonic() + seconds
    broken: list[BaseException] = []

    def seek(place: int) -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            while time.monotonic() < until:
                _get(client, path, headers)
                counts[place] += 1
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            broken.append(error)

    began = time.monotonic()
    seekers = [threading.Thread(target=seek, args=(place,)) for place in range(SEEKERS)]
    for seeker in seekers:
        seeker.start()
    for seeker in seekers:
        seeker.join()
    if broken:
        raise RuntimeError("the server broke a request") from broken[0]
    return sum(counts), time.monotonic() - began
