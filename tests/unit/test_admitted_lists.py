"""An admitted list in whatever shape a school has it."""

from datetime import date

import pytest

from miaoce.registry.handover.lists import lines_of
from miaoce.registry.handover.rules import Line

NUMBER, DOCUMENT = "L990101202301031234", "990101202301036516"


def read(text):
    return lines_of((place, line.split("\t")) for place, line in enumerate(text.split("\n"), 1))


def test_columns_are_known_by_their_headings_wherever_they_stand():
    heading = "序号\t家长姓名\t家长电话\t学生姓名\t出生日期\t身份证号码\t全国学籍号"
    text = f"某小学 2026 年新生\n{heading}\n1\t周大山\t13800000001\t周禾禾\t2020.1.3\t{DOCUMENT}\t{NUMBER}"
    assert read(text) == [Line(3, "周禾禾", NUMBER, DOCUMENT, date(2020, 1, 3), "周大山")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"周禾禾\t{NUMBER}", Line(1, "周禾禾", number=NUMBER)),
        (f"{DOCUMENT}\t周禾禾", Line(1, "周禾禾", document=DOCUMENT)),
        ("周禾禾\t2020年1月3日\t周大山\t13800000001", Line(1, "周禾禾", born_on=date(2020, 1, 3), guardian="周大山")),
        ("周 禾\t'990101202301036516", Line(1, "周禾", document=DOCUMENT)),
        (f"买买提·吐尔逊\t{NUMBER.lower()}", Line(1, "买买提·吐尔逊", number=NUMBER)),
    ],
)
def test_without_headings_cells_say_what_they_are(text, wanted):
    assert read(text) == [wanted]


def test_the_guardians_document_is_not_taken_for_the_childs():
    text = f"姓名\t监护人\t监护人身份证号\t出生日期\n周禾禾\t周大山\t990101199001011234\t2020-01-03\n吴苗\t吴山\t\t{''}"
    first, second = read(text)
    assert (first.document, first.guardian, first.is_enough) == ("", "周大山", True)
    assert (second.name, second.is_enough) == ("吴苗", False)


def test_blank_lines_are_no_children():
    assert read("姓名\t学籍号\n\t\n \t ") == []
