"""Checks the kind and number of a child's or guardian's document."""

import re

from miaoce.registry.identity import rules
from miaoce.registry.identity.rules import DocumentFacts
from miaoce.registry.intake.rowwork import RowWork
from miaoce.registry.intake.tidy import NO_PAPERS, half_width, is_nothing, is_scientific, tidy_number, tidy_text
from miaoce.registry.intake.wording import say

_NOTHING = DocumentFacts("missing")
_LIKE_RESIDENT = re.compile(r"[\dX*?OI]{12,24}")
_RESIDENT_KINDS = frozenset({"resident_id", "hmt_residence_permit"})
_NO_PAPERS = re.compile(
    r"(?:暂|尚|还)?(?:无|没有|没|未).{0,6}(?:证件|身份证|户口|上户|落户|办理|办)|办理中|未办|待办|待补|补办中"
)


def check_child(work: RowWork) -> DocumentFacts:
    """Check the child's document; return what follows from its number (nothing, unless it is sound)."""
    _check_birth_certificate(work)
    kind, known = _written_kind(work, "id_type")
    text = work.text("id_number")
    says_none = _says_no_papers(text)
    if kind == "none" or (says_none and kind is None and known):
        return _no_papers(work, text, says_none)
    if is_nothing(text) or says_none:
        return _missing(work, kind) if known else _NOTHING
    if work.formula("id_number", text):
        return _NOTHING
    number = tidy_number(text)
    if _is_damaged(number):
        work.find("id_number", "ID_EXCEL_DAMAGED", say("id_damaged"))
        _put_kind(work, kind)
        return _NOTHING
    return _check_number(work, kind, number) if known else _NOTHING


def _missing(work: RowWork, kind: str | None) -> DocumentFacts:
    """Find fault with a number that is not there."""
    _put_kind(work, kind)
    words = (
        say("id_missing") if kind is None or kind == "resident_id" else say("id_missing_of", kind=_shown(work, kind))
    )
    work.find("id_number", "ID_MISSING", words)
    return _NOTHING


def _put_kind(work: RowWork, kind: str | None) -> None:
    """Keep a kind that was written, whatever becomes of the number."""
    if kind is not None:
        work.put("id_type", kind, _shown(work, kind))


def _shown(work: RowWork, kind: str) -> str:
    return work.rules.codebook.name("document", kind)


def _written_kind(work: RowWork, key: str) -> tuple[str | None, bool]:
    """Return (kind, whether it can be gone on with); a kind that nobody knows is found fault with."""
    text = work.text(key)
    if not text or text in ("-", "/", "—"):
        return None, True
    kind = work.rules.code("document", text)
    if kind is None and _says_no_papers(text):
        kind = "none"
    if kind is None or kind not in rules.DOCUMENT_KINDS:
        work.find(key, "ID_TYPE_UNKNOWN", say("id_type_unknown", what=text), work.near("document", text))
        return None, False
    return kind, True


def _says_no_papers(text: str) -> bool:
    plain = "".join(half_width(text).split()).strip("()")
    return plain in NO_PAPERS or (len(plain) <= 14 and _NO_PAPERS.search(plain) is not None)


def _no_papers(work: RowWork, text: str, says_none: bool) -> DocumentFacts:
    work.put("id_type", "none", work.rules.codebook.name("document", "none"))
    if is_nothing(text) or says_none:
        return DocumentFacts()
    number = tidy_number(text)
    if rules.read_document("birth_certificate", number).fault is None:
        work.row.values.setdefault("birth_certificate_number", number)
        return DocumentFacts()
    work.find("id_type", "ID_TYPE_UNKNOWN", say("id_type_not_needed"), rules.guess_kind(number))
    return _NOTHING


def _is_damaged(number: str) -> bool:
    if is_scientific(number):
        return True
    return len(number) == 18 and number.isdigit() and number.endswith("000") and not rules.has_sound_check(number)


def _check_number(work: RowWork, kind: str | None, number: str) -> DocumentFacts:
    if kind is None:
        kind = _guess(work, number)
        if kind is None:
            return _NOTHING
    facts = rules.read_document(kind, number)
    fault = facts.fault
    if fault is None and kind in _RESIDENT_KINDS:
        fault = _region_fault(work, kind, facts)
    if fault is not None:
        _find_fault(work, "id_number", kind, number, fault)
        if "id_type" in work.row.raw:
            work.put("id_type", kind, work.rules.codebook.name("document", kind))
        return _NOTHING
    work.put("id_type", kind, work.rules.codebook.name("document", kind))
    work.put("id_number", number)
    return facts


def _guess(work: RowWork, number: str) -> str | None:
    """Tell the kind from the number where no kind is written; find fault where it cannot be told."""
    kind = rules.guess_kind(number)
    if kind == "resident_id" and not work.rules.codebook.knows_region(number[:6]) and rules.is_residence_card(number):
        return "foreign_permanent_residence"
    if kind is not None:
        return kind
    if _LIKE_RESIDENT.fullmatch(number):
        return "resident_id"
    work.find("id_type", "ID_TYPE_UNKNOWN", say("id_type_guess"))
    return None


def _region_fault(work: RowWork, kind: str, facts: DocumentFacts) -> str | None:
    region = facts.region or ""
    if kind == "resident_id" and region in rules.HMT_REGIONS:
        return rules.REGION
    return None if work.rules.codebook.knows_region(region) or region in rules.HMT_REGIONS else rules.REGION


def _find_fault(work: RowWork, key: str, kind: str, number: str, fault: str, *, remark: bool = False) -> None:
    have = len(number)
    if fault == rules.LENGTH:
        wording = "id_short" if have < 18 else "id_long"
        work.find(key, "ID_LENGTH", say(wording, have=have, by=abs(18 - have)), remark=remark)
    elif fault == rules.CHARACTERS:
        strange = re.sub(r"\d", "", number[:17]) or number[17:]
        message = say("id_masked") if "*" in strange or "＊" in strange else say("id_characters", what=strange[:3])
        work.find(key, "ID_CHARACTERS", message, remark=remark)
    elif fault == rules.CHECKSUM:
        work.find(key, "ID_CHECKSUM", say("id_checksum"), remark=remark)
    elif fault == rules.BIRTH:
        work.find(
            key,
            "BIRTH_INVALID",
            say("birth_in_number", what=f"{number[6:10]}-{number[10:12]}-{number[12:14]}"),
            remark=remark,
        )
    elif fault == rules.REGION:
        work.find(key, "ID_REGION", _about_region(kind, number), remark=remark)
    else:
        shown = work.rules.codebook.name("document", kind)
        work.find(key, "ID_FORMAT", say("id_format", kind=shown), remark=remark)


def _about_region(kind: str, number: str) -> str:
    if kind == "hmt_residence_permit":
        return say("id_region_not_hmt")
    if number[:6] in rules.HMT_REGIONS:
        return say("id_region_hmt", what=number[:2])
    return say("id_region", what=number[:6])


def _check_birth_certificate(work: RowWork) -> None:
    text = work.text("birth_certificate_number")
    if is_nothing(text) or _says_no_papers(text):
        return
    number = tidy_number(text)
    if rules.read_document("birth_certificate", number).fault is None:
        work.put("birth_certificate_number", number)
    else:
        kind = work.rules.codebook.name("document", "birth_certificate")
        work.find("birth_certificate_number", "ID_FORMAT", say("id_format", kind=kind), remark=True)


def check_guardian(work: RowWork, key: str) -> None:
    """Check a guardian's document (`key` is guardian1 or guardian2). Not required: what is wrong stays a remark."""
    text = tidy_text(work.row.raw.get(f"{key}_id_number", ""))
    written = work.text(f"{key}_id_type")
    kind = work.rules.code("document", written) if written else None
    if is_nothing(text) or _says_no_papers(text):
        return
    number = tidy_number(text)
    if _is_damaged(number):
        work.find(f"{key}_id_number", "ID_EXCEL_DAMAGED", say("id_damaged"), remark=True)
        return
    kind = kind or rules.guess_kind(number) or "resident_id"
    facts = rules.read_document(kind, number)
    fault = facts.fault or (_region_fault(work, kind, facts) if kind in _RESIDENT_KINDS else None)
    if fault is not None:
        _find_fault(work, f"{key}_id_number", kind, number, fault, remark=True)
        return
    work.put(f"{key}_id_number", number)
    if kind:
        work.put(f"{key}_id_type", kind, work.rules.codebook.name("document", kind))
