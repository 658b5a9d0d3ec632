"""Pure rules of admission and of the changes of a stay."""

from collections.abc import Mapping
from datetime import date, timedelta

from miaoce.registry.refusals import Refusal

WARN_DAY, RED_DAY = 40, 60
AT_ONCE = 500


class NotLicensed(Refusal):
    """Only a lawfully run kindergarten may register children (办法; 学前教育法 art. 30–31)."""

    code, message = "ENR-01", "本园的办学许可证不在有效期内，暂时不能提交。请联系县教育局更新许可证。"


class ChangedSinceShown(Refusal):
    """The child's record changed after it was shown to the one who acts."""

    code, message = "ENR-03", "您打开后这名幼儿的学籍有变动。请刷新后再办。"


class DayOutside(Refusal):
    """A change is true from a day within the stay it changes, and nobody knows what happens after today."""

    code, message, http = "ENR-04", "日期要在 {first} 到 {last} 之间。请按实际的日期填写。", 422


class GroupNotHere(Refusal):
    """The group is not one of the child's kindergarten in the school year of that day."""

    code, message, http = "ENR-05", "这一天本园没有这个班。请刷新后重新选班。", 422


class SameGroup(Refusal):
    """The child is in this group already."""

    code, message = "ENR-06", "现在就在{group}，不用调班。"


class TooManyAtOnce(Refusal):
    """More children than a person looks through before they are changed together."""

    code, message, http = "ENR-07", "一次最多办 {most} 名。请先按班级筛选，再分几次办。", 422


class CodeUnknown(Refusal):
    """The reason or the destination is none of the list, or says nothing without words."""

    code, message, http = "ENR-08", "没选{what}，或选了“其他”没有写明。请补上。", 422


class StillUnknown(Refusal):
    """To say whereto a child went needs a place."""

    code, message, http = "ENR-09", "去向还是“还不清楚”，没有改动。问清楚以后再来填。", 422


class NotLeft(Refusal):
    """Only of a child that left is asked whereto."""

    code, message = "ENR-10", "这名幼儿现在是“{state}”，不用填去向。请刷新后再看。"


class NotOfAge(Refusal):
    """Who is not six by 31 August goes on in kindergarten (义务教育法 art. 11)."""

    code, message = "ENR-11", "到 {cutoff} 还不满 6 周岁，这一批不毕业。"


class DeferredOn(Refusal):
    """Entering primary school was put off beyond this summer (缓学)."""

    code, message = "ENR-12", "已核准缓学到 {until}，这一批不毕业。"


class OutOfSeason(Refusal):
    """Children graduate at the end of a school year."""

    code, message, http = "ENR-13", "毕业日期要在 {first} 到 {last} 之间。请改成毕业的那天。", 422


def born_by(ends_on: date) -> date:
    """Return the last birth date of those who enter primary school after a school year: six by 31 August (义务教育法 art. 11)."""
    return date(ends_on.year - 6, 8, 31)


def must_graduate(*, born_on: date, deferred_until_on: date | None, ends_on: date) -> None:
    """Refuse who goes on in kindergarten after a school year: not of age (ENR-11), or deferred beyond it (ENR-12)."""
    if deferred_until_on is not None and deferred_until_on > ends_on + timedelta(days=1):
        raise DeferredOn(until=deferred_until_on)
    if born_on > born_by(ends_on):
        raise NotOfAge(cutoff=date(ends_on.year, 8, 31))


def must_be_in_season(day: date, *, first: date, last: date) -> None:
    """Refuse (ENR-13) a graduation in the middle of a school year."""
    if not first <= day <= last:
        raise OutOfSeason(first=first, last=last)


class NotYetTurned(Refusal):
    """A school year turns on its first day."""

    code, message = "ENR-14", "新学年 {starts_on} 开始，到那天才能升班。方案先留着，还可以改。"


class PlanChanged(Refusal):
    """The plan was changed, or done, after it was shown."""

    code, message = "ENR-15", "您打开后升班方案有变动。请刷新后再看。"


class ChangedSinceTurn(Refusal):
    """A child that was moved by the turn has had another change since."""

    code, message = "ENR-16", "升班以后有 {count} 名幼儿又办了别的变动，不能整体撤回。请单独调班。"


class NothingToTurn(Refusal):
    """No child sits in a class of the year that ends."""

    code, message = "ENR-17", "没有在上个学年班级里的幼儿，不用升班。"


GRADUATES = ""
NEXT_KIND = {"junior": "middle", "middle": "senior"}


def next_kind(*, kind: str, born_on: date, deferred_until_on: date | None, starts_on: date) -> str:
    """Return the kind of class a child goes to when a school year begins, "" for who should have graduated before.

    小→中→大 by class; 托 and 混龄 by birth: three by 31 August for 小班, six for primary school (domain.md §5.2).
    """
    if kind in NEXT_KIND:
        return NEXT_KIND[kind]
    if kind == "nursery":
        return "junior" if born_on <= date(starts_on.year - 3, 8, 31) else kind
    is_deferred = deferred_until_on is not None and deferred_until_on > starts_on
    return kind if is_deferred or born_on > born_by(starts_on) else GRADUATES


class ReasonUnknown(Refusal):
    """The reason is none of the list for this kind of change."""

    code, message, http = "ENR-18", "没选办理原因。请从列表里选一个。", 422


class NoNeedToDefer(Refusal):
    """Who is not of age for school that September needs no deferral."""

    code, message, http = "ENR-19", "到 {until} 前还不到上小学的年龄，不用缓学。", 422


class UntilWrong(Refusal):
    """Deferral reaches to a 1 September ahead, two years at most; it is asked for anew each time."""

    code, message, http = "ENR-20", "缓学到哪年 9 月 1 日要在今天以后、两年以内。请重新选。", 422


class ProofOrWordsMissing(Refusal):
    """A county decides on proof: a file, or which paper was seen."""

    code, message, http = "ENR-21", "没有佐证。请上传证明，或写明看过哪份证明。", 422


class CannotBeRestored(Refusal):
    """What was recorded by mistake is void for ever; its document may be another record's by now."""

    code, message = "ENR-22", "误建作废的学籍不能恢复。请重新登记。"


def must_need_deferral(*, born_on: date, until: date, today: date) -> None:
    """Refuse a deferral that is none: its end (ENR-20), or a child that is not of age a year before it (ENR-19)."""
    if (until.month, until.day) != (9, 1) or not today < until <= date(today.year + 2, 12, 31):
        raise UntilWrong
    if born_on > date(until.year - 7, 8, 31):
        raise NoNeedToDefer(until=until)


def must_be_of_the_list(code: str, *, needs_text: Mapping[str, bool], words: str, what: str) -> None:
    """Refuse (ENR-08) a code that is none of a list, and one that needs words without any."""
    if code not in needs_text or (needs_text[code] and not words.strip()):
        raise CodeUnknown(what=what)


def must_lie_within(day: date, *, first: date, last: date) -> None:
    """Refuse (ENR-04) a day before the first or after the last that a change may be true from."""
    if not first <= day <= last:
        raise DayOutside(first=first, last=last)


def must_be_another_group(*, now: str, then: str, name: str) -> None:
    """Refuse (ENR-06) a change of group that changes nothing; groups are given by id."""
    if now == then:
        raise SameGroup(group=name)


def must_not_be_too_many(count: int) -> None:
    """Refuse (ENR-07) more children than may be changed in one act by hand."""
    if count > AT_ONCE:
        raise TooManyAtOnce(most=AT_ONCE)


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
