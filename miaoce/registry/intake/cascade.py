"""Province, city and county in columns of their own: their headings, what their cells mean together, lists to choose from.

Pure. A place without a level of its own stands on the next one too, so that all three columns always offer something:
a city without counties is its own county, a county that the province runs is its own city (GB/T 2260), and the districts of a
city that is a province lie in the city of its name.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from miaoce.registry.intake.tidy import is_nothing
from miaoce.registry.reference.gazetteer import Gazetteer
from miaoce.registry.reference.rows import NAMELESS, RegionEntry

_OF_WHAT = r"(?:户[口籍]|出生)(?:所在)?(?:地址?|地区)?(?:所?在)?的?"
_STEPS = tuple(
    re.compile(rf"{_OF_WHAT}(?:{names})(?:名称?)?")
    for names in (
        "省份?|省级|省(?:直辖市|自治区){1,2}|省(?:市区|区市)",
        "市|地市|城市|市级|地级市|(?:地市|市地|市)[州盟]{1,2}|州市",
        "区县|县区|县级?|区|(?:县市|市县|区县|县)[区市旗]{1,2}|县旗|旗县",
    )
)
_BRACKETS = str.maketrans(dict.fromkeys("()[]【】"))
_NO_PLACE = frozenset({"830000"})  # stands on residence permits only
_DEMONSTRATION = "99"


def step_of(heading: str) -> int:
    """Tell which part of a place a simplified heading asks for: 1 province, 2 city, 3 county, 0 all of it or none."""
    plain = heading.translate(_BRACKETS)
    return next((n for n, pattern in enumerate(_STEPS, 1) if pattern.fullmatch(plain)), 0)


def joined(parts: Iterable[str]) -> str:
    """Put the texts of the three columns together; a text that says the one before it again stands in its place."""
    out: list[str] = []
    for part in ("".join(text.split()) for text in parts if not is_nothing(text)):
        if out and part.startswith(out[-1]):
            out[-1] = part
        elif part:
            out.append(part)
    return "".join(out)


@dataclass(frozen=True)
class Cascade:
    """What each column offers: the provinces, the cities by province, the counties by province and city joined."""

    provinces: list[str]
    cities: Mapping[str, list[str]]
    counties: Mapping[str, list[str]]
    own: tuple[str, str, str]
    """The three texts of the place it was made for, empty where the place is none."""


def cascade(regions: Gazetteer, near: str) -> Cascade:
    """Return the lists of the places in force, those of `near` (the kindergarten's county) first.

    The demonstration province is offered to its own kindergartens only.
    """
    places = [row for row in regions.in_force().values() if _is_place(row, near)]
    above = {higher.code for row in places for higher in regions.line(row.code)[:-1]}
    paths = {row.code: _path(regions, row) for row in places if row.code not in above}
    provinces: dict[str, None] = {}
    cities: dict[str, dict[str, None]] = {}
    counties: dict[str, dict[str, None]] = {}
    for code in sorted(paths, key=lambda code: (code[:2] != near[:2], code[:4] != near[:4], code != near, code)):
        province, city, county = paths[code]
        provinces[province] = None
        cities.setdefault(province, {})[city] = None
        counties.setdefault(province + city, {})[county] = None
    return Cascade(
        provinces=list(provinces),
        cities={above: list(names) for above, names in cities.items()},
        counties={above: list(names) for above, names in counties.items()},
        own=paths.get(near, ("", "", "")),
    )


def _is_place(row: RegionEntry, near: str) -> bool:
    """Tell whether a row is a place that somebody can come from, and no placeholder."""
    if row.level == "nation" or row.name in NAMELESS or row.code in _NO_PLACE:
        return False
    if row.code[:2] == _DEMONSTRATION and near[:2] != _DEMONSTRATION:
        return False
    return row.own_office or row.level == "province"


def _path(regions: Gazetteer, row: RegionEntry) -> tuple[str, str, str]:
    """Return what stands in the three columns for a place; names that a level lacks are those of its neighbour."""
    line = regions.line(row.code)
    names = [place.name for place in line]
    if len(line) == 2 and row.level in ("county", "zone"):
        return (names[0], names[0] if _is_a_city(line[0]) else names[1], names[1])
    return (names[0], names[min(1, len(names) - 1)], names[-1])


def _is_a_city(province: RegionEntry) -> bool:
    return province.name.endswith("市")
