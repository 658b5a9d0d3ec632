"""Pure rules of problem records: which office is common to all sides, which of two children comes first."""

from collections.abc import Collection
from uuid import UUID

from miaoce.registry.refusals import Refusal


class WordsMissing(Refusal):
    """Whoever sends back or decides against a side says why."""

    code, message, http = "PRB-04", "请写明理由，两边都会原样看到。", 422


class SayingMissing(Refusal):
    """A side of a pair says whether it is one child."""

    code, message, http = "PRB-05", "请选“是同一名”“不是同一名”或“拿不准”。", 422


class EvidenceMissing(Refusal):
    """A word about a record rests on a proof or on words that say what was seen."""

    code, message, http = "PRB-06", "请附一份证明，或写明看过什么证件。", 422


class NotOverdue(Refusal):
    """A kindergarten still has time to say its word."""

    code, message = "PRB-07", "{name}到 {due} 才到期，现在还不能代它裁定。"


class NothingFiled(Refusal):
    """There is no evidence that could be accepted."""

    code, message = "PRB-08", "园里还没有交佐证，不能采信。请退回补佐证。"


class ChangeInHand(Refusal):
    """A record with a change in hand is not merged: the decision about the change would rest on moving ground."""

    code, message = "MRG-01", "其中一条正在办“{kind}”，办完或撤回后再合并。"


class CannotBeMerged(Refusal):
    """Only records with a number that are still somebody's are merged; one that is being registered is returned instead."""

    code, message = "MRG-02", "{which}现在是“{state}”，不能合并。建籍中的请先退回或撤回，已作废的不用合并。"


class TakenOver(Refusal):
    """A record that a primary school took over is the one to keep."""

    code, message = "MRG-03", "要并入的一条已由小学调取。请改为保留这一条。"


class KeptUnknown(Refusal):
    """Which record is kept is one of the two."""

    code, message, http = "MRG-04", "请在这两条里选保留哪一条。", 422


class UsedSince(Refusal):
    """Undoing puts back what a merge touched, exactly; what was changed since would be lost."""

    code, message = "MRG-05", "办完以后又改过{what}，不能原样撤销。请先撤回那些变动，或用拆分分开。"


class AlreadyUndone(Refusal):
    """A merge is undone once."""

    code, message = "MRG-06", "这一次已经撤销过了，请刷新后再看。"


class NothingChosen(Refusal):
    """A split leaves something on either record."""

    code, message, http = "MRG-07", "请选哪些就读和监护人分到新的一条，两边都要有就读。", 422


class CannotBeSplit(Refusal):
    """Only a record with a number that is still somebody's is split."""

    code, message = "MRG-08", "这条学籍现在是“{state}”，不能拆分。请刷新后再看。"


def common_path(paths: Collection[str]) -> str:
    """Return the path of the lowest office that stands above, or is, every office of these paths ("000000/990000/…/")."""
    split = [path.strip("/").split("/") for path in paths]
    shared: list[str] = []
    for codes in zip(*split, strict=False):
        if len(set(codes)) > 1:
            break
        shared.append(codes[0])
    return "".join(f"{code}/" for code in shared)


def in_order(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Return two children in the order in which a pair is kept, whichever was named first."""
    return (one, other) if one < other else (other, one)
