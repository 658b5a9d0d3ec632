"""Small things inside a line: formats, icons, state tags, deadlines, bars."""

from datetime import date
from functools import cache
from typing import cast

from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import ROLES, Permission
from miaoce.web.components import formats
from miaoce.web.components.library import register
from miaoce.web.components.parts import Tone
from miaoce.web.components.states import look_of

register.filter("prose_day", formats.prose_day)
register.filter("short_day", formats.short_day)
register.filter("table_day", formats.table_day)
register.filter("moment", formats.moment)
register.filter("thousands", formats.thousands)
register.filter("wan", formats.wan)
register.filter("percent", formats.percent)
register.filter("money", formats.money)
register.filter("masked", formats.masked)


@register.filter
def age(born_on: date | None, on: date | None = None) -> str:
    """Age on a day (today when none is given): `{{ child.born_on|age }}`."""
    return formats.age(born_on, on or timezone.localdate())


@register.filter
def may(officer: Officer | None, permission: str) -> bool:
    """Whether to draw a button: `{% if officer|may:"INTAKE_SUBMIT" %}`. The action checks again."""
    return bool(officer) and cast(Officer, officer).may(Permission[permission])


@register.filter
def role_name(code: str) -> str:
    """The role in words: `{{ appointment.role|role_name }}`."""
    return ROLES[code].name


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """An icon of the sprite, always beside words: `{% icon "upload" %}`."""
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
@cache
def icons() -> SafeString:
    """The sprite itself; base.html puts it once at the start of the body."""
    return cast(SafeString, get_template("components/sprite.html").render())


@cache
def _tag(state: str, word: str, tone: Tone) -> SafeString:
    """Draw a state once; a page of 300 rows asks for the same few."""
    look = look_of(state, word, tone)
    shape = icon(look.icon) if look.icon else ""
    return format_html('<span class="tag {}">{}{}</span>', look.tone, shape, look.word)


@register.simple_tag
def tag(state: str, word: str = "", tone: Tone = "") -> SafeString:
    """A state as word, colour and shape: `{% tag row.state %}`, or own words: `{% tag "班额超出" tone="warn" %}`."""
    return _tag(str(state), str(word), tone)


@register.simple_tag
def due(deadline: date | None, days_left: int) -> SafeString:
    """A deadline in working days and as a date, amber at one day, red when late: `{% due case.due_at 3 %}`."""
    if deadline is None:
        return mark_safe("")
    urgency = "due-late" if days_left < 0 else "due-soon" if days_left <= 1 else ""
    return format_html('<span class="{}">{}</span>', urgency, formats.due_words(deadline, days_left))


@register.simple_tag
def progress(value: int, maximum: int, label: str) -> SafeString:
    """A bar, red beyond its maximum; the same stands in words beside it: `{% progress 61 92 "已提交 61 名" %}`."""
    return format_html(
        '<progress class="{}" value="{}" max="{}" aria-label="{}"></progress>',
        "over" if value > maximum else "",
        min(value, maximum),
        maximum or 1,
        label,
    )
