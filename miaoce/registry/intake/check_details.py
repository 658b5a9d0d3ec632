"""Checks what nobody has to give: entry date, regions, code lists, free texts. Nothing is dropped without a word."""

from datetime import date

from miaoce.registry.intake import dates
from miaoce.registry.intake.fields import CARE, FIELD
from miaoce.registry.intake.findings import ENTRY_MISSING
from miaoce.registry.intake.rowwork import RowWork
from miaoce.registry.intake.tidy import is_error, is_nothing, tidy_text
from miaoce.registry.intake.wording import say

_REST = {
    **dict.fromkeys(("hukou_region", "birth_region"), "region"),
    **dict.fromkeys(("health", "only_child", "left_behind", "migrant", "orphan"), "list"),
    **dict.fromkeys(("disability", "boarding", "hukou_kind", "entry_kind"), "list"),
    **dict.fromkeys(("address", "remark"), "text"),
}


def check_entry(work: RowWork) -> None:
    """Check the day the child came or comes to the kindergarten; a month alone counts from its first day.

    Nobody has to give it, but the two months of registration count from it, so that its absence is remarked on.
    """
    text = work.text("entry_date")
    if is_nothing(text):
        work.find("entry_date", ENTRY_MISSING, say("entry_missing"), remark=True)
        return
    day, fault = read_entry(text, work.rules.place.today)
    if day is None:
        work.find("entry_date", "ENTRY_DATE_INVALID", fault)
    elif day.isoformat() < work.row.values.get("birth_date", "") and not work.doubts("birth_date"):
        work.find("entry_date", "ENTRY_DATE_INVALID", say("entry_before_birth"))
    else:
        work.put("entry_date", day.isoformat())


def read_entry(text: str, today: date) -> tuple[date | None, str]:
    """Return the day that a text means as a day of entry, or None and why it means none; a month is its first day."""
    read = dates.read_date(text)
    day = read.day or (date(read.year, read.month, 1) if read.outcome == dates.NO_DAY else None)
    if day is None:
        return None, say("entry_unreadable", what=text)
    if abs((day - today).days) > 366 * (8 if day < today else 1):
        return None, say("entry_far", what=day.isoformat())
    return day, ""


def check_rest(work: RowWork) -> None:
    """Check what nobody has to give: regions, lists, free texts. Nothing given is dropped without a word."""
    for key, text in list(work.row.raw.items()):
        kind = _REST.get(key)
        if kind is None or is_nothing(text):
            continue
        if kind == "region":
            _check_region(work, key, tidy_text(text))
        elif kind == "list":
            _check_list(work, key, tidy_text(text))
        elif is_error(text):
            work.find(key, "FORMULA", say("formula_left", what=tidy_text(text)), remark=True)
        else:
            work.put(key, text if key in work.verbatim else tidy_text(text))


def _check_region(work: RowWork, key: str, text: str) -> None:
    code = work.rules.region(text)
    if code is not None:
        work.put(key, code, work.rules.codebook.region_name(code))
    elif key == "hukou_region":
        work.find(key, "REGION_UNKNOWN", say("region_unknown", what=text))
    else:
        work.find(key, "REGION_UNKNOWN", say("region_other", what=text), remark=True)


def _check_list(work: RowWork, key: str, text: str) -> None:
    list_name = FIELD[key].code_list or "yes_no"
    code = work.rules.code(list_name, text)
    if code is None and key == "left_behind" and work.rules.code("left_behind", text):
        code = "1"  # 单亲留守, 双亲留守
    if code is None:
        words = "care_unknown" if key in CARE else "optional_unknown"
        what = say(words, label=FIELD[key].label, what=text)
        work.find(key, f"{key.upper()}_UNKNOWN", what, work.near(list_name, text), remark=True)
    else:
        work.put(key, code, work.rules.codebook.name(list_name, code))
