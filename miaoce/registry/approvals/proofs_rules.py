"""What proofs are refused for, and with which words."""

from miaoce.registry.approvals.proofs_drawing import CORRUPT, LOCKED, NOT_A_PROOF, PAGES, Drawing, Limits
from miaoce.registry.refusals import Refusal

MOST_FREE = 12  # proofs of one child that no case has taken yet
FREE_DAYS = 7  # how long they are kept


class NoProof(Refusal):
    """Nothing was sent along."""

    code, message, http = "PRF-01", "还没有选佐证文件。请选照片或 PDF。", 422


class ProofTooLarge(Refusal):
    """A file is larger than what is opened (trust.md S-13)."""

    code, message, http = "PRF-02", "文件有 {megabytes} MB，最多 {most} MB。请把照片调小一些再传。", 422


class NotAProof(Refusal):
    """The file is neither a picture nor a PDF, by its first bytes."""

    code, message, http = "PRF-03", "这不是照片或 PDF。请传 JPG、PNG、WebP、HEIC 照片，或 PDF。", 422


class ProofUnreadable(Refusal):
    """The file is not whole."""

    code, message, http = "PRF-04", "这个文件打不开，多半没传完整。请重新拍照或另存一份再传。", 422


class ProofLocked(Refusal):
    """The PDF needs a password."""

    code, message, http = "PRF-05", "这份 PDF 加了密码，打不开。请去掉密码再传。", 422


class TooManyPages(Refusal):
    """The PDF has more pages than a proof needs."""

    code, message, http = "PRF-06", "这份 PDF 有 {pages} 页，最多 {most} 页。请只留证明要用的页。", 422


class ProofTooHeavy(Refusal):
    """The file unpacks beyond the bounds of memory, time or pixels (trust.md S-13)."""

    code, message, http = "PRF-07", "这个文件展开后大得不正常，没有打开。请重新拍一张照片再传。", 422


class UnknownProofKind(Refusal):
    """The kind of a proof is one of the list `proof`."""

    code, message, http = "PRF-08", "没选佐证种类。请选这是什么证明。", 422


class ProofTaken(Refusal):
    """A proof that is to be filed is not there for this child any more, or is filed with another case."""

    code, message = "PRF-09", "选中的佐证里有一份已用在别处或已清理。请重新上传。"


class ProofGone(Refusal):
    """The bytes of a proof are no longer kept."""

    code, message, http = "PRF-10", "这份佐证已不在，内容读不出来。", 410


class DrawersBusy(Refusal):
    """Every process that opens proofs is at work."""

    code, message, http = "PRF-11", "现在上传的人多，这份还没收下。请过一会儿再传。", 503


class TooManyFree(Refusal):
    """A child has enough proofs that no case has taken."""

    code, message = "PRF-12", "这名幼儿已有 {count} 份还没用上的佐证。请先删掉不用的。"


def must_fit(*, size: int, limits: Limits) -> None:
    """Refuse an empty file (PRF-01) and one above the limit (PRF-02)."""
    if size == 0:
        raise NoProof
    if size > limits.file_bytes:
        raise ProofTooLarge(megabytes=-(-size // (1 << 20)), most=limits.file_bytes >> 20)


def must_be_drawn(*, drawing: Drawing, limits: Limits) -> None:
    """Refuse (PRF-03 to PRF-07) what could not be drawn."""
    if drawing.refused == PAGES:
        raise TooManyPages(pages=drawing.count, most=limits.pages)
    if drawing.refused:
        words = {NOT_A_PROOF: NotAProof, CORRUPT: ProofUnreadable, LOCKED: ProofLocked}
        raise words.get(drawing.refused, ProofTooHeavy)
