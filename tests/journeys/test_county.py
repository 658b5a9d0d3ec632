"""The county approves two hundred, of whom seventeen need a look, by the keyboard."""

from tests.journeys.mending import settled
from tests.journeys.place import TO_LOOK_AT, WAITING

MOST_HANDS = 40
SHOWN = 5  # a screen of this place may have returned a case or two before


def test_two_hundred_are_approved_in_forty_presses(somebody, record_property) -> None:
    county = somebody("zhaoguoqiang")
    county.clicks("a[href='/approvals/']")
    waiting = tab(county, "待审批")
    assert WAITING - SHOWN <= waiting <= WAITING
    assert tab(county, "要细看") == TO_LOOK_AT
    county.presses("j")
    county.page.wait_for_selector("#side button[data-key=a]")
    for _ in range(TO_LOOK_AT):
        settled(county)
        here = county.page.url
        county.presses("a")
        county.page.wait_for_url(lambda url, here=here: url != here)
        county.page.wait_for_selector("#side, [data-rows]")
    assert tab(county, "要细看") == 0
    county.presses("e")
    county.page.wait_for_url("**all=1**")
    county.presses("a")
    county.page.wait_for_url("**/chosen/**")
    assert county.sees(f"批准 {waiting - TO_LOOK_AT} 名")
    for key in "12345":
        county.presses(key)
    county.presses("a")
    county.page.wait_for_url("**/decisions/**")
    assert county.sees(f"已批准 {waiting - TO_LOOK_AT} 名")
    record_property("hands", county.hands)
    assert county.hands <= MOST_HANDS, f"{county.hands} clicks and keys"
    assert county.told == []


def tab(county, label: str) -> int:
    return int(county.page.locator("nav.tabs a, .tabs a", has_text=label).first.locator("b").inner_text())
