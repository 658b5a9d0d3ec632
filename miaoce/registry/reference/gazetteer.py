"""Regions by code and by the ways people write them (pure). Rules: GB/T 2260; data/README.md names the sources."""

import re
from collections.abc import Iterable, Mapping

from miaoce.registry.reference.rows import NAMELESS, RegionEntry

FULL, SHORT, OLD, OLD_SHORT = range(4)
_SEPARATORS = re.compile(r"[/\\>,;|·\-—–_、，。]+")
_PEOPLES = (
    "蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 普米 塔吉克 怒 裕固 京 独龙 鄂温克 保安 各"
)
_AUTONOMOUS = re.compile(rf"(?P<stem>.{{2,}}?)(?:(?:{'|'.join(_PEOPLES.split())})族?)*自治[区州县旗]$")
_ENDINGS = ("特别行政区", "行政委员会", "地区", "林区", "特区", "新区", "省", "市", "区", "县", "盟", "旗")
_LONGEST_NAME, _LONGEST_PATH, _SHORTEST = 24, 48, 2
_DEEPEST = 4  # province, city, 市辖区, county
_MOST_KNOWN = 8192


def short_name(name: str) -> str:
    """The name without what it is: 青禾区 → 青禾, 恩施土家族苗族自治州 → 恩施. Never one character."""
    if found := _AUTONOMOUS.match(name):
        return found["stem"]
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= _SHORTEST:
            return name.removesuffix(ending)
    return name


class Gazetteer:
    """Every region row, indexed for one year. Built once and then only read."""

    def __init__(self, entries: Iterable[RegionEntry], year: int) -> None:
        self.year = year
        self._now: dict[str, RegionEntry] = {}
        self._ever: dict[str, RegionEntry] = {}
        self._forms: dict[str, dict[str, int]] = {}
        rows = list(entries)
        for row in rows:
            self._remember(row)
        for row in rows:
            self._index(row)
        self._with_counties = {row.parent for row in self._now.values() if self._is_county(row)}
        self._known: dict[str, dict[str, int]] = {}  # paths understood before; addresses are not kept

    def _remember(self, row: RegionEntry) -> None:
        """A code may have been given out twice: the row in force wins, else the one that lived last."""
        if row.in_force(self.year):
            self._now[row.code] = row
        known = self._ever.get(row.code)
        if known is None or (row.valid_to or 9999, row.valid_from or 0) >= (
            known.valid_to or 9999,
            known.valid_from or 0,
        ):
            self._ever[row.code] = row

    def _index(self, row: RegionEntry) -> None:
        current = row.in_force(self.year)
        for form, tier in (
            (row.name, FULL if current else OLD),
            (short_name(row.name), SHORT if current else OLD_SHORT),
        ):
            codes = self._forms.setdefault(form, {})
            codes[row.code] = min(tier, codes.get(row.code, tier))

    @staticmethod
    def _is_county(row: RegionEntry) -> bool:
        return row.level in ("county", "zone") and row.own_office

    def get(self, code: str) -> RegionEntry | None:
        """The row of a code: the one in force, else the last one that was."""
        return self._now.get(code) or self._ever.get(code)

    def knows(self, code: str) -> bool:
        """Whether the code was ever given to a place (repealed codes count: ID numbers begin with them)."""
        return code in self._ever and code != "000000"

    def in_force(self) -> Mapping[str, RegionEntry]:
        """The rows of this year by code."""
        return self._now

    def line(self, code: str) -> list[RegionEntry]:
        """The region and what it lies in, from the province down, nameless rows left out."""
        found: list[RegionEntry] = []
        while (row := self.get(code)) and row.level != "nation" and row not in found:
            found.append(row)
            code = row.parent
        return [row for row in reversed(found) if row.name not in NAMELESS]

    def full_name(self, code: str) -> str:
        """云川省青江市青禾区; empty for a code that was never used."""
        if code == "000000":
            return "全国"
        return "".join(row.name for row in self.line(code))

    def leads_kindergartens(self, code: str) -> bool:
        """Whether the office here approves registrations: counties, zones, and cities without counties."""
        row = self.get(code)
        if row is None or not row.own_office:
            return False
        return self._is_county(row) or (row.level == "city" and code not in self._with_counties)

    def office_above(self, code: str) -> str:
        """The region of the office that leads the office here: a province-run county answers to the province itself."""
        row = self.get(code)
        while row is not None and row.parent:
            above = self.get(row.parent)
            if above is not None and above.own_office:
                return above.code
            row = above
        return ""

    def offices(self) -> list[RegionEntry]:
        """Every place in force with an education office of its own, from the nation down."""
        rows = [row for row in self._now.values() if row.own_office]
        return sorted(rows, key=lambda row: (len(self.line(row.code)), row.code))

    def find(self, text: str, near: str) -> str | None:
        """The code that the text means, or None when it means none or more than one that `near` cannot settle."""
        if text.isascii():
            return self._by_code(text)
        joined = _SEPARATORS.sub("", text)
        found = self._known.get(joined)
        if found is None:
            found = self._resolve(joined)
            if found and len(self._known) < _MOST_KNOWN:
                self._known[joined] = found
        found = found or self._inside_address(joined)
        return self._settle(found, near) if found else None

    def _by_code(self, text: str) -> str | None:
        return text[:6] if text.isdigit() and len(text) in (6, 12) and self.get(text[:6]) else None

    def _resolve(self, text: str, depth: int = _DEEPEST) -> dict[str, int]:
        """Codes that the whole text may mean, each with how well it fits (smaller is better)."""
        found = dict(self._forms.get(text, {}))
        if not depth or len(text) > _LONGEST_PATH:
            return found
        for cut in range(_SHORTEST, min(len(text) - 1, _LONGEST_NAME)):
            heads = self._forms.get(text[:cut])
            if not heads:
                continue
            for code, tier in self._resolve(text[cut:], depth - 1).items():
                if any(self._lies_in(code, head) for head in heads):
                    found[code] = min(tier, found.get(code, tier))
        return found

    def _inside_address(self, text: str) -> dict[str, int]:
        """The county that a full address begins with, when it is written out with at least two levels."""
        for cut in range(min(len(text), _LONGEST_PATH), 5, -1):
            if text[cut - 1] not in "市区县旗":
                continue
            found = {
                code: tier
                for code, tier in self._resolve(text[:cut]).items()
                if text[:cut] not in self._forms and self.leads_kindergartens(code)
            }
            if found:
                return found
        return {}

    def _lies_in(self, code: str, ancestor: str) -> bool:
        row = self.get(code)
        for _ in range(4):
            if row is None or not row.parent:
                return False
            if row.parent == ancestor:
                return True
            row = self.get(row.parent)
        return False

    def _settle(self, found: Mapping[str, int], near: str) -> str | None:
        best = min(found.values())
        codes = [code for code, tier in found.items() if tier == best]
        if len(codes) == 1:
            return codes[0]
        if best == FULL and (top := self._top_of_one_line(codes)):
            return top
        for digits in (6, 4, 2):
            close = [code for code in codes if near and code[:digits] == near[:digits]]
            if len(close) == 1:
                return close[0]
        return self._last_repealed(codes) if best >= OLD else None

    def _last_repealed(self, codes: list[str]) -> str | None:
        """One county under several repealed codes (密云县 was recoded): its last one. Two provinces stay undecided."""
        rows = [row for code in codes if (row := self.get(code))]
        if len({(row.name, row.code[:2]) for row in rows}) != 1:
            return None
        return max(rows, key=lambda row: row.valid_to or 0).code

    def _top_of_one_line(self, codes: list[str]) -> str | None:
        """A city and its placeholder county share a name; the city is meant."""
        top = min(codes)
        same = all(code == top or self._lies_in(code, top) for code in codes)
        return top if same else None
