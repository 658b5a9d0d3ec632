"""What columns without headings are guessed to hold."""

import pytest

from miaoce.registry.intake.guesses import guess_fields


def test_a_usual_block_is_guessed_whole():
    columns = [
        ["蒋可梓", "阿卜杜拉·买买提"], ["男", "女"], ["2022-03-22", "2022.2.7"], ["990101202203229371"], ["汉族", "汉"],
        ["小一班", "中（2）班"], ["喻乐安", "邹河萱"], ["父亲", "外婆"], ["13812345678", "138-1234-5678"],
    ]  # fmt: skip
    assert guess_fields(columns) == [
        "name", "sex", "birth_date", "id_number", "ethnicity", "class", "guardian1_name", "guardian1_relation",
        "guardian1_phone",
    ]  # fmt: skip


@pytest.mark.parametrize("texts", [[], ["", " "], ["1", "2"], ["张三", "13812345678"], ["路边的一排房子里"]])
def test_what_is_not_plain_is_left_to_the_person(texts):
    assert guess_fields([texts]) == [""]


def test_no_field_is_given_twice():
    assert guess_fields([["男"], ["女"]]) == ["sex", ""]
