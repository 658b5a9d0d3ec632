"""Names and text (trust §3): three hundred real forms are taken as they are, a hundred forgeries are refused or remarked on."""

import pytest

from miaoce.registry.intake import rolls
from miaoce.registry.intake.groups import GroupSpec, Place
from miaoce.registry.reference.codebook import Codebook
from tests.factories.names import NAMES
from tests.unit.intake.conftest import TODAY, child

HIDDEN = "\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u180e"
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = "\x01\x07\x08\x0b\x0c\x1b\x1f\x7f\x80\x9f"
CYRILLIC = dict(zip("ABCEHKMOPTXaceopxy", "АВСЕНКМОРТХасеорху", strict=True))
GREEK = dict(zip("ABEHIKMNOPTXZ", "ΑΒΕΗΙΚΜΝΟΡΤΧΖ", strict=True))
RADICALS = "⼀⼁⼆⼈⼉⼊⼋⼗⼜⼝⼞⼟⼠⼥⼦⼩⼭⼯⽅⽇⽊⽔⽟⽣⽩⽯⽴"
LOST = "?？□■\ufffd¿☐▢"
DIGITS = "0〡〢９"
KANA = "ニハロ"


def forgeries() -> list[str]:
    """Return names that look like others, run the other way, hide something or lost something."""
    made = [f"周{sign}一诺" for sign in (*HIDDEN, *DIRECTIONS, *CONTROLS)]
    made += [f"MARI{look}" for look in CYRILLIC.values()] + [f"{look}NNA LI" for look in GREEK.values()]
    made += [f"周{radical}诺" for radical in RADICALS]
    made += [f"周{sign}诺" for sign in (*LOST, *DIGITS)]
    made += [f"周{sign}" for sign in KANA]
    return list(dict.fromkeys(made))


@pytest.fixture(scope="module")
def place() -> Place:
    return Place(
        "1199000001", "青禾中心幼儿园", "990101", TODAY, TODAY.replace(month=9, day=1), (GroupSpec("小一班", "小", 25),)
    )


@pytest.fixture(scope="module")
def book() -> Codebook:
    return Codebook.from_files(TODAY)


def test_three_hundred_names_are_taken_as_they_are(place: Place, book: Codebook) -> None:
    changed = []
    for name in NAMES:
        row = rolls.check_row(child(name=name), place=place, codebook=book)
        if row.state != "ready" or row.values.get("name", "").encode() != name.encode():
            changed.append((name, [ascii(name), row.state, row.values.get("name")], [f.message for f in row.findings]))
    assert changed == []


def test_a_hundred_forged_names_are_refused_or_remarked_on(place: Place, book: Codebook) -> None:
    found = forgeries()
    assert len(found) >= 100
    silent = []
    for name in found:
        row = rolls.check_row(child(name=name), place=place, codebook=book)
        said = [finding for finding in row.findings if finding.field == "name"] or [
            t for t in row.tidied if t.field == "name"
        ]
        if not said:
            silent.append((ascii(name), row.values.get("name")))
    assert silent == []


def test_forged_names_of_guardians_are_seen_too(place: Place, book: Codebook) -> None:
    silent = []
    for name in forgeries():
        row = rolls.check_row(child(guardian1_name=name), place=place, codebook=book)
        said = [finding for finding in row.findings if finding.field == "guardian1_name"]
        if not said and row.values.get("guardian1_name") == name:
            silent.append(ascii(name))
    assert silent == []
