"""Parts made from records of `parts`: to-dos, tabs, tables, timelines, figures, form fields."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from miaoce.web.components.library import register
from miaoce.web.components.parts import Check, CompareRow, Crumb, Entry, KeyValue, Kpi, Tab, TileGroup, TodoRow
from miaoce.web.components.values import icon

CHECK_LOOKS = {True: ("", "check", "通过"), False: ("no", "close", "要看"), None: ("wait", "clock", "等核验")}


@register.inclusion_tag("components/todo_row.html")
def todo_row(row: TodoRow, first: bool = False, key: str = "") -> dict[str, Any]:
    """One to-do, inside `<ul class="todo">`; `first` makes its button the primary one, `key` opens it."""
    return {"row": row, "first": first, "key": key}


@register.inclusion_tag("components/kv.html")
def kv(rows: Iterable[KeyValue], caption: str = "") -> dict[str, Any]:
    """A key-value table."""
    return {"rows": rows, "caption": caption}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Tab], label: str = "按状态筛选") -> dict[str, Any]:
    """Status tabs with counts."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/crumbs.html")
def crumbs(items: Iterable[Crumb]) -> dict[str, Any]:
    """The path above the title, in block `crumb`."""
    return {"items": items}


@register.inclusion_tag("components/compare_table.html")
def compare_table(columns: Sequence[str], rows: Iterable[CompareRow], caption: str) -> dict[str, Any]:
    """Records side by side: `columns` names them; rows that differ are tinted and say 不同."""
    return {"columns": columns, "rows": rows, "caption": caption}


@register.simple_tag
def check_list(checks: Iterable[Check]) -> SafeString:
    """What was checked, each with its result as shape and as word."""
    looks = ((*CHECK_LOOKS[check.passed], check.text) for check in checks)
    items = format_html_join(
        "",
        '<li class="{}">{}<span><span class="vh">{}：</span>{}</span></li>',
        ((css, icon(shape), word, text) for css, shape, word, text in looks),
    )
    return format_html('<ul class="checks">{}</ul>', items)


@register.simple_tag
def timeline(entries: Iterable[Entry]) -> SafeString:
    """What happened, the newest first."""
    drawn = ((entry.kind, entry.title, _mark(entry), entry.detail) for entry in entries)
    items = format_html_join("", '<li class="{}"><b>{}</b>{}<span>{}</span></li>', drawn)
    return format_html('<ol class="timeline">{}</ol>', items)


def _mark(entry: Entry) -> SafeString:
    """Return what is unusual about the day of an event."""
    return format_html('<span class="mark">{}</span>', entry.mark) if entry.mark else mark_safe("")


@register.simple_tag
def kpis(items: Iterable[Kpi]) -> SafeString:
    """Figures side by side, each with its denominator or change."""
    drawn = ((item.label, item.value, item.note) for item in items)
    cells = format_html_join("", '<li class="card"><span>{}</span><b>{}</b><em>{}</em></li>', drawn)
    return format_html('<ul class="kpis">{}</ul>', cells)


@register.simple_tag
def options(choices: Mapping[Any, str], chosen: str = "") -> SafeString:
    """The options of a `<select>`, words by value. Drawn at once: a county's list names hundreds of kindergartens."""
    drawn = [
        f'<option value="{escape(str(value))}"{" selected" if str(value) == chosen else ""}>{escape(words)}</option>'
        for value, words in choices.items()
    ]
    return mark_safe("".join(drawn))  # noqa: S308 - both texts are escaped above


@register.inclusion_tag("components/tiles.html")
def tiles(groups: Iterable[TileGroup]) -> dict[str, Any]:
    """Places as tiles instead of a map."""
    return {"groups": groups}


@register.inclusion_tag("components/as_of.html")
def as_of(on: date, earliest: date, latest: date, previous: str = "", following: str = "") -> dict[str, Any]:
    """The bar that asks for a day (field `on`); `previous` and `following` are the addresses of the days beside it."""
    span = {"back": (on - earliest).days, "span": (latest - earliest).days}
    return {"on": on, "earliest": earliest, "latest": latest, "previous": previous, "following": following, **span}


@register.inclusion_tag("components/empty.html")
def empty(words: str, hint: str = "", url: str = "", action: str = "", shape: str = "roll") -> dict[str, Any]:
    """Nothing here: what would stand here and what to do."""
    return {"words": words, "hint": hint, "url": url, "action": action, "shape": shape}


@register.inclusion_tag("components/pages.html")
def pages(previous: str = "", following: str = "") -> dict[str, Any]:
    """上一页 and 下一页 by cursor: no count of pages, so no count of rows either."""
    return {"previous": previous, "following": following}


@register.inclusion_tag("forms/field.html")
def field(bound: BoundField, suffix: str = "") -> dict[str, Any]:
    """One field of a form: label, hint, error, input, tied together for screen readers: `{% field form.name %}`."""
    return {"field": bound, "tick": isinstance(bound.field.widget, forms.CheckboxInput), "suffix": suffix}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: forms.BaseForm, focus: bool = True) -> dict[str, Any]:
    """All errors of a form at its head, each a link to its field; takes the focus when the page opens."""
    wrong = [(form[name], errors) for name, errors in form.errors.items() if name in form.fields]
    return {"form": form, "wrong": wrong, "general": form.non_field_errors(), "focus": focus}


@register.inclusion_tag("components/reason.html")
def reason_fields(reasons: Iterable[Any], suffix: str = "", required: bool = False) -> dict[str, Any]:
    """The question why clear values are wanted: `reason` from the list reveal_reason, `words` beside it."""
    return {"reasons": reasons, "suffix": suffix, "required": required}


@register.inclusion_tag("components/reveal.html", takes_context=True)
def reveal(context: template.Context, value: str, url: str, label: str, field: str = "") -> dict[str, Any]:
    """A masked value with 显示: a form that asks for a reason and posts it to `url` (`reason`, `field`)."""
    return {"value": value, "url": url, "label": label, "field": field, "csrf_token": context.get("csrf_token")}
