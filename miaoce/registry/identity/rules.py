"""Rules of identity documents: formats, check characters and what follows from a number.

Pure. Sources: GB 11643 (resident identity number, also carried by residence permits of Hong Kong, Macao and Taiwan
residents), ISO 7064 MOD 11-2, GB 32100 (unified social credit code), the layouts of travel permits, permanent
residence cards and birth certificates. Whether a region code was ever in use is asked of the codebook, not here.
"""

import re
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_2

DOCUMENT_KINDS = (
    "resident_id",
    "hmt_residence_permit",
    "hm_travel_permit",
    "tw_travel_permit",
    "foreign_permanent_residence",
    "passport",
    "birth_certificate",
    "none",
)
"""Kinds of documents by which a child or guardian is known; `none` is a child without papers."""

FOREIGN_KINDS = frozenset({"foreign_permanent_residence", "passport"})
HMT_REGIONS = frozenset({"810000", "820000", "830000"})

LENGTH, CHARACTERS, CHECKSUM, BIRTH, REGION, FORMAT = "length", "characters", "checksum", "birth", "region", "format"
"""What can be wrong with a number."""

_EIGHTEEN = re.compile(r"\d{17}[\dX]")
_LAYOUTS = {
    "hm_travel_permit": re.compile(r"[HM](\d{8}|\d{10})"),
    "tw_travel_permit": re.compile(r"(\d{8}|\d{10}|\d{10}[A-Z])"),
    "passport": re.compile(r"[A-Z0-9]{5,17}"),
    "birth_certificate": re.compile(r"[A-Z]\d{9}"),
}
_OLD_RESIDENCE_CARD = re.compile(r"[A-Z]{3}\d{12}")


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a number says. `fault` is None or one of the module's fault words; facts follow only from a sound number."""

    fault: str | None = None
    region: str | None = None
    birth_date: date | None = None
    sex: str | None = None


def check_character(first17: str) -> str:
    """Return the check character of a resident number from its first 17 digits (ISO 7064 MOD 11-2)."""
    return str(ric.calc_check_digit(first17 + "0"))


def has_sound_check(number: str) -> bool:
    """Tell whether 18 characters end with the right MOD 11-2 check character."""
    return _EIGHTEEN.fullmatch(number) is not None and check_character(number[:17]) == number[17]


def is_uscc(number: str) -> bool:
    """Tell whether the text is a unified social credit code with a right check character (GB 32100)."""
    return bool(uscc.is_valid(number))


def read_resident(number: str) -> DocumentFacts:
    """Read an 18-character number of GB 11643. The region code is returned, not judged."""
    if len(number) != 18:
        return DocumentFacts(LENGTH)
    if _EIGHTEEN.fullmatch(number) is None:
        return DocumentFacts(CHARACTERS)
    if check_character(number[:17]) != number[17]:
        return DocumentFacts(CHECKSUM)
    return _born(number, number[:6])


def read_document(kind: str, number: str) -> DocumentFacts:
    """Read a tidied number (upper case, no separators) as the kind of document says.

    Refusals are the faults: wrong length, wrong characters, wrong check character, impossible birth date inside.
    """
    if kind == "resident_id":
        return read_resident(number)
    if kind == "hmt_residence_permit":
        facts = read_resident(number)
        return DocumentFacts(REGION) if facts.fault is None and facts.region not in HMT_REGIONS else facts
    if kind == "foreign_permanent_residence":
        return _residence_card(number)
    layout = _LAYOUTS.get(kind)
    return DocumentFacts(None if layout is None or layout.fullmatch(number) else FORMAT)


def guess_kind(number: str) -> str | None:
    """Tell the kind of document from a number alone, or None. Eighteen characters mean a resident number."""
    if len(number) == 18:
        if number[:6] in HMT_REGIONS:
            return "hmt_residence_permit"
        return "resident_id"
    for kind in ("birth_certificate", "hm_travel_permit", "tw_travel_permit"):
        if _LAYOUTS[kind].fullmatch(number):
            return kind
    return "foreign_permanent_residence" if _OLD_RESIDENCE_CARD.fullmatch(number) else None


def is_residence_card(number: str) -> bool:
    """Tell whether the number is a foreigner's permanent residence number of the old or the new layout."""
    return _residence_card(number).fault is None


def _residence_card(number: str) -> DocumentFacts:
    if _OLD_RESIDENCE_CARD.fullmatch(number):
        return DocumentFacts()
    if len(number) != 18 or number[0] != "9":
        return DocumentFacts(FORMAT)
    if _EIGHTEEN.fullmatch(number) is None:
        return DocumentFacts(CHARACTERS)
    if not mod_11_2.is_valid(number):
        return DocumentFacts(CHECKSUM)
    return _born(number, None)


def _born(number: str, region: str | None) -> DocumentFacts:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return DocumentFacts(BIRTH, region)
    return DocumentFacts(None, region, born, "1" if int(number[16]) % 2 else "2")
