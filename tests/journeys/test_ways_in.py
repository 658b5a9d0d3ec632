"""The other ways in: a paste, and one child by typing."""

from tests.journeys.mending import mends_all, settled

MOST_HANDS = 18
MOST_TYPED = 11


def test_a_paste_of_thirty_is_mended_like_a_sheet(somebody, place, record_property) -> None:
    clerk = somebody("wangmin")
    clerk.clicks("a[href='/intake/paste/']")
    clerk.page.focus("textarea")
    clerk.types(place.papers("pasted")["text"])
    assert clerk.page.inner_text("#measured") == "识别到 11 列，31 行"
    clerk.clicks("main button.primary")
    clerk.page.wait_for_selector("#bar")
    clerk.clicks("text=全部改为“汉族”")
    clerk.page.wait_for_selector("text=都一起改好了")
    mends_all(clerk, place.papers("pasted")["right"])
    settled(clerk)
    clerk.clicks("#bar a.primary")
    clerk.clicks("#promise")
    record_property("hands", clerk.hands + 1)
    assert clerk.hands + 1 <= MOST_HANDS, f"{clerk.hands + 1} clicks and keys"
    assert clerk.told == []


def test_one_child_is_typed_in_eleven_fields(somebody, place, record_property) -> None:
    clerk = somebody("wangmin")
    clerk.goes_to("/intake/form/")
    number = "990101202304186130"
    typed = {"id_number": number[:17] + check_digit(number[:17]), "name": "凌望舒"}
    for name, words in typed.items():
        clerk.page.fill(f"[name={name}]", words)
    clerk.page.press("[name=name]", "Tab")
    settled(clerk)
    assert clerk.page.input_value("[name=birth_date]") == "2023-04-18"
    more = {"class": "小二班", "guardian1_relation": "父亲", "ethnicity": "汉族"}
    for name, word in more.items():
        clerk.page.select_option(f"[name={name}]", word)
    rest = {"guardian1_name": "凌建国", "guardian1_phone": "13800001212"}
    for name, words in rest.items():
        clerk.page.fill(f"[name={name}]", words)
    count = len(typed) + len(more) + len(rest)
    record_property("typed", count)
    assert count <= MOST_TYPED
    clerk.clicks("main button.primary")
    clerk.page.wait_for_selector("#bar")
    assert clerk.page.inner_text("#bar p") == "1 行可以提交"
    assert clerk.told == []


def check_digit(body: str) -> str:
    """Return the last character of an ID number (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
