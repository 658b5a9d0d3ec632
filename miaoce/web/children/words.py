"""What happened to a child and who looked, in the words of a page."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from django.utils.timezone import localdate, localtime

from miaoce.registry.access.permissions import GUARDIAN, ROLES
from miaoce.registry.approvals.states import CASE_KINDS
from miaoce.registry.children.notices import CHANNELS
from miaoce.registry.children.queries import Happening, Look
from miaoce.registry.children.reveal import logged_label
from miaoce.registry.corrections.edits import labels_of, touched
from miaoce.registry.journal.models import Event
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.components.formats import day_and_year, moment
from miaoce.web.components.parts import Entry

HAPPENED = {
    "child.recorded": "登记信息",
    "proposal.submitted": "提交县里审批",
    "proposal.opened": "县里开始审核",
    "proposal.approved": "县里批准",
    "proposal.returned": "县里退回",
    "proposal.recalled": "县里撤回决定，重新审核",
    "proposal.withdrawn": "幼儿园撤回提交",
    "number.issued": "赋予学籍号",
    "number.exhausted": "暂时没有可用的临时学籍号，明天再赋",
    "enrolment.opened": "开始在园",
    "child.regrouped": "调班",
    "enrolment.graduated": "离开幼儿园，毕业",
    "handover.claimed": "小学调取学籍",
    "package.made": "小学领取档案包",
    "sent_back.opened": "小学发回更正",
    "sent_back.done": "幼儿园已照小学的意见更正",
    "sent_back.declined": "幼儿园说明不更正",
    "child.rehomed": "园所变动，安置到新的班级",
    "child.listed": "园所变动，转入县待安置名单",
    "child.placed": "县里安置到新的班级",
    "case.filed": "向县里申请变动",
    "case.refiled": "补正后再次申请变动",
    "case.sent_back": "县里退回变动申请",
    "case.taken_back": "撤回变动申请",
    "case.ended": "变动申请终止",
    "child.moved": "区划调整，学籍归另一个县",
    "child.left": "离园",
    "child.readmitted": "再入园",
    "child.graduated": "毕业",
    "child.deferred": "县里核准缓学",
    "child.cancelled": "县里核准注销",
    "child.voided": "误建学籍作废",
    "child.restored": "县里核准恢复学籍",
    "child.turned": "升班",
    "child.turned_back": "撤回升班",
    "enrolment.destined": "写明离园去向",
    "transfer.requested": "转入园申请转园",
    "transfer.invited": "转出园给监护人转园码",
    "transfer.confirmed": "监护人同意转园",
    "transfer.declined": "监护人不同意转园",
    "transfer.released": "转出园同意转出",
    "transfer.accepted": "转入园受理",
    "transfer.forwarded": "转出县核准转园",
    "transfer.approved": "核准转园，进入异议期",
    "transfer.objected": "对转园提出异议",
    "transfer.resumed": "异议不成立，转园继续",
    "transfer.stopped": "转园暂停",
    "transfer.turned_down": "不予转园",
    "transfer.called_off": "撤回转园",
    "transfer.ended": "转园终止",
    "transfer.switched": "学籍转入",
    "notice.served": "告知监护人",
    "consent.given": "监护人同意可选事项",
    "consent.refused": "监护人不同意可选事项",
    "consent.withdrawn": "监护人撤回同意",
    "child.corrected": "关键信息变更",
    "child.edited": "修改登记信息",
    "child.renumbered": "换成正式学籍号",
    "document.checked": "证件核验",
    "problem.found": "证件核验发现问题",
    "problem.cleared": "证件问题已解决",
    "proof.kept": "上传佐证",
    "proof.erased": "清理没用上的佐证",
}
BAD = {"proposal.returned", "case.sent_back", "number.exhausted", "transfer.objected", "transfer.turned_down"}
FOLDED = {  # said by another event of the same process
    "child.recorded": {"proposal.submitted"},
    "enrolment.graduated": {"child.graduated"},
    "enrolment.opened": {
        "child.regrouped",
        "child.readmitted",
        "child.turned",
        "child.rehomed",
        "child.placed",
        "child.restored",
        "transfer.switched",
    },
}
NOTHING: frozenset[str] = frozenset()
LOOKED = {
    "child.page": "打开幼儿页",
    "child.list": "在名单里看到",
    "child.as_of": "查看某一天的情况",
    "child.roll": "在某一天的名册里看到",
    "child.looks": "打开查看记录",
    "child.story": "打开变动时间线",
    "enrolment.choose": "办学籍变动时选中",
    "case.list": "在变动申请名单里看到",
    "case.page": "打开变动申请",
    "case.form": "填写变动申请",
    "enrolment.done": "在办理结果里看到",
    "enrolment.whereto": "在离园去向名单里看到",
    "child.notices": "打开告知记录",
    "child.proofs": "打开佐证清单",
    "child.edit": "打开编辑页",
    "correction.page": "打开变更申请",
    "correction.list": "在变更名单里看到",
    "correction.form": "填写变更申请",
    "correction.document": "显示变更申请里的证件号",
    "search": "查找时看到",
    "approval.panel": "审核时打开",
    "approval.compare": "审核时与另一名对比",
    "approval.sample": "批准前抽查",
    "approval.list": "在审批名单里看到",
    "paper.roll": "打印花名册",
    "paper.cards": "打印学籍卡",
    "paper.roll.full": "打印花名册（完整号码）",
    "paper.cards.full": "打印学籍卡（完整号码）",
    "intake.problem_sheet": "下载问题清单",
    "intake.original": "下载登记原表",
    "paper.certificates": "打印毕业证书",
    "card.verify": "扫学籍卡上的二维码",
    "certificate.verify": "扫毕业证书上的二维码",
    "intake.batch": "核对登记表",
    "intake.duplicate": "核对是不是同一名",
    "clock.list": "在办理时限里看到",
    "school.lookup": "小学查录取名单时看到",
    "school.list": "小学在已认领名单里看到",
    "school.record": "小学打开学籍",
    "school.package": "小学领取档案包",
    "school.sent_back": "处理小学发回的更正",
    "problem.list": "在问题学籍名单里看到",
    "problem.page": "打开问题学籍",
    "problem.cluster": "连同相关的问题学籍一起看",
    "problem.evidence": "填写问题学籍的佐证",
    "api.problem": "园所系统读取问题学籍",
    "api.problems": "园所系统读取问题学籍名单",
    "transfer.sought": "凭学籍号申请转入",
    "transfer.page": "打开转园单",
    "transfer.list": "在转园名单里看到",
    "transfer.wishes": "在等着发起转园的名单里看到",
    "transfer.invite": "准备发转园码",
    "transfer.guardian": "监护人凭码查看转园",
    "api.transfer": "园所系统读取转园",
    "api.transfers": "园所系统读取转园名单",
    "api.child": "园所系统读取",
    "api.roll": "园所系统读取某一天的名册",
    "cli.child": "维护人员用命令查看",
    "api.children": "园所系统读取名单",
    "api.search": "园所系统查找时看到",
    "api.rows": "园所系统读取登记表",
    "api.compare": "园所系统核对是不是同一名",
    "api.notices": "园所系统读取告知记录",
    "api.registrations": "园所系统读取办理结果",
    "api.number": "园所系统读取完整学籍号",
    "api.numbers": "园所系统读取完整学籍号",
    "api.approval": "县里系统抽查",
    "api.approvals": "县里系统读取审批名单",
}


def told(story: Iterable[Happening], book: Codebook, *, today: date) -> list[Entry]:
    """Return the timeline, the newest first. Years stand beside the days that are not of today's year."""
    story = list(story)
    verbs = {(happening.event.process_id, happening.event.verb) for happening in story}
    entries = []
    for happening in story:
        event = happening.event
        folded = any((event.process_id, other) in verbs for other in FOLDED.get(event.verb, NOTHING))
        if folded:
            continue
        at = f"{day_and_year(event.recorded_at, today=today)} {localtime(event.recorded_at):%H:%M}"
        detail = " · ".join(part for part in (at, _who(happening), _more(happening, book)) if part)
        kind: Literal["", "bad"] = "bad" if event.verb in BAD else ""
        entries.append(Entry(HAPPENED[event.verb], detail, kind, _apart(event, today)))
    return entries


def _apart(event: Event, today: date) -> str:
    """Return that an event is true from another day than the one on which it was recorded, in words; mostly nothing."""
    on = localdate(event.recorded_at)
    if event.effective_on == on:
        return ""
    kind = "补记" if event.effective_on < on else "预先记入"
    since, recorded = (day_and_year(day, today=today) for day in (event.effective_on, on))
    return f"{kind}：{since}起，{recorded}记入"


def _who(happening: Happening) -> str:
    """Return unit and role of who did it; people stand in the journal, not on the page."""
    process = happening.process
    if process is None:
        return ""
    if process.role not in ROLES:
        return GUARDIAN.name if process.role == GUARDIAN.code else "系统"
    role = ROLES[process.role].name
    return " ".join(part for part in (process.unit_name, role) if part)


def _more(happening: Happening, book: Codebook) -> str:
    """Return what the event itself adds: the county's words, the kind of the number, the notice."""
    event = happening.event
    if event.verb == "proposal.returned":
        told = event.after
        reasons, own = told.get("return_reasons", told.get("reasons", [])), told.get("return_words", told.get("words"))
        return returned_words(reasons, own or "", book)
    if event.verb == "case.filed":
        return CASE_KINDS.get(event.after.get("kind", ""), "")
    if "channel" in event.after:
        return f"{CHANNELS.get(event.after['channel'], '')}，{event.after['version']} 版"
    if event.verb in {"child.edited", "child.corrected"}:
        return labels_of(touched(event.after))
    return ""


def returned_words(reasons: Iterable[str], words: str, book: Codebook) -> str:
    """Return why the county returned a case: the reasons of the list, then its own words as written."""
    return "；".join([*(book.name("refusal_reason", code) for code in reasons), *([words] if words else [])])


def look_words(look: Look) -> str:
    """Return what somebody was shown."""
    if look.what.startswith("reveal:"):
        return f"显示{logged_label(look.what.removeprefix('reveal:'))}"
    if look.what.startswith("proof:"):
        return "看佐证"
    return LOOKED.get(look.what, "查看")


def looked(looks: Iterable[Look]) -> list[tuple[str, str, str, str]]:
    """Return who looked as rows: when, unit and role and surname, what, why."""
    return [(moment(look.at), _looker(look), look_words(look), look.reason) for look in looks]


def _looker(look: Look) -> str:
    """Return unit, role and surname (ux.md §6); the system has neither role nor surname."""
    if look.role not in ROLES:
        return look.unit_name
    return " ".join(part for part in (look.unit_name, ROLES[look.role].name, look.surname) if part)
