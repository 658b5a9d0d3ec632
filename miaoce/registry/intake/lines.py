"""Tells lines that are no child: totals, signatures, notes, examples, headings again, running numbers, class titles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from miaoce.registry.intake.findings import Finding
from miaoce.registry.intake.groups import GroupFinder
from miaoce.registry.intake.headings import is_heading_like
from miaoce.registry.intake.sheets import is_blank
from miaoce.registry.intake.tidy import is_error
from miaoce.registry.intake.wording import say

_TOTAL = re.compile(
    r"^(?:本页|本班|全园|全班|各班)?(?:合计|总计|小计|共计|总人数|人数合计|累计|统计|总数|总和|汇总)(?:[:：\d(（人名男女]|$)|^(?:本页|本班|全园|全班|各班|以上)?共(?:有|计)?(?:幼儿)?\d+[人名]|^(?:男|女)(?:生|孩|童|幼儿)?[:：]\d*[人名]?"
)
_SIGNATURE = re.compile(
    r"^[(（]?(?:填表|填报|制表|审核|复核|经办|负责|园长|校长|单位|班主任|教师|老师|主管|签字|签名|盖章|幼儿园|公章|日期|填表日期|联系人|联系电话|报送|上报|审批|监制)"
    r".{0,8}(?:[:：]|签字|签名|签章|盖章|公章|印章)|签字[:：]|签章|盖章\s*[)）]?$|^(?:填表人|制表人|审核人|负责人|经办人|复核人|园长|园长签字)$"
)
_LONE_DATE = re.compile(r"(?:20)?\d{2}[年./-]\d{1,2}[月./-]\d{1,2}日?")
_NOTE = re.compile(
    r"^(?:备注|说明|注|注意|注意事项|填表说明|填写说明|提示|要求|附|声明|以上|本表|此表|填表要求)(?:[:：\d、,，.]|$|.{6,})|^\d{1,2}[.、．)）].{6,}|^[*※★].{4,}"
)
_EXAMPLE = re.compile(
    r"^[(（【\[]?(?:填写)?(?:示例|样例|范例|举例|示范|例如|例子|例)(?:[)）】\]:：\s]|行|$)|[(（【\[](?:示例|样例|范例|例|示范)[)）】\]]|此行为?示例|示例行|本行为?示例|示例[,，].{0,8}(?:不读|删)"
)
_HINT = re.compile(
    r"必填|选填|可不填|下拉|请选择|格式[:：]?|文本格式|^(?:例如?|如|形如)[:：]|与户口簿一致|^(?:文本|日期|字符|数字)型?$"
)
_END = re.compile(
    r"[（(]?(?:以下(?:空白|无正文|无内容|为空|空)|(?:本|此)页(?:完|结束|空白|无正文)|完|结束|end|第\d+页.{0,6}|共\d+页)[)）]?[。.]?|[^\w\ue000-\uf8ff\ufffd]+",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:幼儿|儿童|学生|新生|老生|插班生|名单|名册|花名册|登记表|信息表|一览表)[:：]?$")
_NUMBER = re.compile(r"[\d.、()（）第号NO№no\s]{1,8}")
_PERSON = re.compile(r"[\u3400-\u9fff\U00020000-\U0003347f·•]{2,15}")
_CERTAIN = frozenset({"id_number", "birth_date"})


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the classifier sees it: all its cells, its texts by field, the cell of the name column."""

    cells: tuple[str, ...]
    raw: Mapping[str, str]
    headings: frozenset[str]
    wide: bool = False


def explain(line: Line, groups: GroupFinder) -> Finding | None:
    """Return the finding that says why the row is no child, or None for a row that must be checked."""
    if any("例" in c or "示范" in c for c in line.cells) and _is_example(line):
        return Finding(None, "EXAMPLE_ROW", say("example_row"))
    if _has_child(line):
        return None
    filled = ["".join(c.split()) for c in line.cells if not is_blank(c)]
    if _repeats_heading(line, filled):
        return Finding(None, "HEADING_AGAIN", say("heading_again"))
    return _footer(line, filled, groups)


def _is_example(line: Line) -> bool:
    filled = ["".join(c.split()) for c in line.cells if not is_blank(c)]
    if not any(_EXAMPLE.search(t) for t in filled if len(t) < 60):
        return False
    name = "".join(line.raw.get("name", "").split())
    remark = line.raw.get("remark", "")
    first = next((c for c in line.cells if not is_blank(c)), "")
    return any(_EXAMPLE.search("".join(t.split())) for t in (name, remark, first)) or not _has_child(line)


def _repeats_heading(line: Line, filled: list[str]) -> bool:
    if len(filled) < 2:
        return False
    same = sum(t in line.headings for t in filled)
    return same >= 2 and same * 2 > len(filled)


def _has_child(line: Line) -> bool:
    """Tell whether the row holds something that only a child's row holds."""
    number = "".join(line.raw.get("id_number", "").split())
    if sum(c.isdigit() for c in number) >= 8:
        return True
    name = "".join(line.raw.get("name", "").split())
    if _HINT.search(name):
        return False
    first = "".join(next((c for c in line.cells if not is_blank(c)), "").split())
    if name in line.headings or any(p.search(t) for t in (name, first) for p in (_TOTAL, _SIGNATURE)):
        return False
    others = sum(1 for k, t in line.raw.items() if k not in ("name", "remark") and not is_blank(t) and not is_error(t))
    return others >= (1 if _PERSON.fullmatch(name) else 3 if name else 5)


def _footer(line: Line, filled: list[str], groups: GroupFinder) -> Finding | None:
    if any(_TOTAL.search(t) for t in filled):
        return Finding(None, "TOTAL_LINE", say("total_line"))
    if any(_SIGNATURE.search(t) for t in filled):
        return Finding(None, "SIGNATURE_LINE", say("signature_line"))
    if len(filled) == 1 and _LONE_DATE.fullmatch(filled[0]):
        return Finding(None, "SIGNATURE_LINE", say("signature_line"))
    if any(is_error(t) for t in filled) and all(is_error(t) or _NUMBER.fullmatch(t) for t in filled):
        return Finding(None, "ERROR_LINE", say("error_line"))
    if all(_NUMBER.fullmatch(t) for t in filled):
        return Finding(None, "NUMBER_ONLY", say("number_only"))
    if len(filled) >= 2 and sum(_HINT.search(t) is not None for t in filled) * 2 >= len(filled):
        return Finding(None, "NOTE_LINE", say("note_line"))
    if all(_END.fullmatch(t) for t in filled):
        return Finding(None, "NOTE_LINE", say("note_line"))
    if len(filled) <= 2:
        group = groups.within(filled[0]) if len(filled) == 1 or not line.raw.get("name") else None
        if (
            group
            and len(filled[0]) <= 40
            and not _PERSON.fullmatch(line.raw.get("name", "") if group not in filled[0] else "")
        ):
            return Finding(None, "CLASS_LINE", say("class_line", name=group), group)
        lone = filled[0] if len(filled) == 1 else ""
        is_title = len(lone) not in (0, 2, 3) and _TITLE.search(lone)  # 王新生 is a name
        if any(_NOTE.search(t) for t in filled) or is_title or (lone and (line.wide or len(lone) > 12)):
            return Finding(None, "NOTE_LINE", say("note_line"))
    if len(filled) > 2 and all(is_heading_like(t) for t in filled):
        return Finding(None, "HEADING_AGAIN", say("heading_again"))
    return None
