"""Pure rules of admission."""

from datetime import date

from miaoce.registry.refusals import Refusal

WARN_DAY, RED_DAY = 40, 60


class NotLicensed(Refusal):
    """Only a lawfully run kindergarten may register children (办法; 学前教育法 art. 30–31)."""

    code, message = "ENR-01", "本园的办学许可证不在有效期内，暂时不能提交。请联系县教育局更新许可证。"


def must_be_licensed(*, is_licensed: bool) -> None:
    """Refuse (ENR-01) a kindergarten whose licence is not valid today."""
    if not is_licensed:
        raise NotLicensed


def registration_due(entered_on: date) -> date:
    """Return the day by which a registration must be done: two months after entry (办法 ch. 2, see domain.md §1.2)."""
    month, year = entered_on.month + 2, entered_on.year
    if month > 12:
        month, year = month - 12, year + 1
    for day in (entered_on.day, 30, 29, 28):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th day")


def clock_colour(*, entered_on: date, on: date) -> str:
    """Return how a running registration clock looks: calm, warn from day 40, red from day 60 (domain.md §1.7)."""
    days = (on - entered_on).days
    return "red" if days >= RED_DAY else "warn" if days >= WARN_DAY else "calm"
