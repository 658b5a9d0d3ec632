"""Numbers of identity documents: formats, check characters and what follows from them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.identity import rules


def number(first17: str) -> str:
    return first17 + rules.check_character(first17)


def test_a_sound_number_tells_region_birth_and_sex() -> None:
    facts = rules.read_resident(number("99010120230103651"))
    assert facts == rules.DocumentFacts(None, "990101", date(2023, 1, 3), "1")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("9901012023010365", rules.LENGTH),
        ("9901012023010365100", rules.LENGTH),
        ("99010120230103A51X", rules.CHARACTERS),
        (number("99010120230230101"), rules.BIRTH),
    ],
)
def test_what_is_wrong_with_a_number(text: str, fault: str) -> None:
    assert rules.read_resident(text).fault == fault


@given(st.integers(100, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes(sequence: int, place: int, shift: int) -> None:
    sound = number(f"99010120221205{sequence}")
    if place == 17 and sound[17] == "X":
        wrong = sound[:17] + str(shift)
    else:
        wrong = sound[:place] + str((int(sound[place]) + shift) % 10) + sound[place + 1 :]
    assert rules.read_resident(wrong).fault is not None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("hmt_residence_permit", number("81000020220423201")),
        ("hm_travel_permit", "H00012345"),
        ("hm_travel_permit", "M0001234567"),
        ("tw_travel_permit", "00123456"),
        ("foreign_permanent_residence", "FRA310099000012"),
        ("foreign_permanent_residence", number("91184020220423121")),
        ("passport", "TR0001234"),
        ("birth_certificate", "Z990101001"),
    ],
)
def test_layouts_of_other_documents(kind: str, text: str) -> None:
    assert rules.read_document(kind, text).fault is None
    assert rules.read_document(kind, text + "??").fault is not None


def test_a_residence_permit_begins_with_its_own_regions() -> None:
    assert rules.read_document("hmt_residence_permit", number("99010120220423201")).fault == rules.REGION


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (number("99010120230103651"), "resident_id"),
        (number("83000020230103651"), "hmt_residence_permit"),
        ("Z990101001", "birth_certificate"),
        ("H00012345", "hm_travel_permit"),
        ("00123456", "tw_travel_permit"),
        ("FRA310099000012", "foreign_permanent_residence"),
        ("12345", None),
    ],
)
def test_the_kind_is_told_from_the_number(text: str, kind: str | None) -> None:
    assert rules.guess_kind(text) == kind


def test_credit_codes() -> None:
    assert rules.is_uscc("91110000600037341L")
    assert not rules.is_uscc("91110000600037341M")
