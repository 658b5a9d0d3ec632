"""Pure rules of transfers: what counts as the same child, fees, codes, the table of steps."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.transfers import rules, states
from miaoce.registry.transfers.moving import PAST
from miaoce.registry.transfers.states import LABELS, OPEN, STEPS, Party
from tests.factories.names import NAMES

BORN = date(2022, 3, 4)


@pytest.mark.parametrize(
    "words",
    [
        "学费没交", "还欠 800 元", "欠费未结清", "伙食费未缴清", "请先把钱交了", "押金还没退", "家长欠款", "保教费拖欠两个月",
        "缴费后再放行", "没交钱", "餐 费 未 付", "钱没付清", "等家长结清费用", "交清了钱就放",
    ],
)  # fmt: skip
def test_words_about_money_are_answered_with_the_rule(words):
    with pytest.raises(rules.FeesAreNoReason):
        rules.must_not_be_about_fees(words)


@pytest.mark.parametrize(
    "words",
    ["幼儿不在本园就读", "监护人费心了解过，仍在商量", "父母意见不一致", "享受免费教育的幼儿也一样", "浪费名额",
     "姓名写错了", "不是这名幼儿", "已联系钱女士"],
)  # fmt: skip
def test_other_words_are_taken_as_they_are(words):
    rules.must_not_be_about_fees(words)


@given(name=st.sampled_from(NAMES), spaces=st.sampled_from(["", " ", "\u3000"]))
def test_a_name_is_the_same_however_it_is_spaced_and_dotted(name, spaces):
    for dot in "·•・":
        typed = spaces.join(name.replace("·", dot)) + spaces
        assert rules.is_that_child(name=name, born_on=BORN, given_name=typed, given_born_on=None)


@given(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES))
def test_another_name_is_another_child(name, other):
    same = rules.plain_name(name) == rules.plain_name(other)
    assert rules.is_that_child(name=name, born_on=BORN, given_name=other, given_born_on=None) == same


def test_number_alone_is_never_enough_and_what_was_told_must_all_be_right():
    told = {"name": "陈子墨", "born_on": BORN}
    assert not rules.is_that_child(**told, given_name=" ", given_born_on=None)
    assert rules.is_that_child(**told, given_name="", given_born_on=BORN)
    assert rules.is_that_child(**told, given_name="陈子墨", given_born_on=BORN)
    assert not rules.is_that_child(**told, given_name="陈子墨", given_born_on=date(2022, 3, 5))
    assert not rules.is_that_child(**told, given_name="陈子默", given_born_on=BORN)


@given(text=st.text(alphabet=rules.ALPHABET, min_size=12, max_size=12))
def test_a_code_reads_the_same_however_it_is_typed(text):
    shown = rules.shown_code(text)
    for typed in (shown, shown.lower(), shown.replace("-", " "), text, shown.replace("-", "—")):
        assert rules.tidy_code(typed) == text


@given(text=st.text(max_size=60))
def test_whatever_is_typed_as_a_code_is_read_without_an_error(text):
    assert len(rules.tidy_code(text)) <= 40


def test_every_state_has_words_and_every_step_its_past():
    assert {step.target for step in STEPS.values()} | {states.INVITED, states.REQUESTED} == set(LABELS)
    assert set(PAST) == set(STEPS)
    assert set(states.CLOCKS) == OPEN - {states.WINDOW}


def test_nothing_leads_on_from_the_end():
    for step in STEPS.values():
        assert step.sources <= OPEN, step.verb


def test_each_way_to_the_switch_passes_guardian_both_kindergartens_and_the_county():
    """Walk the table backwards from the switch: whatever way, the same parties have acted (trust.md S-05)."""

    def ways(state: str, passed: frozenset[str]) -> list[frozenset[str]]:
        leading = [s for s in STEPS.values() if s.target == state and s.verb not in passed]
        if state in {states.INVITED, states.REQUESTED}:
            return [passed]
        return [way for step in leading for source in step.sources for way in ways(source, passed | {step.verb})]

    found = ways(states.SWITCHED, frozenset())
    assert found
    for way in found:
        parties = {STEPS[verb].party for verb in way}
        assert Party.GUARDIAN in parties
        assert Party.NEW in parties
        assert parties & {Party.OLD} or "release_for" in way
        assert way & {"approve", "approve_in"}


@pytest.mark.parametrize("within", [True, False])
def test_a_county_is_offered_the_approval_that_fits(within):
    found = states.available(states.ACCEPTED, frozenset({Party.OLD_COUNTY}), is_within_a_county=within)
    assert found == (["approve", "reject"] if within else ["approve_out", "reject"])
