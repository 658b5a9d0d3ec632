"""Rolls as another place would make them: the maker of the open rolls with other names, other slips and other rates.

    python -m bench.variants --maker make_roll.py --number 7 --n 100000 --seed 3 --out FOLDER

Each number is another place. Its surnames stand in another order, its given names are made of other characters, every rate
is drawn anew, and there are kinds of slips that the maker does not know. Number 0 is the maker itself.
"""

import argparse
import importlib.util
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

FIRST_OF_LIST, LAST_OF_LIST = 0xB0, 0xD7  # the 3,755 usual characters of GB 2312
HEARD = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))
EXTRA = {
    "name_dialect": 4,
    "name_bracketed": 2,
    "surname_slip": 2,
    "birth_any_digit": 4,
    "birth_first_of_month": 2,
    "id_of_guardian": 3,
    "id_two_digits": 3,
}
EXTRA_HOUSEHOLD = {"phone_slip": 0.05, "both_grandparents": 0.02, "relation_wrong": 0.01}


def load(path: Path) -> ModuleType:
    """Return a fresh copy of the maker, so that what is changed in it stays in it."""
    spec = importlib.util.spec_from_file_location("roll_maker", path)
    assert spec and spec.loader, path
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    return maker


def vary(maker: ModuleType, number: int) -> ModuleType:
    """Make the maker that of another place; number 0 leaves it as it is."""
    if number:
        rng = random.Random(number * 104729)
        _other_rates(maker, rng)
        _other_names(maker, rng)
        maker.KINDS.update({kind: weight * rng.uniform(0.3, 2) for kind, weight in EXTRA.items()})
        maker.HOUSEHOLD.update({kind: rate * rng.uniform(0.3, 2) for kind, rate in EXTRA_HOUSEHOLD.items()})
        maker.World = _with_other_slips(maker)
    return maker


def _other_rates(maker: ModuleType, rng: random.Random) -> None:
    rates = maker.RATES
    between = {
        **{"second_record": (0.012, 0.06), "third_record": (0.0, 0.005), "later_delivery": (0.08, 0.2)},
        **{"multiple_birth": (0.01, 0.026), "twin_same_kindergarten": (0.85, 0.98), "twin_follows": (0.3, 0.9)},
        **{"twin_both_without_id": (0.02, 0.12), "twin_one_without_id": (0.02, 0.1), "twin_pasted_id": (0.004, 0.025)},
        **{"cousins": (0.006, 0.025), "namesakes": (0.001, 0.006), "same_guardian_name": (0.001, 0.006)},
        **{"birthday_siblings": (0.005, 0.05), "without_id": (0.02, 0.09), "grandparent_first": (0.02, 0.12)},
        **{"one_parent": (0.02, 0.1), "grandparent_phone": (0.01, 0.08), "local": (0.5, 0.9), "same_city": (0.05, 0.1)},
    }
    rates.update({name: rng.uniform(*ends) for name, ends in between.items()})
    few = [share * rng.lognormvariate(0, 0.35) for share in rates["slips"]]
    rates["slips"] = tuple(share / sum(few) for share in few)
    for table in (maker.KINDS, maker.HOUSEHOLD, maker.BACKGROUND):
        for kind in table:
            table[kind] *= rng.lognormvariate(0, 0.5)
    for field, shares in maker.EMPTY.items():
        more = rng.lognormvariate(0, 0.4)
        maker.EMPTY[field] = tuple(min(share * more, 0.95) for share in shares)
    manners = [share * rng.lognormvariate(0, 0.4) for share in maker.MANNERS]
    maker.MANNERS = tuple(share / sum(manners) for share in manners)
    maker.OWN_PHONE_KINDERGARTENS = rng.uniform(0.03, 0.18)


def _other_names(maker: ModuleType, rng: random.Random) -> None:
    usual = [
        bytes((row, cell)).decode("gb2312") for row in range(FIRST_OF_LIST, LAST_OF_LIST) for cell in range(0xA1, 0xFF)
    ]

    def some(count: int) -> str:
        return "".join(rng.sample(usual, count))

    def names(count: int, first: str, second: str) -> list[str]:
        return [rng.choice(first) + rng.choice(second) for _ in range(count)]

    head, tail = maker.SURNAMES[:60], maker.SURNAMES[60:]
    rng.shuffle(head)
    maker.SURNAMES[:] = head + tail
    for who in ("BOYS", "GIRLS"):
        first, second = some(rng.randint(50, 160)), some(rng.randint(50, 160))
        setattr(maker, f"{who}_FIRST", first)
        setattr(maker, f"{who}_SECOND", second)
        setattr(maker, f"{who}_POPULAR", names(rng.randint(60, 200), first, second))
    maker.SINGLES_M, maker.SINGLES_F = some(70), some(70)
    maker.NICKNAMES = [sign * 2 for sign in some(30)]
    for sex in ("M", "F"):
        first, second = some(rng.randint(30, 60)), some(rng.randint(30, 60))
        setattr(maker, f"ADULT_{sex}", first)
        setattr(maker, f"ADULT_{sex}2", second)
    maker.FATHERS, maker.MOTHERS = ([*some(40), *names(60, some(40), some(40))] for _ in range(2))
    maker.GRANDFATHERS, maker.GRANDMOTHERS = (names(50, some(40), some(40)) for _ in range(2))


class Slips:
    """The slips of EXTRA and EXTRA_HOUSEHOLD, beside those that the maker's own world knows."""

    maker: Any
    heard: dict[str, list[str]]
    rng: random.Random
    sounds: Any
    replace_character: Any
    set_day: Any

    def replace(self, view: Any, choose: Callable[[str], str | None]) -> bool:
        return bool(self.replace_character(view, choose))

    def do_name_dialect(self, _a: Any, b: Any) -> bool:
        if not self.heard:
            for sign, (_, plain) in self.sounds.of.items():
                self.heard.setdefault(blurred(plain), []).append(sign)

        def other(sign: str) -> str | None:
            plain = self.sounds.of.get(sign, ("", ""))[1]
            near = [x for x in self.heard.get(blurred(plain), ()) if self.sounds.of[x][1] != plain]
            return self.rng.choice(near) if near else None

        return self.replace(b, other)

    def do_name_bracketed(self, _a: Any, b: Any) -> bool:
        if b.after or not b.before:
            return False
        b.given += f"（{self.rng.choice(self.maker.NICKNAMES)}）"
        return True

    def do_surname_slip(self, _a: Any, b: Any) -> bool:
        other = self.sounds.alike(self.rng, b.before[-1]) if b.before else None
        b.before = b.before[:-1] + other if other else b.before
        return bool(other)

    def do_birth_any_digit(self, _a: Any, b: Any) -> bool:
        text = self.maker.iso(b.day)
        place = self.rng.choice((6, 8, 9, 9))
        try:
            typed = text[:place] + str(self.rng.randrange(10)) + text[place + 1 :]
            day = self.maker.dt.date.fromisoformat(typed).toordinal()
        except ValueError:
            return False
        return bool(self.set_day(b, day))

    def do_birth_first_of_month(self, _a: Any, b: Any) -> bool:
        day = self.maker.dt.date.fromordinal(b.day)
        return bool(self.set_day(b, day.replace(day=1).toordinal()))

    def do_id_of_guardian(self, _a: Any, b: Any) -> bool:
        if b.id_type != "resident_id":
            return False
        b.id = b.guardians[0][2]
        return True

    def do_id_two_digits(self, _a: Any, b: Any) -> bool:
        if b.id_type != "resident_id":
            return False
        for _ in range(2):
            b.id = self.maker.mistype(b.id, self.rng.random(), valid=False)
        return True

    def do_phone_slip(self, _a: Any, b: Any) -> bool:
        b.guardians = [list(one) for one in b.guardians]
        phone = b.guardians[0][3]
        place = self.rng.randrange(3, 11)
        b.guardians[0][3] = phone[:place] + str((int(phone[place]) + self.rng.randint(1, 9)) % 10) + phone[place + 1 :]
        return True

    def do_both_grandparents(self, _a: Any, b: Any) -> bool:
        b.guardians = [list(b.old)]
        return True

    def do_relation_wrong(self, _a: Any, b: Any) -> bool:
        b.guardians = [[1 - one[0], *one[1:]] if one[0] < 2 else list(one) for one in b.guardians]
        return True


def _with_other_slips(maker: ModuleType) -> type:
    """Return the maker's world with the slips of EXTRA and EXTRA_HOUSEHOLD."""
    return type("World", (Slips, maker.World), {"maker": maker, "heard": {}})


def blurred(syllable: str) -> str:
    """Return a syllable as a dialect that does not tell zh, ch, sh, l and -ng apart would say it."""
    for plain, merged in HEARD:
        if syllable.startswith(plain):
            syllable = merged + syllable[len(plain) :]
            break
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


def main() -> int:
    """Make one roll."""
    reader = argparse.ArgumentParser(prog="python -m bench.variants")
    reader.add_argument("--maker", type=Path, required=True, help="make_roll.py of the open rolls")
    reader.add_argument("--number", type=int, default=0, help="which place; 0 is the maker itself")
    reader.add_argument("--n", type=int, default=20_000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--out", type=Path, required=True)
    given = reader.parse_args()
    made = vary(load(given.maker), given.number).build(given.n, given.seed, str(given.out))
    print(f"{made['n']} records, {made['true_pairs']} true pairs, {made['twin_pairs']} twin pairs -> {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
