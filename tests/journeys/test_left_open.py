"""A page that was left open, a button pressed twice, a network that is cut: nothing is lost and nothing is done twice."""

from collections.abc import Callable
from typing import Any

from tests.journeys.conftest import Someone
from tests.journeys.gallery import batch, brings
from tests.journeys.mending import settled
from tests.journeys.test_ways_in import check_digit

HEADING = "姓名,性别,出生日期,证件号码,民族,班级,监护人姓名,与幼儿关系,联系电话,入园日期\n"


def line(name: str, serial: int, **given: str) -> str:
    """Return one sound line of a sheet."""
    body = f"9901012023030{serial % 9 + 1}{900 + serial * 2 + 1}"
    cells = {"民族": "汉族", **given}
    number = body + check_digit(body)
    day = f"2023-03-0{serial % 9 + 1}"
    return f"{name},男,{day},{number},{cells['民族']},小二班,苗建国,父亲,138000066{serial:02d},2026-09-01\n"


def another_window(somebody, first: Someone) -> Someone:
    """Open another window of the same session; an account has only one."""
    other: Someone = somebody()
    other.context.add_cookies(first.context.cookies())
    return other


def test_a_row_that_somebody_else_changed_shows_both_values(somebody) -> None:
    first: Someone = somebody("wangmin")
    brings(first, "两人同看.csv", HEADING + line("苗一一", 11, 民族="汗族"))
    address = first.page.url
    second = another_window(somebody, first)
    second.page.goto(f"{address}rows/0/")
    third = another_window(somebody, first)
    third.page.goto(address)
    first.page.fill(".mend input", "回族")
    first.page.keyboard.press("Enter")
    settled(first)
    assert first.page.inner_text("#bar p") == "1 行可以提交"
    for late, field in ((second, "[name=ethnicity]"), (third, ".mend input")):
        if late is second:
            late.page.select_option(field, "满族")
            with late.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
                late.page.click("main form button.primary")
        else:
            late.page.fill(field, "满族")
            with late.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
                late.page.keyboard.press("Enter")
        assert answered.value.status == 409
        late.page.wait_for_timeout(300)
        shown = late.page.inner_text("main")
        values = [box.input_value() for box in late.page.locator("main input, main select").all()]
        assert "回族" in shown or "回族" in values
        assert "满族" in shown or "满族" in values


def test_pressing_submit_twice_submits_once(somebody) -> None:
    clerk: Someone = somebody("wangmin")
    brings(clerk, "按了两下.csv", HEADING + line("苗二一", 21) + line("苗二二", 22))
    clerk.page.click("#bar a.primary")
    clerk.page.check("#promise")
    sent: list[str] = []
    clerk.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    clerk.page.dblclick("main button.primary")
    clerk.page.wait_for_selector("text=已提交 2 名")
    assert len(sent) == 1
    clerk.goes_to("/children/?q=苗二")
    assert clerk.page.locator("tbody tr").count() == 2


def test_words_stay_when_the_network_is_cut(somebody) -> None:
    clerk: Someone = somebody("wangmin")
    batch()(clerk)
    box = clerk.page.locator("tbody .mend input").first
    box.fill("回族")
    clerk.context.set_offline(True)
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_selector("text=刚才网络断了")
    assert box.input_value() == "回族"
    clerk.context.set_offline(False)
    name = box.get_attribute("name")
    box.focus()
    clerk.page.keyboard.press("Enter")
    settled(clerk)
    assert clerk.page.locator(f"[name='{name}']").count() == 0


def test_a_paste_stays_when_the_network_is_cut(somebody) -> None:
    clerk: Someone = somebody("wangmin")
    clerk.goes_to("/intake/paste/")
    clerk.page.fill("textarea", HEADING.replace(",", "\t") + "苗三一")
    clerk.context.set_offline(True)
    clerk.page.click("main button.primary")
    clerk.page.wait_for_selector("text=刚才网络断了")
    assert "苗三一" in clerk.page.input_value("textarea")
    clerk.context.set_offline(False)
    clerk.page.click("main button.primary")
    clerk.page.wait_for_selector("text=检查导入结果")


def test_a_press_on_a_row_that_another_answer_renews_is_heard(somebody) -> None:
    """Two pairs of doubles and one telephone: deciding about one pair renews every row, also the one pressed meanwhile."""
    clerk: Someone = somebody("wangmin")
    one, two = (line(f"苗四{'一二'[n]}", 41 + n).replace(f"138000066{41 + n}", "13800009999") for n in range(2))
    brings(clerk, "两对重复.csv", HEADING + one + one + two + two)
    held: dict[str, list[Any]] = {"decide": [], "compare": []}
    links = clerk.page.locator("a[data-problem]")
    links.first.click()
    clerk.page.wait_for_selector("[data-scope] button[data-key='1']")
    for name, routes in held.items():
        clerk.page.route(f"**/{name}/", keeping(routes))
    clerk.page.keyboard.press("1")
    other = clerk.page.locator("#r3 a[data-problem]")
    other.click()
    clerk.page.wait_for_function("() => document.querySelector('#r3 .htmx-request')")
    held["decide"].pop().continue_()
    clerk.page.wait_for_selector("#r1 a[data-problem]", state="detached")
    settled_but(clerk, "#r3")
    held["compare"].pop().continue_()
    clerk.page.wait_for_selector("#r3 [data-scope] button[data-key='1']")
    clerk.page.unroute_all()
    clerk.page.keyboard.press("1")
    settled(clerk)
    assert clerk.page.inner_text("#bar p") == "2 行可以提交"


def keeping(routes: list[Any]) -> Callable[[Any], None]:
    """Return what holds requests back until the test lets them go."""
    return lambda route: routes.append(route)  # noqa: PLW0108 - Playwright marks the function, and a method of a list takes no mark


def settled_but(clerk: Someone, waiting: str) -> None:
    """Wait until nothing is on its way but what one row waits for."""
    clerk.page.wait_for_function(
        "(row) => Array.from(document.querySelectorAll('.htmx-request')).every((node) => node.closest(row))",
        arg=waiting,
    )
    clerk.page.wait_for_timeout(100)
