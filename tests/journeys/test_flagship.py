"""The main journey: a sheet of thirty comes in, is mended and sent; the county approves; numbers come; papers are printed."""

import re

from tests.journeys.conftest import Someone
from tests.journeys.mending import mends_all, settled

MOST_HANDS = 18  # six to mend and three possible duplicates included
GARDEN = "1199000001"
NEWCOMERS = 27


def test_a_sheet_of_thirty_becomes_numbers_and_papers(somebody, place, record_property) -> None:
    clerk = somebody("wangmin")
    before = numbered(clerk)
    clerk.clicks("a[href='/intake/']")
    clerk.chooses_file(place.sheet("flagship"))
    clerk.clicks("main button.primary")
    clerk.page.wait_for_selector("#bar")
    assert clerk.sees("共 30 行")
    clerk.clicks("text=全部改为“汉族”")
    clerk.page.wait_for_selector("text=都一起改好了")
    mends_all(clerk, place.papers("flagship")["right"])
    settled(clerk)
    assert clerk.page.inner_text("#bar p") == f"{NEWCOMERS} 行可以提交"
    clerk.clicks("#bar a.primary")
    clerk.clicks("#promise")
    clerk.clicks("main button.primary")
    clerk.page.wait_for_selector(f"text=已提交 {NEWCOMERS} 名")
    record_property("hands", clerk.hands)
    assert clerk.hands <= MOST_HANDS, f"{clerk.hands} clicks and keys"
    approves_the_class(somebody("lijianhua"))
    comes_to(clerk, before + NEWCOMERS)
    prints(clerk)
    assert clerk.told == []


def numbered(clerk: Someone) -> int:
    """Return how many children of the class have their number, as its roll says."""
    clerk.goes_to("/papers/")
    row = clerk.page.locator("tbody tr", has_text="小一班")
    count = int(re.sub(r"\D", "", row.locator("td.num").inner_text()))
    clerk.goes_to("/")
    return count


def approves_the_class(county: Someone) -> None:
    """Approve everything that waits from the kindergarten, the spot check looked at."""
    county.goes_to(f"/approvals/?kindergarten={GARDEN}")
    if not county.page.is_checked("[data-select-all]"):
        county.clicks("[data-select-all]")
    county.presses("a")
    county.page.wait_for_url("**/chosen/**")
    for box in county.page.query_selector_all("input[name=seen]"):
        box.check()
    county.presses("a")
    county.page.wait_for_url("**/decisions/**")
    said = county.page.inner_text("main")
    approved = re.search(r"已批准 (\d+) 名", said)
    assert approved and int(approved[1]) >= NEWCOMERS, said
    assert county.told == []


def comes_to(clerk: Someone, count: int) -> None:
    """Wait until the worker has issued the numbers."""
    for _ in range(180):
        if numbered(clerk) == count:
            return
        clerk.page.wait_for_timeout(500)
    told = (clerk.place.folder / "server.log").read_text()[-2_000:]
    raise AssertionError(f"{numbered(clerk)} of {count} have a number; the server says: {told}")


def prints(clerk: Someone) -> None:
    """Open the roll and the cards of the class, as pages and as PDF; numbers masked, then in full for a reason."""
    clerk.goes_to("/papers/")
    row = clerk.page.locator("tbody tr", has_text="小一班")
    links = [link.get_attribute("href") for link in row.locator("a").all()]
    assert len(links) == 4
    for link in links:
        if "pdf" in str(link):
            answer = clerk.context.request.get(f"{clerk.place.url}{link}")
            assert answer.body().startswith(b"%PDF")
        else:
            clerk.goes_to(str(link))
            assert clerk.page.locator(".sheet").count() >= 1
            assert re.search(r"G990101\*{8}", clerk.page.inner_text("body"))
            clerk.page.select_option("[name=reason]", "issue_paper")
            clerk.page.click(".slip button")
            clerk.page.wait_for_selector("text=学籍号和电话是完整的")
            assert re.search(r"G990101\d{8}", clerk.page.inner_text("body"))
