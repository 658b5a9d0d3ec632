"""Checks one row: what its texts mean, what is wrong with them, what follows from the document's number."""

from collections.abc import Mapping
from functools import lru_cache

from miaoce.registry.identity.rules import FOREIGN_KINDS
from miaoce.registry.intake import check_births, check_details, check_documents, check_guardians, check_names
from miaoce.registry.intake.fields import FREE_TEXTS, GRADE
from miaoce.registry.intake.findings import state_of
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.rowwork import CheckedRow, Ground, RowWork
from miaoce.registry.intake.tidy import is_nothing
from miaoce.registry.intake.wording import say
from miaoce.registry.reference.codebook import Codebook

TIDY_UNDONE = "TIDY_UNDONE"


@lru_cache(maxsize=16)
def ground(place: Place, codebook: Codebook) -> Ground:
    """Return the ground of a place, made once."""
    return Ground(place, codebook)


def check(on: Ground, raw: Mapping[str, str], verbatim: frozenset[str] = frozenset()) -> CheckedRow:
    """Check the texts of one row; those named in `verbatim` stay as they were given.

    A free text is kept like that. What has one form only (a date, a number, a code) waits to be mended (TIDY_UNDONE), and
    its tidied form is offered: nothing unreadable goes on, and no form is put in that a person took back.
    """
    row = CheckedRow({k: v for k, v in raw.items() if v})
    work = RowWork(on, row, verbatim)
    check_names.check_child(work)
    facts = check_documents.check_child(work)
    check_births.check_sex(work, facts.sex)
    check_births.check_birth(work, facts.birth_date)
    check_nationality(work)
    check_ethnicity(work)
    check_class(work)
    check_guardians.check(work)
    check_details.check_entry(work)
    check_details.check_rest(work)
    _leave_as_written(work, verbatim - FREE_TEXTS)
    row.state = state_of(row.findings)
    return row


def _leave_as_written(work: RowWork, kept: frozenset[str]) -> None:
    """Take tidied values out again where a person undid the tidying; fields with a fault already say how to mend them."""
    for tidied in [t for t in work.row.tidied if t.field in kept]:
        work.row.tidied.remove(tidied)
        value = work.row.values.pop(tidied.field, None)
        if not work.doubts(tidied.field):
            work.find(tidied.field, TIDY_UNDONE, say("tidy_undone"), value)


def check_nationality(work: RowWork) -> None:
    """Read the country; nothing said means China."""
    country = work.text("nationality")
    if not is_nothing(country):
        code = work.rules.code("country", country)
        if code is None:
            work.find(
                "nationality",
                "NATIONALITY_UNKNOWN",
                say("nationality_unknown", what=country),
                work.near("country", country),
            )
        else:
            work.put("nationality", code, work.rules.codebook.name("country", code))


def check_ethnicity(work: RowWork) -> None:
    """Read the ethnic group; foreigners have none."""
    values = work.row.values
    foreign = values.get("nationality", "CHN") != "CHN" or values.get("id_type") in FOREIGN_KINDS
    text = work.text("ethnicity")
    if is_nothing(text):
        if not foreign:
            work.find("ethnicity", "ETHNICITY_UNKNOWN", say("ethnicity_missing"))
        return
    if work.formula("ethnicity", text):
        return
    code = work.rules.code("ethnicity", text)
    if code is not None:
        work.put("ethnicity", code, work.rules.codebook.name("ethnicity", code))
    elif not (foreign and text in ("外籍", "外国", "其他", "外国人", "不适用")):
        work.unknown("ethnicity", "ethnicity", "ETHNICITY_UNKNOWN", "ethnicity", text)


def check_class(work: RowWork) -> None:
    """Find the kindergarten's own class that is meant."""
    text = work.text("class")
    if is_nothing(text):
        work.find("class", "CLASS_UNKNOWN", say("class_missing"))
        return
    if work.formula("class", text):
        return
    found = work.rules.groups.find(text)
    grade = work.text(GRADE)
    if not found.name and grade:
        with_grade = work.rules.groups.find(grade + text)
        found = with_grade if with_grade.name else found
    if found.name:
        work.put("class", found.name)
    elif len(found.candidates) > 1:
        names = "、".join(found.candidates)
        work.find("class", "CLASS_UNKNOWN", say("class_which", what=text, names=names))
    elif found.candidates:
        near = found.candidates[0]
        work.find("class", "CLASS_UNKNOWN", say("class_slip", what=text, near=near), near)
    else:
        work.find("class", "CLASS_UNKNOWN", say("class_unknown", what=text))
