"""Takes apart what families write about two people into one cell: 父:张三 139… 母:李四 138…, 张三、李四 beside two telephones.

Nothing is guessed: what does not fall into relations, names and telephones as a whole stays in its cell as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from miaoce.registry.intake.tidy import half_width, is_nothing, tidy_phone

PARTS = ("name", "relation", "phone")
_LONG = "父亲|母亲|爸爸|妈妈|爷爷|奶奶|外公|外婆|外祖父|外祖母|姥爷|姥姥|祖父|祖母"
_SHORT = "父|母|爸|妈"
_NO_SURNAME = "父|爸|妈"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af\U000323b0-\U00033479"
_LABELS = re.compile(
    r"(?:联系|手机|家庭)?(?:电话|手机|方式)(?:号码?)?|手机号码?|姓名|名字|家长|监护人|父母|联系人|信息|和|及"
)
_PHONE = r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"
_TOKEN = re.compile(
    rf"(?P<phone>{_PHONE})|(?P<word>[{_HAN}·]+)|(?P<space>[\s:,、;/|()\-—~+&.。]+)|(?P<other>.)", re.DOTALL
)
_NAME = re.compile(rf"[{_HAN}]{{2,4}}|[{_HAN}]{{1,12}}(?:·[{_HAN}]{{1,12}})+")


@dataclass(frozen=True, slots=True)
class Person:
    """One adult as far as the cells tell; an empty part was not said."""

    name: str = ""
    relation: str = ""
    phone: str = ""


def take_apart(raw: Mapping[str, str]) -> dict[str, str]:
    """Return texts of both guardians by field where the first one's cells hold more than one part or person; else nothing.

    `raw` are a row's texts by field. A row that fills the second guardian's cells says itself who is who.
    """
    cells = {part: raw.get(f"guardian1_{part}", "") for part in PARTS}
    if any(not is_nothing(text) for key, text in raw.items() if key.startswith("guardian2_")):
        return {}
    if all(is_nothing(text) or _is_plain(part, text) for part, text in cells.items()):
        return {}
    found = {part: people_in(text) for part, text in cells.items() if not is_nothing(text)}
    people = _joined(list(found.values())) if all(found.values()) else []
    if not people or len(people) > 2 or not all(person.name for person in people):
        return {}
    return {
        f"guardian{n}_{part}": text
        for n, person in enumerate(people, 1)
        for part in PARTS
        if (text := getattr(person, part))
    }


def another(raw: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of the second guardian where a row tells of a guardian and nothing else: the child stands above.

    Without a name and a relation it could be anything, and nothing is taken.
    """
    if any(not key.startswith("guardian1_") for key, text in raw.items() if not is_nothing(text)):
        return {}
    if is_nothing(raw.get("guardian1_name", "")) or is_nothing(raw.get("guardian1_relation", "")):
        return {}
    return {key.replace("guardian1_", "guardian2_"): text for key, text in raw.items()}


def _is_plain(part: str, text: str) -> bool:
    """Tell whether a cell holds its own part and nothing else."""
    words = [match for match in _TOKEN.finditer(half_width(text).strip()) if match.lastgroup != "space"]
    if part == "phone":
        return not any(match.lastgroup == "word" for match in words) and len(words) < 2
    return len(words) < 2 and not any(match.lastgroup == "phone" for match in words)


def people_in(text: str) -> list[Person]:
    """Return the people that a cell tells of, in order; none where any of it is not understood.

    母 right before a name counts as a relation only where everybody in the cell has one: it is a surname too.
    """
    plain = _LABELS.sub(" ", half_width(text))
    short = _read(plain, f"{_LONG}|{_SHORT}")
    if len(short) > 1 and all(person.relation for person in short):
        return short
    return _read(plain, f"{_LONG}|{_NO_SURNAME}")


def _read(text: str, prefixes: str) -> list[Person]:
    people: list[Person] = []
    now = Person()
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "space":
            continue
        said = _said(match[0], match.lastgroup or "other", prefixes)
        if not said:
            return []
        for part, value in said:
            if getattr(now, part):
                people.append(now)
                now = Person()
            now = replace(now, **{part: value})
    people.append(now)
    return people if _is_even(people) else []


def _said(word: str, kind: str, prefixes: str) -> list[tuple[str, str]]:
    """Return the parts that one word says: a telephone, a relation, a name, or a relation with a name."""
    if kind == "phone":
        return [("phone", tidy_phone(word))]
    if kind != "word":
        return []
    if re.fullmatch(f"{_LONG}|{_SHORT}", word):
        return [("relation", word)]
    prefix = re.match(prefixes, word)
    if prefix and _NAME.fullmatch(word[prefix.end() :]):
        return [("relation", prefix[0]), ("name", word[prefix.end() :])]
    return [("name", word)] if _NAME.fullmatch(word) else []


def _is_even(people: Sequence[Person]) -> bool:
    """Tell whether it is certain what belongs to whom: no telephone stands alone beside people with names."""
    named = [bool(person.name or person.relation) for person in people]
    return all(named) or not any(named)


def _joined(cells: list[list[Person]]) -> list[Person]:
    """Join what several cells say: by relation where each tells it, otherwise in order; one telephone is the first one's."""
    most: Sequence[Person] = max(cells, key=len)
    people = list(most)
    for others in cells:
        joined = people if others is most else _with(people, others)
        if joined is None:
            return []
        people = joined
    return people


def _with(people: Sequence[Person], others: Sequence[Person]) -> list[Person] | None:
    """Add what another cell says about the same people; None where it cannot be told about whom."""
    if all(p.relation for p in people) and all(o.relation for o in others):
        by_relation = {o.relation: o for o in others}
        if not set(by_relation) <= {p.relation for p in people}:
            return None
        return [_both(p, by_relation.get(p.relation, Person())) for p in people]
    if len(others) not in (1, len(people)):
        return None
    return [_both(p, o) for p, o in zip(people, [*others, *[Person()] * (len(people) - len(others))], strict=True)]


def _both(one: Person, other: Person) -> Person:
    return Person(one.name or other.name, one.relation or other.relation, one.phone or other.phone)
