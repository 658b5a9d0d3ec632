"""What corrections are refused for, and with which words."""

from collections.abc import Mapping
from typing import Any

from miaoce.registry.refusals import Refusal


class NotRegistered(Refusal):
    """A child without a number is still being registered: its record is mended there."""

    code, message = "COR-01", "这名幼儿还没有学籍号。要改信息，请在登记里改好后再提交。"


class NotHere(Refusal):
    """The record does not stand where it may be changed: it was handed over to a primary school, or cancelled."""

    code, message = "COR-02", "这名幼儿现在是“{state}”，不能再改信息。请刷新后再看。"


class NothingChanged(Refusal):
    """What is wanted is what stands."""

    code, message, http = "COR-03", "填的和登记的一样，没有要变更的。请改好再提交。", 422


class ProofMissing(Refusal):
    """Key data change on proof only (domain.md §1.3, secondary source)."""

    code, message, http = "COR-04", "关键信息变更要有佐证。请至少传一份证明。", 422


class NotSound(Refusal):
    """A value does not pass the checks that intake makes too. `findings` say which and why, by contract field name."""

    code, message, http = "COR-05", "{words}", 422

    def __init__(self, *, findings: Mapping[str, str], **facts: Any) -> None:
        self.findings = dict(findings)
        super().__init__(words="；".join(findings.values()), **facts)


class DocumentOfAnother(Refusal):
    """Another child holds the document (one child per document)."""

    code = "COR-06"
    message = "这个证件号已登记在另一名幼儿名下。请先核对号码；如果两条是同一名幼儿，请县里按重复学籍处理。"


class NotYet(Refusal):
    """A change is recorded once it is true, and not from before the child was born."""

    code, message, http = "COR-07", "生效日期要在出生之后、今天之前。请照证明上的日期填。", 422


class ReasonUnknown(Refusal):
    """The reason is one of the list `correction_reason`."""

    code, message, http = "COR-08", "没选变更原因。请选一项。", 422


class WordsMissing(Refusal):
    """This reason needs words."""

    code, message, http = "COR-09", "选了“{reason}”，请再写一句为什么变更。", 422


class ChangedMeanwhile(Refusal):
    """Somebody changed the same fields after the record was shown (ux.md W13)."""

    code, message = "COR-10", "您打开后，{who}改过{labels}，请对照后再保存。"


class NotEditable(Refusal):
    """Key data change by case; other fields at once."""

    code, message, http = "COR-11", "“{label}”是关键信息，要走关键信息变更，由县里核准。", 422
