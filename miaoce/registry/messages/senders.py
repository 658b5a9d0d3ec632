"""How messages leave: one adapter for each way, chosen by settings. Nothing else knows how.

`none`: nothing leaves. `inbox`: the demonstration's own page shows them. `gateway`: POST {"to", "text"} as JSON to an address
of the operator's, with a bearer key; any answer but 2xx is tried again later.
"""

import json
import logging
import urllib.error
import urllib.request
from typing import Protocol

from django.conf import settings

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 10


class Sender(Protocol):
    """One way of sending. `is_quiet_at_night`: it reaches a real phone, so it waits for the day."""

    is_quiet_at_night: bool
    keeps_text: bool

    def send(self, *, phone: str, text: str) -> bool:
        """Send, and say whether it was taken."""


class Inbox:
    """Shows messages on a page of the demonstration instead of sending them."""

    is_quiet_at_night = False
    keeps_text = True

    def send(self, *, phone: str, text: str) -> bool:
        """Take the message; its sealed text stays for the page."""
        return bool(phone and text)


class Gateway:
    """Hands messages to the operator's own gateway over HTTP."""

    is_quiet_at_night = True
    keeps_text = False

    def __init__(self, address: str, key: str) -> None:
        self._address, self._key = address, key

    def send(self, *, phone: str, text: str) -> bool:
        """Post one message; False, logged without the message, when it was not taken."""
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's setting, checked below
            self._address,
            data=json.dumps({"to": phone, "text": text}, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - http(s) only, see sender()
                return 200 <= int(answer.status) < 300
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            log.warning("message.not_taken %s", type(error).__name__)
            return False


def sender() -> Sender | None:
    """Return the adapter that the settings name, None where nothing leaves; ValueError for an unknown one."""
    chosen = settings.MESSAGES or ("inbox" if settings.DEMO else "none")
    if chosen == "none":
        return None
    if chosen == "inbox":
        return Inbox()
    if chosen == "gateway" and settings.MESSAGE_URL.startswith(("https://", "http://")):
        return Gateway(settings.MESSAGE_URL, settings.MESSAGE_KEY)
    raise ValueError(f"MIAOCE_MESSAGES={chosen!r}: write none, inbox or gateway (with MIAOCE_MESSAGE_URL).")
