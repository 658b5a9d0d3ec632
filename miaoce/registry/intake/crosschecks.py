"""Compares the rows of one file or batch: the same child, the same number, twins, classes above their norm."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from miaoce.registry.intake.findings import Finding
from miaoce.registry.intake.groups import GroupSpec
from miaoce.registry.intake.wording import say, where

SAME_CHILD, CLASS_SIZE = "SAME_CHILD_IN_FILE", "CLASS_OVER_NORM"
CROSS_CODES = frozenset({SAME_CHILD, "SAME_ID_IN_FILE", "SAME_NAME_IN_FILE", "TWINS", CLASS_SIZE, "PHONE_SHARED"})
"""Findings made here; they are taken off and made again whenever a row changes."""

_MANY = 4


class Comparable(Protocol):
    """What a row must have to be compared: its place in the book and its normalised values."""

    @property
    def sheet(self) -> str: ...

    @property
    def row(self) -> int: ...

    @property
    def values(self) -> Mapping[str, str]: ...


Where = Callable[[Comparable], str]


def cross_check(rows: Sequence[Comparable]) -> list[list[Finding]]:
    """Return for each row, in order, what comparing finds. Rows that are no children must not be among them.

    Of two rows of one child the later one waits for a decision. Of two children with one number both do.
    """
    several = len({row.sheet for row in rows}) > 1
    found: list[list[Finding]] = [[] for _ in rows]

    def place(row: Comparable) -> str:
        return where(row.row, row.sheet if several else "")

    pairs = _same_numbers(rows, found, place)
    _same_people(rows, found, pairs, place)
    _twins(rows, found, place)
    _shared_phones(rows, found)
    return found


def _same_numbers(rows: Sequence[Comparable], found: list[list[Finding]], place: Where) -> set[int]:
    first: dict[str, int] = {}
    paired = set()
    for i, row in enumerate(rows):
        number = row.values.get("id_number")
        if not number:
            continue
        j = first.setdefault(number, i)
        if j == i:
            continue
        paired.add(i)
        other = rows[j]
        if row.values.get("name") == other.values.get("name"):
            found[i].append(Finding(None, SAME_CHILD, say("same_child", where=place(other))))
        else:
            found[i].append(_same_id(other, place))
            if not any(f.code == "SAME_ID_IN_FILE" for f in found[j]):
                found[j].append(_same_id(row, place))
    return paired


def _same_id(other: Comparable, place: Where) -> Finding:
    name = other.values.get("name", "幼儿")
    return Finding("id_number", "SAME_ID_IN_FILE", say("same_id", where=place(other), name=name))


def _same_people(rows: Sequence[Comparable], found: list[list[Finding]], paired: set[int], place: Where) -> None:
    people: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        name, born = row.values.get("name"), row.values.get("birth_date")
        if name and born:
            people[name, born].append(i)
    for same in people.values():
        for position, i in enumerate(same[1:], 1):
            if i not in paired:
                _compare(rows, found, same[:position], i, place)


def _compare(rows: Sequence[Comparable], found: list[list[Finding]], earlier: list[int], i: int, place: Where) -> None:
    mine = rows[i].values
    for j in earlier:
        other = rows[j].values
        if mine.get("sex") and other.get("sex") and mine["sex"] != other["sex"]:
            continue
        if mine.get("id_number") and other.get("id_number"):
            if mine["id_number"] != other["id_number"]:
                found[i].append(Finding(None, "SAME_NAME_IN_FILE", say("same_name", where=place(rows[j])), remark=True))
            return
        found[i].append(Finding(None, SAME_CHILD, say("same_child_no_id", where=place(rows[j]))))
        return


def _twins(rows: Sequence[Comparable], found: list[list[Finding]], place: Where) -> None:
    families: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        born = row.values.get("birth_date")
        if born:
            for key in ("guardian1_phone", "guardian2_phone", "guardian1_id_number", "guardian2_id_number"):
                if row.values.get(key):
                    families[born, row.values[key]].append(i)
    told = set()
    for family in families.values():
        for i in family if len(family) > 1 else ():
            other = next((j for j in family if rows[j].values.get("name") != rows[i].values.get("name")), None)
            if other is not None and i not in told and len(set(family)) < _MANY:
                told.add(i)
                name = rows[other].values.get("name", "幼儿")
                found[i].append(Finding(None, "TWINS", say("twins", where=place(rows[other]), name=name), remark=True))


def _shared_phones(rows: Sequence[Comparable], found: list[list[Finding]]) -> None:
    count = Counter(
        p for row in rows for p in {row.values.get("guardian1_phone"), row.values.get("guardian2_phone")} if p
    )
    for i, row in enumerate(rows):
        for key in ("guardian1_phone", "guardian2_phone"):
            times = count.get(row.values.get(key, ""), 0)
            if times >= _MANY:
                found[i].append(Finding(key, "PHONE_SHARED", say("phone_shared", count=times), remark=True))


def class_sizes(rows: Sequence[Comparable], classes: Iterable[GroupSpec]) -> list[list[Finding]]:
    """Return for each row, in order, the remark that its class grows above its norm by it.

    Only rows that would add a child to the class may be among them: not one that the register holds there already, nor
    the repetition of another row.
    """
    found: list[list[Finding]] = [[] for _ in rows]
    for group in classes:
        count = group.enrolled
        for i, row in enumerate(rows):
            if group.size_norm and row.values.get("class") == group.name:
                count += 1
                if count > group.size_norm:
                    words = say("class_over", name=group.name, count=count, norm=group.size_norm)
                    found[i].append(Finding("class", CLASS_SIZE, words, remark=True))
    return found
