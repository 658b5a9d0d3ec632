"""The main journey: a sheet of thirty comes in, is mended and sent; the county approves; numbers come; papers are printed."""

from tests.journeys.mending import mends_all, settled

MOST_HANDS = 18  # thirty by sheet, six to mend, three possible duplicates


def test_a_sheet_of_thirty_becomes_numbers_and_papers(somebody, place) -> None:
    clerk = somebody("wangmin")
    clerk.clicks("a[href='/intake/']")
    clerk.chooses_file(place.sheet("flagship"))
    clerk.clicks("main button.primary")
    clerk.page.wait_for_selector("#bar")
    assert clerk.sees("共 30 行")
    clerk.clicks("text=全部改为“汉族”")
    clerk.page.wait_for_selector("text=已一起改了 2 行")
    mends_all(clerk, place.papers("flagship")["right"])
    settled(clerk)
    assert clerk.page.inner_text("#bar p") == "27 行可以提交"
    clerk.clicks("#bar a.primary")
    clerk.clicks("#promise")
    clerk.clicks("main button.primary")
    clerk.page.wait_for_selector("text=已提交 27 名")
    assert clerk.hands <= MOST_HANDS, f"{clerk.hands} clicks and keys"
    print("HANDS flagship", clerk.hands)
    address = clerk.page.url
    assert clerk.told == []
