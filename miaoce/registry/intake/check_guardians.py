"""Checks guardians: one who is complete (name, relation, telephone) is enough; the other one's gaps are remarks."""

import re
from dataclasses import dataclass

from miaoce.registry.intake import check_documents, check_names, families
from miaoce.registry.intake.findings import Finding
from miaoce.registry.intake.rowwork import RowWork
from miaoce.registry.intake.tidy import half_width, is_nothing, is_scientific, tidy_name, tidy_phone
from miaoce.registry.intake.wording import say

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:0\d{2,3}[2-8]\d{6,7}(?:转|#)?\d{0,4}|[2-8]\d{6,7}(?:(?:转|#)\d{1,5})?)")
_ABROAD = re.compile(r"\+\d{8,15}|00\d{8,15}")
_SEVERAL = re.compile(r"[/、,，;；|\n]|\s{2,}|或|和|(?<=\d{11})\s+(?=\d{11})|(?<=\d{11})\s*[(（]")
_LABEL = re.compile(r"^(?:[^\d+]{1,8}[:：])|[\u4e00-\u9fff()（）]+")
SLOTS = ("guardian1", "guardian2")


@dataclass
class _Guardian:
    """One guardian of a row: what was found out, and what stands in the way of being complete."""

    key: str
    given: bool
    faults: list[Finding]


def check(work: RowWork) -> None:
    """Check both guardians of a row."""
    raw = work.row.raw
    if not any(k.startswith("guardian") for k in raw):
        work.find("guardian1_name", "GUARDIAN_MISSING", say("guardian_missing"))
        return
    if not any(f"{SLOTS[0]}_{part}" in work.verbatim for part in families.PARTS):
        raw = work.texts = {**raw, **families.take_apart(raw)}
    people = [_read(work, key) for key in SLOTS if any(k.startswith(key) for k in raw)]
    people = [p for p in people if p.given]
    if not people:
        work.find("guardian1_name", "GUARDIAN_MISSING", say("guardian_missing"))
        return
    complete = any(not p.faults for p in people)
    work.row.findings.extend(
        Finding(f.field, f.code, f.message, f.suggestion, remark=complete or person is not people[0])
        for person in people
        for f in person.faults
    )


def _read(work: RowWork, key: str) -> _Guardian:
    texts = {part: work.text(f"{key}_{part}") for part in ("name", "relation", "phone", "id_number")}
    person = _Guardian(key, not all(is_nothing(texts[p]) for p in ("name", "phone", "id_number")), [])
    if not person.given:
        return person
    _read_name(work, person, texts["name"])
    _read_relation(work, person, texts["relation"])
    _read_phone(work, person, work.texts.get(f"{key}_phone", ""))
    if not is_nothing(texts["id_number"]):
        check_documents.check_guardian(work, key)
    return person


def _read_name(work: RowWork, person: _Guardian, text: str) -> None:
    key = f"{person.key}_name"
    if is_nothing(text):
        person.faults.append(Finding(key, "GUARDIAN_MISSING", say("guardian_name_missing")))
        return
    before = len(work.row.findings)
    raw = work.texts[key]
    if check_names.check_name(work, key, raw):
        work.put(key, raw if key in work.verbatim else tidy_name(raw))
    person.faults.extend(f for f in work.row.findings[before:] if not f.remark)
    work.row.findings[before:] = [f for f in work.row.findings[before:] if f.remark]


def _read_relation(work: RowWork, person: _Guardian, text: str) -> None:
    key = f"{person.key}_relation"
    if is_nothing(text):
        person.faults.append(Finding(key, "GUARDIAN_MISSING", say("relation_missing")))
        return
    code = work.rules.code("relation", text)
    if code is not None:
        work.put(key, code, work.rules.codebook.name("relation", code))
        return
    near = work.near("relation", text)
    if near:
        message = say("relation_slip", what=text, near=work.rules.codebook.name("relation", near))
    else:
        message = say("relation_unknown", what=text)
    person.faults.append(Finding(key, "RELATION_UNKNOWN", message, near))


def _read_phone(work: RowWork, person: _Guardian, raw: str) -> None:
    key = f"{person.key}_phone"
    if is_nothing(raw):
        person.faults.append(Finding(key, "GUARDIAN_MISSING", say("phone_missing")))
        return
    phone = tidy_phone(raw)
    if _MOBILE.fullmatch(phone):
        work.put(key, phone)
        return
    parts = [tidy_phone(_LABEL.sub("", half_width(p))) for p in _SEVERAL.split(raw)]
    mobiles = [p for p in parts if _MOBILE.fullmatch(p)]
    if mobiles:
        work.put(key, mobiles[0])
        if len([p for p in parts if len(p) > 5]) > 1:
            work.find(key, "PHONE_SEVERAL", say("phone_two"), remark=True)
    elif _LANDLINE.fullmatch(phone) and 7 <= len(phone) <= 17 and not phone.startswith("1"):
        work.put(key, phone)
        work.find(key, "PHONE_LANDLINE", say("phone_landline"), remark=True)
    elif _ABROAD.fullmatch(phone):
        work.put(key, phone)
        work.find(key, "PHONE_ABROAD", say("phone_foreign"), remark=True)
    else:
        person.faults.append(Finding(key, "PHONE_INVALID", _about_phone(raw, phone)))


def _about_phone(raw: str, phone: str) -> str:
    if is_scientific(raw):
        return say("phone_damaged", what=raw.strip())
    if phone.isascii() and phone.isdigit():
        if phone[0] == "1" and len(phone) < 11:
            return say("phone_short", have=len(phone), by=11 - len(phone))
        if len(phone) > 11:
            return say("phone_long", have=len(phone), by=len(phone) - 11)
        if len(phone) == 11:
            return say("phone_start", what=phone[:3])
    return say("phone_unreadable")
