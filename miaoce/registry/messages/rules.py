"""Pure rules of messages: what a message may say, and when it may go out (ux.md §7, Notifications)."""

from datetime import datetime, time

from miaoce.registry.refusals import Refusal

EARLIEST, LATEST = time(8, 0), time(21, 0)
MOST_TRIES = 5
PLAIN = "您办理的事项有新进展，请从原入口查看。"


class NoSender(Refusal):
    """No way of sending messages is set up here."""

    code, message = "MSG-01", "这里没有开通短信，请改用打印。"


class NoPhone(Refusal):
    """None of the child's guardians has a phone number on record."""

    code, message = "MSG-02", "登记里没有监护人手机号，发不出短信。请改用打印。"


class OncePerDay(Refusal):
    """About one case at most one message a day goes out (ux.md §7)."""

    code, message = "MSG-03", "今天已经发过一次短信。请明天再发，或改用打印。"


def is_daytime(local: datetime) -> bool:
    """Say whether a guardian may be sent a message at a local moment: from 8:00 to 21:00."""
    return EARLIEST <= local.time() < LATEST
