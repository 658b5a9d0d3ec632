"""The spot check before a bulk approval: a random few of the clean cases, large."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import queries
from miaoce.registry.approvals.models import Selection
from miaoce.registry.children import queries as children
from miaoce.registry.children.models import Child
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault.masking import Viewer
from miaoce.web.approvals.panel import entry_words
from miaoce.web.components.formats import age, masked, table_day
from miaoce.web.components.parts import KeyValue


@dataclass(frozen=True)
class Card:
    """One case of the spot check, written out."""

    case_hex: str
    name: str
    rows: Sequence[KeyValue]
    is_seen: bool


def cards_of(selection: Selection, *, officer: Officer, now: datetime) -> list[Card]:
    """Log the reading and return the cards of a selection's sample; none where nothing is sampled."""
    cases = queries.cases_of(officer, [UUID(hex=case) for case in selection.sample])
    if not cases:
        return []
    child_ids = [case.child_id for case in cases]
    journal.log_reading(actor=officer, at=now, what="approval.sample", child_ids=child_ids)
    found = Child.objects.in_bulk(child_ids)
    groups = institutions.groups_by_id({case.group_id for case in cases})
    on = timezone.localdate(now)
    book = reference.codebook(on)
    cards = []
    for case in cases:
        child = found[case.child_id]
        record = children.record_of(child, viewer=Viewer.COUNTY)
        family = "；".join(f"{book.name('relation', one.relation)} {one.name} {one.phone}" for one in record.guardians)
        document = f"{book.name('document', child.document_kind)} {record.document}".strip()
        pairs = {
            "性别": "男" if child.sex == "1" else "女",
            "出生日期": f"{table_day(child.born_on)}（{age(child.born_on, on)}）",
            "证件": masked(document),
            "户籍地": book.region_name(child.hukou_region) if child.hukou_region else "",
            "监护人": masked(family),
            "幼儿园": f"{case.kindergarten.name} {groups[case.group_id].name}",
            "入园日期": entry_words(case),
        }
        rows = [KeyValue(label, value) for label, value in pairs.items() if value]
        cards.append(Card(case.pk.hex, child.name, rows, case.pk.hex in selection.seen))
    return cards
