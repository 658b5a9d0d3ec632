"""The short-lived key under which the pages of a proof are fetched: given once the look was logged, to one officer."""

from uuid import UUID

from django.core import signing

from miaoce.registry.access.officers import Officer

SALT = "proof"
SECONDS = 300


def key_of(proof_id: UUID, officer: Officer) -> str:
    """Return the key for an officer's look at a proof."""
    return signing.TimestampSigner(salt=SALT).sign_object([proof_id.hex, str(officer.appointment_id)])


def fits(key: str, proof_id: UUID, officer: Officer) -> bool:
    """Say whether a key was given to this officer for this proof within the last minutes."""
    try:
        held = signing.TimestampSigner(salt=SALT).unsign_object(key, max_age=SECONDS)
    except signing.BadSignature:
        return False
    return bool(held == [proof_id.hex, str(officer.appointment_id)])
