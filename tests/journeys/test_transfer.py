"""A transfer from both ends: two kindergartens, two counties and the guardian, each at a browser of their own."""

import re

from tests.journeys.conftest import Someone
from tests.journeys.gallery_transfers import CODE, prints_in_full, rolls

NUMBER = re.compile(r"[GLJ]\d{17}[\dX]")
PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
GROUPS = ("托一班", "小一班", "小二班", "中一班", "大一班", "混龄一班")


class OnTheRoll:
    """A child as its class roll shows it on paper: what a guardian knows."""

    def __init__(self, clerk: Someone, group: str, place: int) -> None:
        clerk.goes_to("/papers/")
        prints_in_full(clerk, rolls(clerk)[GROUPS.index(group)])
        row = clerk.page.locator("tbody tr").nth(place)
        cells = row.inner_text()
        self.number = NUMBER.search(cells)[0]
        self.ending = PHONE.search(cells)[0][-4:]
        self.name = next(
            cell for cell in row.locator("td").all_inner_texts() if re.fullmatch(r"[\u4e00-\u9fff·]{2,12}", cell)
        )


def finds(one: Someone, child: OnTheRoll) -> None:
    """Open the page of a child by its number."""
    one.goes_to(f"/search/?q={child.number}")
    link = one.page.locator("main a", has_text=child.name)
    if link.count():
        link.first.click()
    one.page.wait_for_selector("text=学籍变动")


def opens(one: Someone, name: str, tab: str = "mine") -> None:
    """Open the transfer of a child from the list; before the guardian agreed the other side sees the ends of the name."""
    one.goes_to(f"/transfers/?tab={tab}")
    one.page.locator("tbody th a", has_text=name).first.click()
    one.page.wait_for_selector("text=办理进度")


def does(one: Someone, button: str) -> None:
    with one.page.expect_navigation():
        one.page.locator("main button", has_text=button).first.click()


def speaks(guardian: Someone, code: str, ending: str) -> None:
    guardian.goes_to("/transfers/guardian/")
    guardian.page.fill("[name=code]", code)
    guardian.page.fill("[name=ending]", ending)
    does(guardian, "查看")


def prints(clerk: Someone) -> str:
    does(clerk, "打印确认码")
    return CODE.search(clerk.page.inner_text("body"))[0]


def test_a_child_moves_between_two_counties(somebody) -> None:
    taker, releaser, guardian = somebody("wangmin"), somebody("chenjie"), somebody()
    child = OnTheRoll(releaser, "中一班", 3)
    taker.goes_to("/transfers/start/")
    taker.page.fill("[name=number]", child.number)
    taker.page.fill("[name=name]", "别的名字")
    does(taker, "申请转入")
    assert taker.sees("对不上")
    assert not taker.sees(child.name)
    taker.page.fill("[name=name]", child.name)
    does(taker, "申请转入")
    assert taker.sees("待监护人确认")
    case = taker.page.url
    assert not taker.sees(child.name), "until the guardian agreed the name stays hidden"

    opens(releaser, child.name, "others")
    code = prints(releaser)
    speaks(guardian, code, "0000")
    assert guardian.sees("对不上")
    speaks(guardian, code, child.ending)
    does(guardian, "同意转园")
    follow = CODE.search(guardian.page.inner_text("main"))[0]
    assert follow != code
    speaks(guardian, code, child.ending)
    assert guardian.sees("对不上"), "a code is spent once"

    opens(releaser, child.name)
    does(releaser, "同意转出")
    taker.page.goto(case)
    assert taker.sees(child.name)
    taker.page.locator("[name=group]").nth(3).check()
    does(taker, "受理，转入这个班")
    for county in ("zhaoguoqiang", "lijianhua"):
        reviewer = somebody(county)
        opens(reviewer, child.name)
        does(reviewer, "核准转园")
        assert reviewer.sees("已核准")
    for _ in range(100):
        taker.page.goto(case)
        if taker.sees("已转园"):
            break
        taker.page.wait_for_timeout(200)
    assert taker.sees("学籍号不变")
    speaks(guardian, follow, child.ending)
    assert guardian.sees("已转园")
    taker.goes_to("/search/?q=" + child.number)
    assert taker.sees(child.name)
    releaser.goes_to("/search/?q=" + child.number)
    assert not releaser.page.locator("tbody th a", has_text=child.name).count()
    releaser.page.goto(case)
    assert not releaser.sees(child.name), "the old kindergarten keeps a stub"
    assert releaser.sees("在转出园")
    for one in (taker, releaser, guardian):
        assert [text for text in one.told if not text.startswith("Failed to load resource")] == [], (
            "what was refused on purpose"
        )


def test_a_guardian_begins_and_a_kindergarten_says_no_without_scripts(somebody) -> None:
    releaser, taker = somebody("chenjie", javascript=False), somebody("wangmin", javascript=False)
    guardian = somebody(javascript=False)
    child = OnTheRoll(releaser, "大一班", 5)
    finds(releaser, child)
    releaser.page.locator("main a", has_text="给监护人转园码").click()
    does(releaser, "发起，去打印转园码")
    code = prints(releaser)
    speaks(guardian, code, child.ending)
    guardian.page.fill("[name=place]", "青禾中心")
    does(guardian, "找这所幼儿园")
    does(guardian, "同意转到这所幼儿园")
    follow = CODE.search(guardian.page.inner_text("main"))[0]
    opens(releaser, child.name)
    assert releaser.sees("转园办理中") or releaser.sees("轮到本园核办")
    does(releaser, "同意转出")
    opens(taker, child.name)
    refusal = taker.page.locator("main form:has([value=refuse])")
    refusal.locator("xpath=ancestor::details").locator("summary").click()
    refusal.locator("[value=no_place]").check()
    refusal.locator("[name=words]").fill("上学期的费用还没结清")
    does(taker, "不同意转入")
    assert taker.sees("不能作为不同意转园的理由")
    refusal = taker.page.locator("main form:has([value=refuse])")
    refusal.locator("[name=words]").fill("大班没有空位了")
    does(taker, "不同意转入")
    assert taker.sees("不予转园")
    speaks(guardian, follow, child.ending)
    assert guardian.sees("大班没有空位了")
    assert guardian.sees("没有空余学位")


def test_a_guardian_takes_it_back(somebody) -> None:
    releaser, guardian = somebody("wangmin"), somebody()
    child = OnTheRoll(releaser, "中一班", 5)
    finds(releaser, child)
    releaser.page.locator("main a", has_text="给监护人转园码").click()
    does(releaser, "发起，去打印转园码")
    speaks(guardian, prints(releaser), child.ending)
    guardian.page.fill("[name=place]", "1199000003")
    does(guardian, "找这所幼儿园")
    does(guardian, "同意转到这所幼儿园")
    follow = CODE.search(guardian.page.inner_text("main"))[0]
    speaks(guardian, follow, child.ending)
    guardian.page.locator("summary", has_text="不转了").click()
    does(guardian, "撤回转园")
    assert guardian.sees("已撤回")
    finds(releaser, child)
    assert not releaser.sees("转园办理中")
