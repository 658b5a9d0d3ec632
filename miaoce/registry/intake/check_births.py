"""Checks sex, birth date and age of a child, and whether they agree with the document's number."""

from datetime import date

from miaoce.registry.intake import dates
from miaoce.registry.intake.rowwork import RowWork
from miaoce.registry.intake.tidy import is_nothing
from miaoce.registry.intake.wording import say


def check_sex(work: RowWork, from_number: str | None) -> None:
    text = work.text("sex")
    if is_nothing(text):
        if from_number:
            work.row.values["sex"] = from_number
        else:
            work.find("sex", "SEX_MISSING", say("sex_missing"))
        return
    if work.formula("sex", text):
        return
    code = work.rules.code("sex", text)
    if code not in ("1", "2"):
        work.find("sex", "SEX_MISSING", say("sex_unknown", what=text), from_number)
        return
    shown = "男" if code == "1" else "女"
    work.put("sex", code, shown)
    if from_number and from_number != code:
        other = "女" if shown == "男" else "男"
        work.find("sex", "SEX_MISMATCH", say("sex_mismatch", given=shown, shown=other), from_number)


def check_birth(work: RowWork, from_number: date | None) -> None:
    text = work.text("birth_date")
    day: date | None
    if is_nothing(text):
        day = from_number
        if day is None:
            work.find("birth_date", "BIRTH_MISSING", say("birth_missing"))
            return
        work.row.values["birth_date"] = day.isoformat()
    else:
        day = _written_birth(work, text, from_number)
        if day is None:
            return
        work.put("birth_date", day.isoformat())
    if day > work.rules.place.today:
        work.find("birth_date", "BIRTH_FUTURE", say("birth_future", what=day.isoformat()), _iso(from_number))
    elif from_number and day != from_number:
        known = from_number.isoformat()
        work.find("birth_date", "BIRTH_MISMATCH", say("birth_mismatch", known=known), known)
    else:
        _check_age(work, day)


def _written_birth(work: RowWork, text: str, from_number: date | None) -> date | None:
    if work.formula("birth_date", text):
        return None
    read = dates.read_date(text)
    if read.outcome == dates.OK:
        return read.day
    if from_number and (
        (read.outcome == dates.NO_DAY and (read.year, read.month) == (from_number.year, from_number.month))
        or from_number in read.others
    ):
        return from_number
    work.find("birth_date", "BIRTH_INVALID", _about_date(read, text, from_number), _iso(from_number))
    return None


def _check_age(work: RowWork, born: date) -> None:
    place = work.rules.place
    years = _years_between(born, place.school_year_start)
    if years >= 7:
        work.find(
            "birth_date",
            "AGE_TOO_OLD",
            say("age_too_old", years=years),
            _another_century(born, place.school_year_start),
        )
    elif _years_between(born, max(place.today, place.school_year_start)) < 2:
        work.find("birth_date", "AGE_TOO_YOUNG", say("age_too_young"))
    elif years < 3:
        left = _until_three(born, place.school_year_start)
        work.find("birth_date", "AGE_UNDER_3", say("age_under_3", left=left), remark=True)
    elif years >= 6:
        work.find("birth_date", "AGE_SCHOOL", say("age_school"), remark=True)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _years_between(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _another_century(born: date, on: date) -> str | None:
    if born.year >= 2000 or (born.month, born.day) == (2, 29):
        return None
    moved = born.replace(year=born.year + 100)
    return moved.isoformat() if 2 <= _years_between(moved, on) < 7 else None


def _until_three(born: date, on: date) -> str:
    third = (
        date(born.year + 3, born.month, born.day) if (born.month, born.day) != (2, 29) else date(born.year + 3, 3, 1)
    )
    days = (third - on).days
    return f"{days} 天" if days < 62 else f"{days // 30} 个月"


def _about_date(read: dates.ReadDate, text: str, known: date | None) -> str:
    suffix, facts = ("_known", {"known": known.isoformat()}) if known else ("", {})
    if read.outcome == dates.NO_SUCH_DAY and 1 <= read.month <= 12:
        return say(f"birth_no_such_day{suffix}", month=read.month, day=read.written_day, **facts)
    if read.outcome == dates.NO_SUCH_DAY:
        return say(f"birth_no_such_month{suffix}", month=read.month, **facts)
    if read.outcome == dates.NO_DAY:
        return say("birth_no_day")
    if read.outcome == dates.LUNAR:
        return say("birth_lunar")
    return say("birth_either" if read.outcome == dates.EITHER else "birth_unreadable", what=text)
