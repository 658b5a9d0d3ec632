"""The code on a paper: a signed reference to one row of one child. It holds nothing personal and cannot be guessed.

On a card it names a number, on a certificate the stay that ended by graduation; the two are signed apart.
"""

import base64
from collections.abc import Iterable
from uuid import UUID

import segno
from django.core.signing import BadSignature, Signer

from miaoce.registry.children.models import ChildNumber

SIGNER = Signer(salt="miaoce.papers.card", sep=".")
CERTIFICATES = Signer(salt="miaoce.papers.certificate", sep=".")


def tokens_of(child_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the token of each child's present number; one statement. A card is void once the child has another number."""
    current = ChildNumber.objects.filter(child_id__in=list(child_ids), to_on__isnull=True)
    return {child_id: token_of(number_id) for child_id, number_id in current.values_list("child_id", "id")}


def token_of(row_id: UUID, signer: Signer = SIGNER) -> str:
    """Return the signed form of a row's id: a number's, or with the other signer that of a stay."""
    return signer.sign(base64.urlsafe_b64encode(row_id.bytes).decode().rstrip("="))


def row_id_of(token: str, signer: Signer = SIGNER) -> UUID | None:
    """Return the row id that a token was made of by this signer, None for anything else."""
    try:
        text = signer.unsign(token)
        return UUID(bytes=base64.urlsafe_b64decode(text + "=="))
    except (BadSignature, ValueError):
        return None


def drawing(address: str) -> str:
    """Return the code as SVG, without styles of its own, for page and PDF alike."""
    code = segno.make(address, error="m", micro=False)
    drawn: str = code.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="核对用的二维码" ', 1)
