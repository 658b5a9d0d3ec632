"""The core flows with scripts turned off: every act is a plain form or link."""

import re

import pytest

from tests.journeys.conftest import Someone
from tests.journeys.test_ways_in import check_digit


@pytest.fixture
def clerk(somebody) -> Someone:
    return somebody("wangmin", javascript=False)


def mends_by_hand(clerk: Someone, right: dict[str, dict[str, str]]) -> None:
    """Take what is suggested, type the rest, save all of it at once, decide each pair on its own page."""
    clerk.page.click("text=全部改为“汉族”")
    while clerk.page.locator("button[name=take]").count():
        clerk.page.locator("button[name=take]").first.click()
    for box in clerk.page.locator("tbody:has(.tag.fix) .mend input").all():
        name = box.locator("xpath=ancestor::tbody").locator("th a").inner_text()
        box.fill(right[name][str(box.get_attribute("name")).rpartition(".")[2]])
    clerk.page.click("#bar button")
    clerk.page.wait_for_selector("text=并排对比")
    while clerk.page.locator("text=并排对比").count():
        clerk.page.locator("text=并排对比").first.click()
        clerk.page.click("button[value^=same]")
        clerk.page.wait_for_selector("#bar")


def submits(clerk: Someone, count: int) -> None:
    clerk.page.click("#bar a.primary")
    clerk.page.check("#promise")
    clerk.page.click("main button.primary")
    assert clerk.sees(f"已提交 {count} 名")


def test_a_sheet_is_mended_and_sent(clerk, place) -> None:
    clerk.page.click("a[href='/intake/']")
    clerk.page.set_input_files("input[type=file]", place.sheet("plain"))
    clerk.page.click("main button.primary")
    assert clerk.sees("共 30 行")
    mends_by_hand(clerk, place.papers("plain")["right"])
    assert clerk.page.inner_text("#bar p") == "27 行可以提交"
    submits(clerk, 27)
    clerk.page.click("main form button")
    assert clerk.sees("已撤回 27 名"), clerk.page.inner_text("main")


def test_a_paste_is_checked(clerk, place) -> None:
    clerk.goes_to("/intake/paste/")
    clerk.page.fill("textarea", place.papers("pasted")["text"])
    clerk.page.click("main button.primary")
    assert clerk.sees("共 30 行")


def test_one_child_is_typed_approved_and_returned(clerk, somebody, place) -> None:
    born = {"苗小一": "2023-02-11", "苗小二": "2023-02-12"}
    for serial, (name, day) in enumerate(born.items()):
        types_child(clerk, name, day, serial)
        submits(clerk, 1)
    county = somebody("lijianhua", javascript=False)
    approves(county, "苗小一")
    returns(county, "苗小二", "户籍地址请写到区县。")
    clerk.goes_to("/")
    assert clerk.sees("户籍地址请写到区县。")
    clerk.page.fill("header [name=q]", "苗小二")
    clerk.page.press("header [name=q]", "Enter")
    assert clerk.page.inner_text("h1") == "苗小二"
    assert clerk.sees("户籍地址请写到区县。")
    clerk.goes_to("/papers/")
    clerk.page.locator("main a[href*=roll]").first.click()
    clerk.page.wait_for_selector(".sheet")


def types_child(clerk: Someone, name: str, born: str, serial: int) -> None:
    """Type one child into the form; nothing is filled in by scripts."""
    clerk.goes_to("/intake/form/")
    body = f"990101{born.replace('-', '')}97{serial * 2 + 1}"
    typed = {"id_number": body + check_digit(body), "name": name, "birth_date": born, "guardian1_name": "苗建国"}
    for field, words in {**typed, "guardian1_phone": f"1380000777{serial}"}.items():
        clerk.page.fill(f"[name={field}]", words)
    for field, word in {"sex": "男", "class": "小二班", "guardian1_relation": "父亲", "ethnicity": "汉族"}.items():
        clerk.page.select_option(f"[name={field}]", word)
    clerk.page.click("main button.primary")


def finds(county: Someone, name: str) -> None:
    """Open a case from the list, as far as it is on one of its pages."""
    county.goes_to("/approvals/")
    while not county.page.locator("tbody th a", has_text=name).count():
        county.page.click("a[rel=next]")
    county.page.locator("tbody th a", has_text=name).click()
    if county.sees("还没打开看"):
        county.page.click("#side button.primary")


def approves(county: Someone, name: str) -> None:
    finds(county, name)
    county.page.click("#side button[data-key=a]")
    county.goes_to("/approvals/?tab=passed")
    assert county.sees("批准 1 名")


def returns(county: Someone, name: str, words: str) -> None:
    finds(county, name)
    county.page.click("#side button[data-key=r]")
    assert re.search("退回 1 名", county.page.inner_text("h1"))
    county.page.fill("[name=words]", words)
    county.page.click("main button.bad")
    assert county.sees("已退回 1 名")
