"""Signed packages of claimed children: numbered without a gap for each school, the same bytes whenever they are asked for."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.states import ChangedSinceShown
from miaoce.registry.children.models import Child, ChildNumber, Guardian
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.handover import envelope
from miaoce.registry.handover.models import Handover, Package, PackageLine
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe

VALID_DAYS = 180
PLAIN = (
    "name", "former_name", "sex", "document_kind", "nationality", "ethnicity", "hukou_region", "hukou_kind", "birth_region",
)  # fmt: skip


def signing_key() -> Ed25519PrivateKey:
    """Return the key that signs packages, made of the installation's index secret for this purpose alone (docs/keys.md)."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vault.digest(Purpose.PACKAGE_SIGNING, "ed25519")))


def public_key() -> bytes:
    """Return the public key as PEM, for whoever verifies."""
    return signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@transaction.atomic
def package_of(*, handover: Handover, process: Process) -> bytes:
    """Return the package of a claimed child for its school: made at the first asking, the same bytes ever after.

    The caller logs the reading first. Two who ask at once for the first time: one is asked to try again (APR-02).
    """
    require(process.actor, Permission.HANDOVER_CLAIM)
    safe = vault.open_safe([handover.child_id])
    made = Package.objects.filter(child_id=handover.child_id, school_id=handover.school_id).first()
    if made is not None:
        return b64decode(safe.open(made.child_id, "package", "content", made.pk, bytes(made.content)))
    line, _ = PackageLine.objects.get_or_create(school_id=handover.school_id)
    terms = envelope.Terms(
        sender=settings.SENDER, receiver=handover.school.code, sequence=line.last + 1, created=process.at,
        not_after=process.at + timedelta(days=VALID_DAYS), previous=line.last_digest,
    )  # fmt: skip
    data, digest = envelope.seal(terms=terms, content=_content(handover, safe), key=signing_key())
    moved = PackageLine.objects.filter(pk=line.pk, last=line.last).update(last=line.last + 1, last_digest=digest)
    if not moved:
        raise ChangedSinceShown
    one = Package(
        id=new_id(), child_id=handover.child_id, school_id=handover.school_id, sequence=terms.sequence, made_at=process.at,
        digest=digest, previous_digest=terms.previous,
    )  # fmt: skip
    one.content = safe.seal(one.child_id, "package", "content", one.pk, b64encode(data).decode())
    rows.insert([one])
    journal.note(process, [journal.made("package.made", one, child_id=one.child_id)])
    return data


def _content(handover: Handover, safe: Safe) -> Mapping[str, Any]:
    """Return the record as the school system takes it (docs/handover-package.schema.json)."""
    child = Child.objects.get(pk=handover.child_id)
    pk = child.pk

    def opened(table: str, column: str, row_id: Any, blob: Any) -> str:
        return safe.open(pk, table, column, row_id, bytes(blob)) if blob is not None else ""

    numbers = ChildNumber.objects.filter(child_id=pk).order_by("from_on", "id")
    stays = Enrolment.objects.filter(child_id=pk).select_related("kindergarten", "group").order_by("started_on", "id")
    return {
        "child": pk.hex,
        **{name: getattr(child, name) for name in PLAIN},
        "born_on": child.born_on.isoformat(),
        "document_number": opened("child", "document_number", pk, child.document_number),
        "address": opened("child", "address", pk, child.address),
        "number": opened("child", "number", pk, child.number),
        "numbers": [
            {
                "kind": n.kind, "number": opened("child_number", "number", n.pk, n.number), "from_on": n.from_on.isoformat(),
                "to_on": n.to_on.isoformat() if n.to_on else None,
            }
            for n in numbers
        ],
        "guardians": [
            {
                "name": opened("guardian", "name", g.pk, g.name), "relation": g.relation,
                "phone": opened("guardian", "phone", g.pk, g.phone),
            }
            for g in Guardian.objects.filter(child_id=pk).order_by("position")
        ],
        "stays": [
            {
                "kindergarten": s.kindergarten.code, "kindergarten_name": s.kindergarten.name, "group": s.group.name,
                "state": s.state, "started_on": s.started_on.isoformat(), "ended_on": s.ended_on.isoformat() if s.ended_on else None,
            }
            for s in stays
            if s.state not in {"applied", "withdrawn"}
        ],
    }  # fmt: skip
