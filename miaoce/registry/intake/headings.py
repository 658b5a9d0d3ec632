"""Understands column headings by meaning: 孩子姓名, 身 份 证 号, 第二监护人（母亲）电话, 与幼儿关系 …"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from miaoce.registry.intake import cascade
from miaoce.registry.intake.fields import FIELD, FIELDS, GRADE

PROBLEMS, MARK = "问题", "行标记"
"""Headings of the columns that the downloadable problem sheet adds: what is wrong, and which row it is."""

CHILD, GUARDIAN = "child", "guardian"

_NOISE = re.compile(r"[\s*★☆●▲※√:：、。.,，;；\"“”'‘’_\-—/\\|]+")
_BRACKETS = re.compile(r"[(\[【〔<《{].*?[)\]】〕>》}]")
_NUMBERING = re.compile(r"^\s*(?:第?\d{1,2}\s*[.、．)）:：]|Q\d{1,2}\s*[.、．:：]?|[（(]\d{1,2}[)）])\s*")
_SAYS_SOMETHING = re.compile(r"[^（(【\[]+[:：]\s*[^\s（(【\[*]")
"""A label with what belongs to it (班级：小一班), which is no heading of a column."""
_TRADITIONAL = str.maketrans(
    "別號證電話機級園監護聯係絡繫親與關備註國籍學號戶況稱謂類種齡間",
    "别号证电话机级园监护联系络系亲与关备注国籍学号户况称谓类种龄间",
)
_POLITE = re.compile(r"^(请填写|请输入|请选择|请填|填写|您的?|必填|选填)+|(必填|选填|必填项|可不填|请选择)+$")
_OTHERS = re.compile(
    r"老师|教师|班主任|园长|填表|审核|经办|疫苗|接种|保险|缴费|工作单位|单位|学历|文化程度|职业|职务|体检|过敏|血型|身高|体重|政治面貌|接送|邮箱|微信|学籍号"
)

_PEOPLE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "guardian2",
        re.compile(
            r"第?[二2](?:位|个)?(?:监护人|家长|联系人|家庭成员)|(?:监护人|家长|联系人|家庭成员)[二2]|其他监护人|另一监护人|备用联系人"
        ),
    ),
    (
        "guardian1",
        re.compile(
            r"第?[一1](?:位|个)?(?:监护人|家长|联系人|家庭成员)|(?:监护人|家长|联系人|家庭成员)[一1]|主要监护人|首要监护人"
        ),
    ),
    ("外祖父", re.compile(r"外祖父|外公|姥爷")),
    ("外祖母", re.compile(r"外祖母|外婆|姥姥")),
    ("祖父", re.compile(r"祖父|爷爷")),
    ("祖母", re.compile(r"祖母|奶奶")),
    ("父亲", re.compile(r"父亲|爸爸|^父(?!母)|father", re.IGNORECASE)),
    ("母亲", re.compile(r"母亲|妈妈|^母|mother", re.IGNORECASE)),
    (GUARDIAN, re.compile(r"监护人|家长|联系人|父母|抚养人|家庭成员|guardian|parent", re.IGNORECASE)),
    (CHILD, re.compile(r"幼儿(?!园)|孩子|小孩|学生|儿童|宝宝|宝贝|小朋友|新生|学员|child|student", re.IGNORECASE)),
)
_NAME_STEPS = (
    re.compile(r"(?:幼儿|孩子|学生|儿童|宝宝)?的?(?:姓氏?|surname|familyname|lastname)", re.IGNORECASE),
    re.compile(r"(?:幼儿|孩子|学生|儿童|宝宝)?的?(?:名|名字|givenname|firstname)", re.IGNORECASE),
)
RELATIONS = frozenset({"外祖父", "外祖母", "祖父", "祖母", "父亲", "母亲"})
"""People whose columns tell their relation by themselves."""

_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("relation", re.compile(r"关系|称谓|称呼|(?:家长|监护人|联系人)\d?身份$|^身份$")),
    ("birth_certificate_number", re.compile(r"出生(?:医学)?证")),
    ("id_type", re.compile(r"(?:证件|身份证件?).{0,2}(?:类型|种类|类别|名称)")),
    ("id_number", re.compile(r"身份证|证件|身份号码|^(?:证|证号)$|idcard|idnumber", re.IGNORECASE)),
    ("phone", re.compile(r"电话|手机|联系方式|联络方式|移动号码|tel|phone|mobile", re.IGNORECASE)),
    ("birth_date", re.compile(r"出生(?!地|所在|医学|证|体重|顺序|身长)|生日|birth", re.IGNORECASE)),
    ("former_name", re.compile(r"曾用|小名|乳名|昵称")),
    ("sex", re.compile(r"性别|^sex$|^gender$", re.IGNORECASE)),
    ("ethnicity", re.compile(r"民族|族别")),
    ("nationality", re.compile(r"国籍|国家")),
    ("hukou_kind", re.compile(r"户[口籍].{0,2}(?:性质|类型|类别)")),
    ("hukou_region", re.compile(r"户[口籍]")),
    ("birth_region", re.compile(r"出生(?:所在)?地")),
    ("address", re.compile(r"住址|地址|居住地")),
    ("entry_date", re.compile(r"入[园学托](?:日期|时间|年月)")),
    ("entry_kind", re.compile(r"入[园学](?:方式|类型)")),
    ("only_child", re.compile(r"独生")),
    ("left_behind", re.compile(r"留守")),
    ("migrant", re.compile(r"随迁")),
    ("orphan", re.compile(r"孤儿")),
    ("disability", re.compile(r"残疾")),
    ("boarding", re.compile(r"寄宿|走读|住宿|就读方式")),
    ("health", re.compile(r"健康状况|健康情况|身体状况")),
    (GRADE, re.compile(r"^(?:所在)?(?:年级|年龄段|班型|年段)$")),
    ("class", re.compile(r"班级|班别|^班$|所在班|class", re.IGNORECASE)),
    ("name", re.compile(r"姓名|名字|^名$|^name$", re.IGNORECASE)),
    ("remark", re.compile(r"^备注|^附注")),
)
_OF_A_PERSON = frozenset({"name", "relation", "id_type", "id_number", "phone"})
_NOBODY_ELSES = frozenset({"relation", "phone"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """Whose (`child`, `guardian`, `guardian1`, 父亲 …, or empty where the heading does not say) and what."""

    person: str
    part: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that was understood: its place, its heading, its field, and a relation that the heading alone tells."""

    index: int
    heading: str
    field: str
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """All columns of a sheet. In a problem sheet that came back, `added` are the columns it added, `mark` that of marks."""

    columns: tuple[Column, ...] = ()
    unmapped: tuple[tuple[int, str], ...] = ()
    fields: frozenset[str] = field(default_factory=frozenset)
    mark: int | None = None
    added: frozenset[int] = frozenset()


def simplify(heading: str) -> str:
    """Reduce a heading to what it says: no spaces, stars, colons or numbering, half-width letters."""
    text = _NUMBERING.sub("", unicodedata.normalize("NFKC", heading).translate(_TRADITIONAL))
    return _POLITE.sub("", _NOISE.sub("", text)).lower()


_EXACT: dict[str, str] = {
    simplify(h): f.key for f in FIELDS if not f.key.startswith("guardian") for h in (f.label, *f.aliases)
}


@lru_cache(maxsize=4096)
def understand(heading: str, above: str = "") -> Meaning | None:
    """Tell what a heading means, with the heading of the group above it if there is one. None: not one of ours."""
    if len(heading) > 60 or _SAYS_SOMETHING.search(_NUMBERING.sub("", heading)):
        return None
    full = simplify(heading).replace("(父)", "父亲").replace("(母)", "母亲")
    outside, whole = _BRACKETS.sub("", full), re.sub(r"[()\[\]【】]", "", full)
    says_who = _person(whole) != _person(outside) and _person(whole) != CHILD  # 监护人（父亲）姓名
    for text in dict.fromkeys((whole, outside) if says_who else (outside, whole)):
        meaning = _plain(text, simplify(above))
        if meaning is not None:
            return meaning
    return None


def _plain(text: str, above: str) -> Meaning | None:
    if not text or len(text) > 24 or text in (PROBLEMS, MARK) or (_OTHERS.search(text) and text not in _EXACT):
        return None
    person = _person(text)
    part = _EXACT.get(text) or next((key for key, pattern in _PARTS if pattern.search(text)), None)
    if part is None:
        only_person = person if person and not _rest(text, person) else ""
        return Meaning(only_person, "name") if only_person else None
    if not person:
        person = _person(above) or ("" if part in _OF_A_PERSON else CHILD)
    if part == "relation" and person == CHILD:
        person = ""  # 与幼儿关系
    if part not in _OF_A_PERSON and person != CHILD:
        return Meaning(CHILD, part) if part in ("address", "class") and person == GUARDIAN else None
    if part == "phone" and person == CHILD:
        person = GUARDIAN  # 幼儿联系电话
    return Meaning(person, part)


def _person(text: str) -> str:
    return next((who for who, pattern in _PEOPLE if pattern.search(text)), "")


def _rest(text: str, person: str) -> str:
    pattern = dict(_PEOPLE)[person]
    return re.sub(r"[一二12]|信息|情况|姓名|的|及|和", "", pattern.sub("", text))


def step_of(heading: str) -> int:
    """Tell which part a heading asks for: of a place 1 province, 2 city, 3 county, of a name 1 surname, 2 the rest; else 0."""
    plain = simplify(heading)
    return cascade.step_of(plain) or _name_step(plain)


def _name_step(plain: str) -> int:
    return next((n for n, pattern in enumerate(_NAME_STEPS, 1) if pattern.fullmatch(plain)), 0)


def is_heading_like(text: str) -> bool:
    """Tell whether a cell could be a heading: it is understood, or names a running number, a remark or a part of a place."""
    plain = simplify(text)
    known = (
        _name_step(plain) == 1
        or plain in ("序号", "编号", "号", "no", PROBLEMS, MARK)
        or cascade.step_of(f"户口{plain}") > 0
    )
    return known or understand(text) is not None


def arrange(headings: Sequence[tuple[str, str]], memory: Mapping[str, str]) -> Layout:
    """Give each column a field.

    `headings` are (heading, group above) from left to right; `memory` maps remembered headings to fields ("" leaves the
    column out) and goes before what the heading seems to mean.
    """
    return _Arranging(headings, memory).layout()


class _Arranging:
    """One pass from left to right; a heading without a person is about whom the columns before it are about."""

    def __init__(self, headings: Sequence[tuple[str, str]], memory: Mapping[str, str]) -> None:
        self.headings = headings
        self.memory = memory
        self.meanings = self._names_joined([understand(h, above) if h else None for h, above in headings])
        self.named = {(m.person, m.part) for m in self.meanings if m is not None and m.person}
        self.slots: dict[str, int] = {}
        self.current = CHILD
        self.seen: set[tuple[str, str]] = set()
        self.columns: list[Column] = []
        self.unmapped: list[tuple[int, str]] = []
        self.taken: set[str] = set()

    def _names_joined(self, meanings: list[Meaning | None]) -> list[Meaning | None]:
        """Take 姓 and 名 in two columns as the child's name, where both are there and 姓名 is not."""
        steps = [_name_step(simplify(heading)) if heading not in self.memory else 0 for heading, _ in self.headings]
        named = {Meaning("", "name"), Meaning(CHILD, "name")}
        whole = any(meaning in named and not step for meaning, step in zip(meanings, steps, strict=True))
        if whole or not {1, 2} <= set(steps):
            return meanings
        return [Meaning(CHILD, "name") if step else m for m, step in zip(meanings, steps, strict=True)]

    def layout(self) -> Layout:
        resolved = [self._resolve(m) for m in self.meanings]
        self._give_slots([r for r in resolved if r is not None])
        for index, ((heading, _), meaning) in enumerate(zip(self.headings, resolved, strict=True)):
            if heading and heading not in (PROBLEMS, MARK):
                self._place(index, heading, meaning)
        mark = next((i for i, (h, _) in enumerate(self.headings) if h == MARK), None)
        added = frozenset(i for i, (h, _) in enumerate(self.headings) if h in (PROBLEMS, MARK))
        self.columns.sort(key=lambda column: step_of(column.heading))  # parts are joined from the first on
        return Layout(tuple(self.columns), tuple(self.unmapped), frozenset(self.taken), mark, added)

    def _resolve(self, meaning: Meaning | None) -> Meaning | None:
        if meaning is None or meaning.part not in _OF_A_PERSON:
            return meaning
        person = meaning.person or self._whose(meaning.part)
        if person == GUARDIAN:
            person = self._numbered(meaning.part)
        again = (GUARDIAN, meaning.part) in self.seen and (meaning.part == "name" or self.current == "guardian2")
        if person == GUARDIAN and again:
            person = "guardian2"
        self.seen.add((person, meaning.part))
        self.current = person
        return Meaning(person, meaning.part)

    def _whose(self, part: str) -> str:
        """Tell whom 姓名, 身份证号, 电话 or 关系 is about where the heading does not say."""
        if part in _NOBODY_ELSES:
            return self.current if self.current != CHILD else GUARDIAN
        if (CHILD, part) in self.named or (CHILD, part) in self.seen:
            return self.current if self.current != CHILD else GUARDIAN
        return CHILD

    def _numbered(self, part: str) -> str:
        """Tell which guardian 家长电话 is about where only numbered guardians, or father and mother, have names."""
        people = [m.person for m in self.meanings if m is not None and m.part == "name" and m.person not in (CHILD, "")]
        if not people or GUARDIAN in people:
            return GUARDIAN
        lacking = [p for p in people if (p, part) not in self.named and (p, part) not in self.seen]
        return lacking[0] if lacking else GUARDIAN

    def _give_slots(self, meanings: Sequence[Meaning]) -> None:
        people = list(dict.fromkeys(m.person for m in meanings if m.person != CHILD))
        lonely = GUARDIAN in people and (GUARDIAN, "relation") not in self.seen and {"父亲", "母亲"} <= set(people)
        self.slots = {"guardian1": 1, "guardian2": 2}
        free = [n for n in (1, 2) if f"guardian{n}" not in people]
        if lonely:
            people.remove(GUARDIAN)
        for person in people:
            if person not in self.slots and free:
                self.slots[person] = free.pop(0)

    def _place(self, index: int, heading: str, meaning: Meaning | None) -> None:
        relation = None
        if heading in self.memory:
            key: str | None = self.memory[heading] or None
        elif meaning is None:
            key = None
        elif meaning.part == GRADE:
            key = GRADE
        elif meaning.part in _OF_A_PERSON and meaning.person != CHILD:
            slot = self.slots.get(meaning.person)
            key = f"guardian{slot}_{meaning.part}" if slot else None
            relation = meaning.person if meaning.person in RELATIONS else None
        else:
            key = meaning.part
        if (
            key is None
            or (key not in FIELD and key != GRADE)
            or (key in self.taken and not self._goes_on(key, heading))
        ):
            self.unmapped.append((index, heading))
            return
        self.taken.add(key)
        self.columns.append(Column(index, heading, key, relation))

    def _goes_on(self, key: str, heading: str) -> bool:
        """Tell whether a column holds another part of the place or name that the columns before it began."""
        parts = [step_of(column.heading) for column in self.columns if column.field == key]
        is_in_parts = FIELD[key].kind == "region" or key == "name"
        return is_in_parts and all(parts) and step_of(heading) not in (0, *parts)
