"""Boxes with content of the page's own: card, note, problem strip, action bar, side panel."""

from zlib import crc32

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from miaoce.web.components.library import register
from miaoce.web.components.values import icon

NOTE_ICONS = {"warn": "alert", "bad": "stop", "ok": "done", "info": "info"}


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    *,
    link: str = "",
    link_text: str = "",
    aside: str = "",
    body: bool = True,
) -> SafeString:
    """A card: `{% card "等别人处理" link=url link_text="全部" %}…{% endcard %}`.

    `aside` is drawn at the right of the head (say, `{% tag state as t %}` before). `body=False` lets a table or a list
    reach the card's edges.
    """
    inner = format_html('<div class="body">{}</div>', content) if body else content
    if not title:
        return format_html('<section class="card">{}</section>', inner)
    more = format_html('<a href="{}">{}</a>', link, link_text) if link else conditional_escape(aside)
    return format_html(
        '<section class="card" aria-labelledby="{0}"><header><h2 id="{0}">{1}</h2>{2}</header>{3}</section>',
        f"card-{crc32(str(title).encode()):x}",
        title,
        more,
        inner,
    )


@register.simple_block_tag
def note(content: str, tone: str = "warn", title: str = "", live: bool = False) -> SafeString:
    """A note across the page: `{% note "bad" title="没有保存上。" %}…{% endnote %}`.

    `tone` is warn, bad, ok or info; `live` has a screen reader say it at once.
    """
    role = format_html(' role="{}"', "alert" if tone == "bad" else "status") if live else ""
    start = format_html("<b>{}</b>", title) if title else ""
    return format_html(
        '<div class="note {}"{}>{}<div>{}{}</div></div>', tone, role, icon(NOTE_ICONS[tone]), start, content
    )


@register.simple_block_tag
def problem_strip(
    content: str,
    why: str,
    hint: str = "",
    *,
    tone: str = "",
    id: str = "",
    tall: bool = False,
) -> SafeString:
    """What is wrong with the row above and how to mend it; the content is the mending: label, input, buttons.

    `{% problem_strip "民族里没有“汗族”。" "多半是“汉族”。" id="e4" %}…{% endproblem_strip %}`. Inputs inside
    say `aria-describedby="e4"`. `tone`: empty (to mend), dup, warn, ok. `tall` puts the content under the words.
    """
    name = format_html(' id="{}"', id) if id else ""
    said = format_html('<div class="why"{}><b>{}</b> <span>{}</span></div>', name, why, hint)
    css = f"{tone}{' tall' if tall else ''}".strip()
    mend = content if tall else format_html('<div class="mend">{}</div>', content) if content.strip() else ""
    return format_html('<div class="strip {}">{}{}</div>', css, said, mend)


@register.simple_block_tag
def action_bar(content: str, label: str = "批量操作") -> SafeString:
    """The bar that stays at the foot, in block `bar`: `{% action_bar %}<p>21 行可以提交</p>…{% endaction_bar %}`."""
    return format_html(
        '<div class="actionbar" role="region" aria-label="{}"><div class="wrap">{}</div></div>', label, content
    )


@register.simple_block_tag
def side_panel(
    content: str,
    title: str,
    aside: str = "",
    id: str = "side",
) -> SafeString:
    """The panel at the right of a list, under it on a phone; htmx swaps it by its id."""
    return format_html(
        '<aside class="card side" id="{0}" aria-labelledby="{0}-title"><header><h2 id="{0}-title">{1}</h2>{2}</header>'
        "{3}</aside>",
        id,
        title,
        aside,
        content,
    )
