"""The rows of a child who has its number, table by table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.actions import PLAIN
from miaoce.registry.children.models import Child, ChildNumber, DocumentClaim, Guardian, NumberClaim
from miaoce.registry.children.rules import document_key, formal_number, sounds_of, temporary_number
from miaoce.registry.enrolments import states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.rules import registration_due
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal.models import Event
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.queries import digests
from miaoce.registry.vault.safe import Safe


class Lines:
    """Collects rows as plain columns; `written` gives them back in an order that foreign keys allow."""

    def __init__(self, *, safe: Safe, now: datetime) -> None:
        self._safe, self._now, self._today = safe, now, timezone.localdate(now)
        self._decision = new_id()
        self._rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self._wanted: dict[Purpose, list[tuple[dict[str, Any], str, str]]] = defaultdict(list)

    def add(self, child_id: UUID, kindergarten: Kindergarten, group: Group, values: Mapping[str, str]) -> None:
        """Add one child."""
        self._child(child_id, kindergarten, values)
        self._family(child_id, values)
        entered = date.fromisoformat(values["entry_date"])
        self._rows[Proposal].append({
            "id": new_id(), "child_id": child_id, "kindergarten_id": kindergarten.pk, "office_id": kindergarten.office_id,
            "group_id": group.pk, "state": cases.NUMBERED, "version": 3, "entered_on": entered,
            "due_on": registration_due(entered), "submitted_at": self._now, "decided_at": self._now,
            "decision_id": self._decision, "number_after": self._now,
        })  # fmt: skip
        self._rows[Enrolment].append({
            "id": new_id(), "child_id": child_id, "kindergarten_id": kindergarten.pk, "group_id": group.pk,
            "state": states.ATTENDING, "started_on": entered, "boarding": "day",
        })  # fmt: skip
        self._rows[Event].append({
            "id": new_id(), "process_id": self._decision, "child_id": child_id, "subject": "child",
            "subject_id": child_id, "verb": "child.recorded", "effective_on": entered, "recorded_at": self._now,
        })  # fmt: skip

    def written(self) -> Iterable[tuple[Any, list[dict[str, Any]]]]:
        """Make the digests and return the rows of each table; claims in the order of their digests."""
        for purpose, wanted in self._wanted.items():
            found = digests(purpose, (text for _, _, text in wanted))
            for (row, column, _), digest in zip(wanted, found, strict=True):
                row[column] = digest
        for claim in (DocumentClaim, NumberClaim):
            self._rows[claim].sort(key=lambda row: row["digest"])
        return self._rows.items()

    def _child(self, child_id: UUID, kindergarten: Kindergarten, values: Mapping[str, str]) -> None:
        """Add the child with its document, number and claims."""
        number, kind = values.get("id_number", ""), values.get("id_type", "none")
        pinyin, initials = sounds_of(values["name"])
        row = {name: values.get(name, "") for name in PLAIN} | {
            "id": child_id, "name": values["name"], "pinyin": pinyin, "initials": initials,
            "born_on": date.fromisoformat(values["birth_date"]), "document_kind": kind, "nationality": "CHN",
            "document_number": self._sealed(child_id, "child", "document_number", child_id, number),
            "address": self._sealed(child_id, "child", "address", child_id, values["address"]),
            "kindergarten_id": kindergarten.pk, "office_id": kindergarten.office_id, "state": cases.NUMBERED, "standing": states.ATTENDING,
            "recorded_at": self._now, "changed_at": self._now,
        }  # fmt: skip
        self._rows[Child].append(row)
        if number:
            claim = {"child_id": child_id, "claimed_at": self._now}
            self._rows[DocumentClaim].append(claim)
            self._find(Purpose.DOCUMENT_CLAIM, document_key(kind, number), row, "document_digest", claim)
            self._find(Purpose.DOCUMENT_LAST4, number[-4:], row, "document_last4")
        self._number(row, kindergarten, kind, number)

    def _number(self, child: dict[str, Any], kindergarten: Kindergarten, kind: str, document: str) -> None:
        """Add the number: from the document, or a temporary one that nobody else has."""
        if kind == "resident_id":
            letter, number = "G", formal_number(document)
        else:
            ending = f"{kindergarten.code[2:]}{len(self._rows[Child])}"  # longer than a real one, so never drawn twice
            letter = "L"
            number = temporary_number(
                region=kindergarten.region_code, born_on=f"{child['born_on']:%Y%m%d}", ending=int(ending)
            )
        child_id, row_id = child["id"], new_id()
        child["number_kind"], child["number"] = letter, self._sealed(child_id, "child", "number", child_id, number)
        claim = {"child_id": child_id, "claimed_at": self._now}
        alias = {
            "id": row_id, "child_id": child_id, "kind": letter, "issued_at": self._now, "from_on": self._today,
            "number": self._sealed(child_id, "child_number", "number", row_id, number),
        }  # fmt: skip
        self._rows[NumberClaim].append(claim)
        self._rows[ChildNumber].append(alias)
        self._find(Purpose.NUMBER_CLAIM, number, alias, "digest", claim)

    def _family(self, child_id: UUID, values: Mapping[str, str]) -> None:
        """Add the guardians."""
        for position, prefix in enumerate(("guardian1_", "guardian2_"), 1):
            if not (name := values.get(f"{prefix}name")):
                continue
            row_id = new_id()
            number, phone = values[f"{prefix}id_number"], values[f"{prefix}phone"]
            row = {
                "id": row_id, "child_id": child_id, "position": position, "relation": values[f"{prefix}relation"],
                "document_kind": values[f"{prefix}id_type"],
                "name": self._sealed(child_id, "guardian", "name", row_id, name),
                "document_number": self._sealed(child_id, "guardian", "document_number", row_id, number),
                "phone": self._sealed(child_id, "guardian", "phone", row_id, phone),
            }  # fmt: skip
            self._rows[Guardian].append(row)
            self._find(Purpose.PHONE, phone, row, "phone_digest")
            self._find(Purpose.GUARDIAN_DOCUMENT, number, row, "document_digest")

    def _sealed(self, child_id: UUID, table: str, column: str, row_id: UUID, text: str) -> bytes | None:
        return self._safe.seal(child_id, table, column, row_id, text) if text else None

    def _find(
        self, purpose: Purpose, text: str, row: dict[str, Any], column: str, claim: dict[str, Any] | None = None
    ) -> None:
        """Note that a row needs the digest of a text, and so does the claim beside it."""
        self._wanted[purpose].append((row, column, text))
        if claim is not None:
            self._wanted[purpose].append((claim, "digest", text))
