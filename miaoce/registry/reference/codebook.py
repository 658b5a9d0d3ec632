"""Code lists and regions as one thing to ask: codes by the words people write, words by code (pure).

A Codebook is made for one day from dated rows, the shipped files' or the database's (`queries.codebook`), and then only
read. Every look-up is a dictionary's, so that intake can ask ten times a row.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Self

from rapidfuzz.distance import OSA

from miaoce.registry.reference.gazetteer import Gazetteer
from miaoce.registry.reference.rows import NOTHING, Entry, RegionEntry, shipped_codes, shipped_regions

_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"))
_LONGEST_WORD = 40
_MOST_HEARD = 4096


def tidy(text: str) -> str:
    """What is compared: full width made half, spaces and invisible characters gone, Latin letters in capitals."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_UNSEEN).split()).upper()


class CodeList:
    """One list on one day: its entries in order, and every word that means one of them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=lambda entry: (entry.sort, entry.code))
        self.by_code = {entry.code: entry for entry in self.entries}
        self._words: dict[str, str] = {}
        for word_of in (_codes_of, _names_of, _legacy_of):  # a code beats a name, a name beats an older system's code
            for entry in self.entries:
                for word in word_of(entry):
                    self._words.setdefault(tidy(word), entry.code)
        self._slips = {tidy(slip): entry.code for entry in self.entries for slip in entry.slips}
        self._heard: dict[str, str] = {}  # slips understood before; what was not understood is not kept

    def code(self, text: str) -> str | None:
        """The code that the text means, by code, name, alias or older code."""
        return text if text in self.by_code else self._words.get(text) or self._words.get(tidy(text))

    def closest(self, text: str) -> str | None:
        """The one code at one slip from the text: a known slip, the same sound, or one character."""
        word = tidy(text)
        if len(word) > _LONGEST_WORD:
            return None
        if found := self._words.get(word) or self._slips.get(word) or self._heard.get(word):
            return found
        found = self._only(self._sounding_like(word)) or self._only(self._one_slip_from(word))
        if found and len(self._heard) < _MOST_HEARD:
            self._heard[word] = found
        return found

    @staticmethod
    def _only(codes: set[str]) -> str | None:
        return next(iter(codes)) if len(codes) == 1 else None

    def _one_slip_from(self, word: str) -> set[str]:
        """Codes with a word at one slip (a character wrong, missing, extra or swapped), 族 left out."""
        stem = word.removesuffix("族")
        if len(stem) < 2:
            return set()
        return {
            code
            for other, code in self._words.items()
            if len(other) > 1 and OSA.distance(stem, other.removesuffix("族"), score_cutoff=1) <= 1
        }

    def _sounding_like(self, word: str) -> set[str]:
        return self._sounds.get(_sound(word), set()) if len(word) > 1 else set()

    @cached_property
    def _sounds(self) -> Mapping[str, set[str]]:
        sounds: defaultdict[str, set[str]] = defaultdict(set)
        for word, code in self._words.items():
            if len(word) > 1 and not word.isascii():
                sounds[_sound(word)].add(code)
        return dict(sounds)


def _sound(word: str) -> str:
    from pypinyin import lazy_pinyin  # its tables take a tenth of a second to read and few callers ask

    return " ".join(lazy_pinyin(word))


def _codes_of(entry: Entry) -> tuple[str, ...]:
    return (entry.code, entry.code.lstrip("0") or "0") if entry.code.isdigit() else (entry.code,)


def _names_of(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.aliases)


def _legacy_of(entry: Entry) -> tuple[str, ...]:
    return entry.legacy


@dataclass(frozen=True, eq=False)
class Codebook:
    """Every code list and every region on one day. Hashed by identity: one book is one edition on one day."""

    on: date
    lists: Mapping[str, CodeList]
    regions: Gazetteer

    @classmethod
    def from_rows(cls, codes: Mapping[str, Iterable[Entry]], regions: Iterable[RegionEntry], on: date) -> Self:
        """Make the book of one day from dated rows."""
        lists = {name: CodeList(entry for entry in entries if entry.in_force(on)) for name, entries in codes.items()}
        return cls(on=on, lists=lists, regions=Gazetteer(regions, on.year))

    @classmethod
    def from_files(cls, on: date) -> "Codebook":
        """The book as shipped, without a database. Kept for the days last asked for."""
        return _from_files(on)

    def code(self, list_name: str, text: str) -> str | None:
        """The code that the text means in that list (by code, name, alias), or None. KeyError for an unknown list."""
        return self.lists[list_name].code(text)

    def closest(self, list_name: str, text: str) -> str | None:
        """The one entry at one slip, to be offered (汗族 → 01); None when there is none or more than one."""
        return self.lists[list_name].closest(text)

    def name(self, list_name: str, code: str) -> str:
        """The official wording of a code; the code itself where the list does not hold it (an older day's, say)."""
        entry = self.lists[list_name].by_code.get(code)
        return entry.name if entry else code

    def names(self, list_name: str) -> list[str]:
        """Every official wording, in the order of the list."""
        return [entry.name for entry in self.lists[list_name].entries]

    def entries(self, list_name: str) -> list[Entry]:
        """Every entry in force, in the order of the list."""
        return list(self.lists[list_name].entries)

    def entry(self, list_name: str, code: str) -> Entry | None:
        """One entry by its code."""
        return self.lists[list_name].by_code.get(code)

    def extra(self, list_name: str, code: str) -> Mapping[str, str]:
        """The columns only this list has, such as `number_kind` of a document or `size` of a group kind."""
        entry = self.lists[list_name].by_code.get(code)
        return entry.extra if entry else NOTHING

    def knows_region(self, code6: str) -> bool:
        """Whether the six digits were ever a region's code, repealed ones and the demonstration province included."""
        return self.regions.knows(code6)

    def region_code(self, text: str, *, near: str = "") -> str | None:
        """The code that a name, short name, path, address or code of 6 or 12 digits means.

        More than one fitting place gives None, unless `near` (the code of the kindergarten's county) lies in or beside
        exactly one of them. Places in force come before repealed ones.
        """
        return self.regions.find(tidy(text), near)

    def region_name(self, code: str) -> str:
        """云川省青江市青禾区: the whole path, without 市辖区; empty for a code never used."""
        return self.regions.full_name(code)

    def region_level(self, code: str) -> str:
        """nation, province, city, county or zone; empty for a code never used."""
        row = self.regions.get(code)
        return row.level if row else ""


@lru_cache(maxsize=4)
def _from_files(on: date) -> Codebook:
    return Codebook.from_rows(shipped_codes(), shipped_regions(), on)
