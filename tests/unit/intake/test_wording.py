"""Sentences keep the rules of wording: short, no jargon, no blame, full-width marks."""

import re

import pytest

from miaoce.registry.intake.wording import FILE_MESSAGES, ROW_MESSAGES, say

SENTENCES = sorted({*FILE_MESSAGES.values(), *ROW_MESSAGES.values()})
BANNED = ("非法", "无效", "失败", "系统异常", "参数错误", "请联系管理员", "null", "您输入", "！", "!", "格式错误")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_wording(sentence: str) -> None:
    first = re.split(r"(?<=[。；])", sentence)[0]
    assert len(re.sub(r"\{\w+\}", "某某", first)) <= 40
    assert sentence.endswith("。")
    assert not any(word in sentence for word in BANNED)
    assert not re.search(r"[,;:?()]", sentence)


def test_long_quotations_are_shortened() -> None:
    assert len(say("ethnicity_unknown", what="长" * 500)) < 60


def test_what_a_remark_quotes_goes_to_the_county_so_nothing_sealed_is_quoted() -> None:
    for key in ("phone_unreadable", "id_type_guess", "care_unknown"):
        assert "{what}" not in ROW_MESSAGES[key]
