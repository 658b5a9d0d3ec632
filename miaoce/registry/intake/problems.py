"""What is to be said about a row, and how each thing can be mended: words, the text that stands there, what is offered."""

import re
from dataclasses import dataclass

from miaoce.registry.intake import states
from miaoce.registry.intake.contents import REGISTER_CODES, Content
from miaoce.registry.intake.fields import CARE, FIELD, label
from miaoce.registry.intake.findings import ENTRY_MISSING, IDENTITY_CODES, Finding
from miaoce.registry.intake.standing import Case
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault.masking import HIDDEN, Field, Viewer, mask_document, shown

MASKS = {
    "id_number": Field.DOCUMENT,
    "birth_certificate_number": Field.DOCUMENT,
    "phone": Field.PHONE,
    "address": Field.ADDRESS,
}
OFFERED = ("code", "class", "document", "yes_no")
"""Kinds of field whose words can be chosen from a list."""
LONG_NUMBER = re.compile(r"\d{9,}[Xx]?")


@dataclass(frozen=True, slots=True)
class Beside:
    """One more input that mends the same thing."""

    field: str
    label: str
    offer: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about a row: `why` and `hint` in words, how to mend it, or which record to compare with.

    `tone` is empty (to mend), dup or warn; `suggestion` is the word to be offered for the field `takes`, `value` the text
    that stands there; `beside` are further fields to be filled together with this one.
    """

    tone: str
    why: str
    hint: str
    field: str = ""
    label: str = ""
    value: str = ""
    suggestion: str = ""
    takes: str = ""
    offer: str = ""
    beside: tuple[Beside, ...] = ()
    compares: bool = False


def problems_of(content: Content, state: str, case: Case | None, codebook: Codebook) -> list[Problem]:
    """Return what is to be said about a row in its state."""
    if state == states.RETURNED and case is not None:
        return [_returned(case, codebook)]
    if state in (states.SENT, states.DONE, states.ASIDE):
        return []
    if state == states.REPEATED:
        return [Problem("warn", "和另一条是同一名，这一行不提交。", "要恢复请点开这一行。")]
    findings = [finding for finding in content.findings if finding.code != ENTRY_MISSING]
    if state == states.KNOWN:
        return [problem(finding, content, codebook) for finding in findings if finding.code in REGISTER_CODES]
    blocking = [finding for finding in findings if not finding.remark]
    if state == states.FIX:
        findings = [finding for finding in blocking if finding.code not in IDENTITY_CODES] or blocking
    elif blocking:
        findings = blocking
    return [problem(finding, content, codebook) for finding in findings]


def _returned(case: Case, codebook: Codebook) -> Problem:
    """Return the county's reasons and words, word for word."""
    reasons = "；".join(codebook.name("refusal_reason", reason) for reason in case.reasons)
    said = "；".join(part for part in (reasons, case.words) if part)
    return Problem("", f"县里退回：{said}", "改好后再次提交，不用重填其他内容。")


def problem(finding: Finding, content: Content, codebook: Codebook) -> Problem:
    """Return one finding with the way to mend it."""
    why, stop, hint = finding.message.partition("。")
    tone = "warn" if finding.remark else "dup" if finding.code in IDENTITY_CODES else ""
    key = finding.field or ""
    if finding.remark or key not in FIELD:
        return Problem(tone, why + stop, hint, compares=tone == "dup" and _can_compare(finding, content))
    takes, suggestion = suggestion_of(finding) or (key, "")
    return Problem(
        tone=tone,
        why=why + stop,
        hint=hint,
        field=key,
        label=label(key),
        value=shown_text(key, content, codebook),
        suggestion=masked_text(takes, words_of(takes, suggestion, codebook)),
        takes=takes,
        offer=offer_of(key),
        beside=_beside(finding, content),
        compares=tone == "dup" and _can_compare(finding, content),
    )


def _beside(finding: Finding, content: Content) -> tuple[Beside, ...]:
    """Return what else is asked where a guardian is missing altogether: name, relation and telephone in one round."""
    person, _, part = (finding.field or "").partition("_")
    if finding.code != "GUARDIAN_MISSING" or part != "name":
        return ()
    keys = [f"{person}_relation", f"{person}_phone"]
    said = {f.field for f in content.own}
    return tuple(Beside(k, label(k), offer_of(k)) for k in keys if k not in said and not content.text(k))


def suggestion_of(finding: Finding) -> tuple[str, str] | None:
    """Return the field and the value that one press puts in; where a number is missing, that there are no papers."""
    if finding.code == "ID_MISSING" and finding.field == "id_number":
        return "id_type", "none"
    return (finding.field or "", finding.suggestion) if finding.suggestion else None


def _can_compare(finding: Finding, content: Content) -> bool:
    """Say whether there is another record to be put beside."""
    return finding.code.endswith("_IN_FILE") or bool(content.alike)


def offer_of(key: str) -> str:
    """Return the list of words that an input offers, or nothing."""
    known = FIELD[key]
    if known.kind == "class":
        return "class"
    return known.code_list or "" if known.kind in OFFERED and known.code_list != "country" else ""


def shown_text(key: str, content: Content, codebook: Codebook) -> str:
    """Return what stands in an input: the text as given, codes as words."""
    raw = content.raw.get(key)
    return words_of(key, raw if raw is not None else content.values.get(key, ""), codebook)


def masked_text(key: str, text: str) -> str:
    """Return a text as lists show it: numbers of documents and telephones and addresses masked, health hidden."""
    if key in CARE:
        return HIDDEN if text else ""
    kind = MASKS.get(key.removeprefix("guardian1_").removeprefix("guardian2_"))
    return without_long_numbers(text) if kind is None else shown(kind, text, Viewer.OWN)


def without_long_numbers(text: str) -> str:
    """Return a text with what could be a document or a telephone number in it masked."""
    return LONG_NUMBER.sub(lambda found: mask_document(found[0]), text)


def words_of(key: str, value: str, codebook: Codebook) -> str:
    """Return a value as a person writes it: codes as words, everything else as it is."""
    known = FIELD.get(key)
    if not value or known is None or not known.code_list:
        return value
    return codebook.name(known.code_list, value)
