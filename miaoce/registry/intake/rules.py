"""Pure rules of intake: what is refused, and with which words."""

from collections.abc import Iterable
from datetime import date, timedelta

from miaoce.registry.refusals import Refusal

KEEP_DAYS, WARN_DAYS = 30, 7
AT_ONCE_BYTES = 256 * 1024
"""What is read while the page waits: about 1,800 rows, a second. More is the worker's, and a page shows how far it is."""
SEND_AT_ONCE = 300
"""Rows that are submitted while the page waits, within a second; more are the worker's."""
SEND_BY_PROGRAM = 1_000
"""Rows that one call of a program submits, within three seconds."""


class FileTooLarge(Refusal):
    """A file is larger than what is read (ux.md W10)."""

    code, message, http = "INT-02", "文件有 {megabytes} MB，多半带了照片。请删掉图片，只留文字。", 422


class NothingGiven(Refusal):
    """Neither a file nor text was given."""

    code, message, http = "INT-03", "还没有选文件，也没有粘贴内容。请选一个再开始检查。", 422


class RowChanged(Refusal):
    """The row changed after it was shown (ux.md W13)."""

    code, message = "INT-04", "您打开后{where}被改过：{label}现在是“{now}”，您填的是“{mine}”。请对照后再改。"


class NotOpen(Refusal):
    """The batch is not one that can be worked on now."""

    code, message = "INT-05", "这份导入现在是“{state}”，不能再改。请刷新后再看。"


class RowNotFree(Refusal):
    """The row is with the county, registered or put aside."""

    code, message = "INT-06", "{where}现在是“{state}”，不能改。要改请先撤回提交。"


class SameDocument(Refusal):
    """Two different children cannot hold the same document; one of the numbers is wrong."""

    code, message = "INT-07", "两条的证件号相同，不能都保留。如果不是同一名，请先对照户口簿改证件号。"


class ReasonMissing(Refusal):
    """Keeping both children needs a reason on the record."""

    code, message, http = "INT-08", "请写明为什么不是同一名，例如“双胞胎，户口簿上各有一页”。", 422


class NothingReady(Refusal):
    """There is no row to submit."""

    code, message = "INT-09", "现在没有可以提交的行。改好或处理完重复后再提交。"


class PromiseMissing(Refusal):
    """Submitting needs the promise that the information is true."""

    code, message, http = "INT-10", "请先勾选“信息真实”的承诺，再提交。", 422


class NothingToTake(Refusal):
    """A sheet brought back has no row of this batch."""

    code, message, http = "INT-11", "这张表里没有找到这份导入的行。请用下载的问题清单改，不要增删上面的行。", 422


class ColumnsClash(Refusal):
    """Two columns were given the same meaning."""

    code, message, http = "INT-12", "有两列都选成了“{label}”。每一项只能对应一列，请改其中一列。", 422


class NoSuchMatch(Refusal):
    """The row and the other record were not found to be alike, or not any more."""

    code, message = "INT-13", "{where}和那条记录现在对不上了。请刷新后再看。"


class SheetRefused(Refusal):
    """A sheet brought back could not be read."""

    code, message, http = "INT-14", "{words}", 422


class StillNoHeader(Refusal):
    """With the columns as explained the file has no header or no rows."""

    code, message, http = "INT-15", "{words}", 422


class ChildAsHeading(Refusal):
    """A row that holds a child was named as the row of headings."""

    code, message, http = "INT-16", "您选的那一行像是幼儿，不是列名。名单没有列名的话，请填 0。", 422


class NoSuchRow(Refusal):
    """The batch has no such row; a row of another batch answers the same."""

    code, message, http = "INT-17", "这份导入里没有这一行。请刷新后再看。", 404


class TooManyAtOnce(Refusal):
    """A program asks to submit more rows than one call carries; it names some of them and calls again."""

    code, message, http = "INT-18", "一次最多提交 {most} 行，现在有 {count} 行可提交。请用 rows 分几次提交。", 422


class OrderLost(Refusal):
    """The person who asked for the submission holds that appointment no more."""

    code, message = "INT-19", "提交的人已不在这个岗位上，没有提交。请重新提交。"


class EntryUnclear(Refusal):
    """What was given as the day of entry of many rows is no day, or one far away."""

    code, message, http = "INT-21", "{words}", 422


def must_fit(*, size: int, megabytes: int) -> None:
    """Refuse (INT-02) a file above the limit, before it is kept."""
    if size > megabytes * 1024 * 1024:
        raise FileTooLarge(megabytes=-(-size // (1024 * 1024)))


def expires_on(day: date) -> date:
    """Return the day on which a batch made on `day` expires."""
    return day + timedelta(days=KEEP_DAYS)


def days_left(*, expires: date, on: date) -> int | None:
    """Return how many days a batch is still kept, from a week before its end on; None earlier."""
    left = (expires - on).days
    return left if left <= WARN_DAYS else None


RISKS = {
    "SAME_CHILD_ELSEWHERE": 3,
    "SAME_CHILD_HERE": 3,
    "SAME_CHILD_IN_FILE": 3,
    "SAME_ID_IN_FILE": 3,
    "NO_PAPERS": 2,
    "ID_NONE": 2,
}


def risk_of(*, flags: Iterable[str], has_papers: bool, decided: bool) -> int:
    """Return how urgently a reviewer should look: 0 nothing, 1 a remark, 2 no papers, 3 a duplicate that was decided."""
    worst = max((RISKS.get(flag, 1) for flag in flags), default=0)
    return max(worst, 0 if has_papers else 2, 3 if decided else 0)
