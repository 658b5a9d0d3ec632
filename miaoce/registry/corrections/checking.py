"""Checks wanted values by the same functions as a row of intake, against what stands of the child."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from miaoce.registry.corrections.rules import NotSound
from miaoce.registry.intake import rolls
from miaoce.registry.intake.fields import label
from miaoce.registry.intake.findings import Finding
from miaoce.registry.intake.groups import Place
from miaoce.registry.reference.codebook import Codebook

DOCUMENT = frozenset({"id_type", "id_number"})
TOGETHER = {
    "SEX_MISMATCH": DOCUMENT | {"sex"},
    "BIRTH_MISMATCH": DOCUMENT | {"birth_date"},
    "ID_MISSING": DOCUMENT,
    "ID_TYPE_UNKNOWN": DOCUMENT,
}
"""Faults between fields of which only one may have been changed."""

AGES = frozenset({"AGE_TOO_YOUNG", "AGE_TOO_OLD", "AGE_UNDER_3", "AGE_SCHOOL"})
"""Whether somebody may enter is no question of a child that is registered; the county sees what is strange."""


@dataclass(frozen=True)
class Checked:
    """Values that came out sound, and what the county should see about them."""

    values: Mapping[str, str]
    remarks: list[Finding] = field(default_factory=list)


def check(
    *, known: Mapping[str, str], wanted: Mapping[str, str], place: Place, book: Codebook, among: Collection[str]
) -> Checked:
    """Return the values of `among` as they are to be. Refuses (COR-05) what is not sound, field by field.

    `known` are the child's values as they stand and `wanted` the texts that are to replace some of them, by contract field
    names; an empty text empties a field. What stays is not judged.
    """
    if book.code("document", wanted.get("id_type", "")) == "none":
        wanted = {**wanted, "id_number": ""}
    changed = {key for key in among if wanted.get(key, known.get(key, "")) != known.get(key, "")}
    texts = {key: text for key, text in {**known, **wanted}.items() if text}
    row = rolls.check_row(texts, place=place, codebook=book)
    found = [one for one in row.findings if _concerns(one, changed, among)]
    lost = {key for key in changed if wanted.get(key) and key not in row.values}
    faults = [one for one in found if one.code not in AGES and (not one.remark or one.field in lost)]
    if faults:
        raise NotSound(findings={one.field or "": f"{label(one.field)}：{one.message}" for one in reversed(faults)})
    values = {key: row.values.get(key, "") if key in changed else known.get(key, "") for key in among}
    return Checked(values, [one for one in found if one not in faults])


def _concerns(found: Finding, changed: Collection[str], among: Collection[str]) -> bool:
    """Say whether a finding is about what is to be changed: what stood there before is nobody's fault today."""
    together = TOGETHER.get(found.code, frozenset())
    return found.field in changed or (found.field in among and not together.isdisjoint(changed))
