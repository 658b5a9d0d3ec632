"""Shapes that several nouns share. Every name is a term of the field; every text comes from the register's own lists."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from django.utils.dateparse import parse_date
from ninja import Query, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from miaoce.registry.intake.fields import FIELDS
from miaoce.registry.intake.findings import Finding as RoomFinding
from miaoce.registry.reference.codebook import Codebook

LONGEST = 500
MOST = 200


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("no NUL")
    return text


def _day(value: Any) -> Any:
    """Take days as 2026-09-01 and nothing else."""
    if isinstance(value, date):
        return value
    found = parse_date(value) if isinstance(value, str) and len(value) == 10 else None
    if found is None:
        raise ValueError("a day reads 2026-09-01")
    return found


def _words(least: int, most: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": least, "maxLength": most, "pattern": "^[^\\u0000]*$"})


Text = Annotated[str, Field(max_length=LONGEST), AfterValidator(_no_nul), _words(0, LONGEST)]
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_no_nul), _words(1, 100)]
Asked = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_no_nul), _words(1, 50)]
Day = Annotated[date, BeforeValidator(_day)]
CursorText = Annotated[str, Field(max_length=400, pattern=r"^[!-~]+$", description="上一页的 next；不带就从头读。")]
CursorParam = Annotated[
    str | None, Query(max_length=400, pattern=r"^[!-~]+$", description="上一页的 next；不带就从头读。")
]
LimitParam = Annotated[int, Query(ge=1, le=MOST, description="一页最多几条。")]


def one_of(*words: str) -> WithJsonSchema:
    """Describe a text of an answer that is one of these words."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


class Given(Schema):
    """What callers send: nothing that the description does not name, and no type taken for another."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Coded(Schema):
    """A code and what it is called."""

    code: str
    name: str


class Finding(Schema):
    """One thing about one field of a row, as the intake contract says. A remark does not hold the row back."""

    field: str | None
    code: str
    message: str
    suggestion: str | None = None
    remark: bool = False

    @classmethod
    def of(cls, finding: RoomFinding) -> "Finding":
        """Translate."""
        return cls(
            field=finding.field,
            code=finding.code,
            message=finding.message,
            suggestion=finding.suggestion,
            remark=finding.remark,
        )


class Page(Schema):
    """A page of a list: `next` is the cursor behind it, null at the end."""

    next: str | None = None


class FeedPage(Page):
    """A page of a feed. Read on with `next` until it is null, then keep `since` for the next visit.

    What is younger than five minutes comes again at the next visit, so that nothing is missed; take entries by their id.
    """

    since: str | None = None


def coded(book: Codebook, list_name: str, codes: Iterable[str]) -> list[Coded]:
    """Return codes of a list with their names."""
    return [Coded(code=code, name=book.name(list_name, code)) for code in codes]


FIELD_KEYS = frozenset(field.key for field in FIELDS)


def _known_fields(values: dict[str, str]) -> dict[str, str]:
    if set(values) - FIELD_KEYS:
        raise ValueError("a field that the register does not ask for")
    return values


def _fields_schema(*, least: int) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "按字段名给文字，写法和表里一样（“汉族”“小一班”“2023-01-03”），也可以直接给代码。空文字表示没有。",
        "properties": {
            field.key: {"type": "string", "maxLength": LONGEST, "pattern": "^[^\\u0000]*$", "title": field.label}
            for field in FIELDS
        },
        "additionalProperties": False,
        "minProperties": least,
    }


Texts = Annotated[dict[str, Text], AfterValidator(_known_fields), WithJsonSchema(_fields_schema(least=0))]
SomeTexts = Annotated[
    dict[str, Text], Field(min_length=1), AfterValidator(_known_fields), WithJsonSchema(_fields_schema(least=1))
]
