"""Pure rules of change in institutions (学前教育法 art. 30–31; codes: 学校(机构)标识码, domain.md §5.1)."""

from datetime import date

from miaoce.registry.refusals import Refusal


class DayNotAllowed(Refusal):
    """A change lies in the future, or before a change that is on record already."""

    code, message, http = "INS-01", "日期要在 {earliest} 到 {latest} 之间。", 422


class AlreadyClosed(Refusal):
    """The kindergarten was closed before."""

    code, message = "INS-02", "{name}已在 {day} 停办，不能再办这一项。"


class NothingChanges(Refusal):
    """The change says what is on record already, or nothing at all."""

    code, message, http = "INS-03", "填的和现在的一样，没有要改的。", 422


class StillWaiting(Refusal):
    """Registrations of the kindergarten wait for a decision or a number; they are decided or returned before it closes."""

    code, message = (
        "INS-04",
        ("{name}还有 {count} 名待审批或待赋号。请先批准（赋号后随班转走），或在这一页一起退回，再办停办。"),
    )


class NotASuccessor(Refusal):
    """Who takes over must be open, licensed and of the same county."""

    code, message, http = "INS-05", "{name}不能接收：要是本县在办、许可证有效的幼儿园。", 422


class LicenceDaysWrong(Refusal):
    """A licence ends after it begins."""

    code, message, http = "INS-06", "许可证的到期日要在起始日之后。", 422


class GroupNotThere(Refusal):
    """The group does not belong to the kindergarten that takes over, or not to this school year."""

    code, message, http = "INS-07", "选的班级不在接收的幼儿园里，请重新选。", 422


EARLIEST = date(1949, 10, 1)


def must_be_a_day(*, on: date, today: date, last_change_on: date | None) -> None:
    """Refuse (INS-01) a day in the future or before the last change on record."""
    earliest = last_change_on or EARLIEST
    if not earliest <= on <= today:
        raise DayNotAllowed(earliest=earliest.isoformat(), latest=today.isoformat())


def must_be_open(*, name: str, closed_on: date | None) -> None:
    """Refuse (INS-02) a kindergarten that was closed."""
    if closed_on is not None:
        raise AlreadyClosed(name=name, day=closed_on.isoformat())


def must_be_a_licence(*, licence_from: date | None, licence_to: date | None) -> None:
    """Refuse (INS-06) a licence that ends before it begins, or ends without a beginning."""
    if licence_to is not None and (licence_from is None or licence_to < licence_from):
        raise LicenceDaysWrong
