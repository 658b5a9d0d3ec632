"""What a reviewer should look at, in one or two words: the finding codes of intake as tags."""

from collections.abc import Iterable
from dataclasses import dataclass

from miaoce.web.components.parts import Tone


@dataclass(frozen=True)
class Flag:
    """A code as the list shows it."""

    word: str
    tone: Tone


SAME = Flag("可能重复", "dup")
NO_PAPERS = Flag("暂无证件", "warn")
CLEAN = Flag("无异常", "ok")
OTHER = Flag("有提醒", "warn")
FLAGS = {  # the order is the order in which they matter
    "SAME_CHILD_ELSEWHERE": SAME,
    "SAME_CHILD_HERE": SAME,
    "SAME_CHILD_IN_FILE": SAME,
    "SAME_ID_IN_FILE": SAME,
    "NO_PAPERS": NO_PAPERS,
    "ID_NONE": NO_PAPERS,
    "CLASS_OVER_NORM": Flag("班额超出", "warn"),
    "AGE_UNDER_3": Flag("不满 3 岁", "warn"),
    "AGE_SCHOOL": Flag("已满 6 岁", "warn"),
    "ID_OTHER": Flag("非身份证", "warn"),
    "SAME_NAME_IN_FILE": Flag("同名同生日", "warn"),
    "TWINS": Flag("像双胞胎", "warn"),
    "TWIN_REGISTERED": Flag("像双胞胎", "warn"),
    "PHONE_SHARED": Flag("电话共用", "warn"),
    "PHONE_ABROAD": Flag("境外电话", "warn"),
    "NAME_PRIVATE_USE": Flag("自造字", "warn"),
}
ORDER = {code: place for place, code in enumerate(FLAGS)}


def flag_of(codes: Iterable[str], risk: int) -> Flag:
    """Return the tag of a case: what matters most, with the number of other things; 无异常 without any."""
    known = sorted(set(codes), key=lambda code: ORDER.get(code, len(ORDER)))
    if not known:
        return CLEAN if risk == 0 else OTHER
    words = list(dict.fromkeys(FLAGS.get(code, OTHER).word for code in known))
    first = FLAGS.get(known[0], OTHER)
    return first if len(words) == 1 else Flag(f"{first.word}等 {len(words)} 项", first.tone)
