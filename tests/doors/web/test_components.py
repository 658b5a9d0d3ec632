"""The parts of the pages: what they say, what a screen reader hears, and that nothing gets through unescaped."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Engine, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import REGISTRAR
from miaoce.web.components import formats, parts
from miaoce.web.components.states import look_of
from miaoce.web.components.wording import PlainForm
from miaoce.web.desks import NavItem
from miaoce.web.style_guide import pages as style_guide

EVIL = '<b onclick="x">&'
SAFE = "&lt;b onclick=&quot;x&quot;&gt;&amp;"
AT = datetime(2026, 9, 24, 10, 0, tzinfo=UTC)  # 18:00 in the register's time zone


def draw(source: str, **context: object) -> str:
    """Return a piece of template as it would be drawn on a page."""
    return Template(source).render(Context(context))


@pytest.fixture(autouse=True)
def addresses(settings: object) -> None:
    """Give the furniture the addresses it names."""
    settings.ROOT_URLCONF = "tests.doors.web.part_urls"  # type: ignore[attr-defined]  # pytest-django's settings wrapper


class TestFormats:
    @pytest.mark.parametrize(
        ("born", "on", "words"),
        [
            (date(2023, 1, 5), date(2026, 9, 5), "3 岁 8 个月"),
            (date(2023, 1, 5), date(2026, 9, 4), "3 岁 7 个月"),
            (date(2023, 9, 1), date(2026, 9, 1), "3 岁"),
            (date(2026, 1, 31), date(2026, 2, 28), "0 个月"),
            (date(2024, 2, 29), date(2025, 2, 28), "11 个月"),
            (date(2026, 9, 2), date(2026, 9, 1), ""),
            (None, date(2026, 9, 1), ""),
        ],
    )
    def test_age(self, born: date | None, on: date, words: str) -> None:
        assert formats.age(born, on) == words

    @pytest.mark.parametrize(
        ("deadline", "left", "words"),
        [
            (AT, 3, "还剩 3 个工作日（9月24日 18:00 前）"),
            (AT, 0, "今天 18:00 到期"),
            (AT, -2, "已超 2 个工作日（应在 9月24日 18:00 前）"),
            (date(2026, 9, 24), 1, "还剩 1 个工作日（9月24日 前）"),
            (date(2026, 9, 24), 0, "今天到期"),
        ],
    )
    def test_deadlines(self, deadline: date, left: int, words: str) -> None:
        assert formats.due_words(deadline, left) == words

    def test_days_and_moments(self) -> None:
        assert formats.prose_day(date(2026, 9, 21)) == "9月21日 星期一"
        assert formats.table_day(datetime(2026, 9, 21, 17, 0, tzinfo=UTC)) == "2026-09-22"
        assert formats.moment(AT) == "9月24日 18:00"
        assert [formats.prose_day(None), formats.short_day(None), formats.table_day(None), formats.moment(None)] == [
            ""
        ] * 4

    def test_figures(self) -> None:
        assert formats.thousands(1386) == "1,386"
        assert formats.wan(310_400) == "31.04 万"
        assert formats.wan(9_999) == "9,999"
        assert formats.percent(61, 92) == "66.3%"
        assert formats.money(Decimal("1234.5")) == "¥1,234.50"
        assert {formats.thousands(None), formats.wan(None), formats.percent(1, 0), formats.money(None)} == {"–"}

    @given(st.text(alphabet="9*陈墨<>&\"'X", max_size=30))
    def test_masked_is_heard_as_hidden_and_never_as_markup(self, text: str) -> None:
        html = formats.masked(text)
        seen = re.sub(r'<span class="vh">.*?</span>|</?span[^>]*>', "", html)
        assert draw("{{ text }}", text=text) == seen
        assert html.count("已隐藏") == len(re.findall(r"\*+", text))


class TestEscaping:
    @pytest.mark.parametrize(
        "source",
        [
            "{% tag evil %}",
            "{% card evil %}{{ evil }}{% endcard %}",
            '{% note "bad" title=evil %}{{ evil }}{% endnote %}',
            "{% problem_strip evil evil id=evil %}{{ evil }}{% endproblem_strip %}",
            "{% action_bar evil %}{{ evil }}{% endaction_bar %}",
            "{% side_panel evil aside=evil %}{{ evil }}{% endside_panel %}",
            "{% progress 1 2 evil %}",
            "{% empty evil hint=evil url=evil action=evil %}",
            "{% todo_row todo %}",
            "{% kv pairs %}",
            "{% tabs tabs %}",
            "{% crumbs crumbs %}",
            "{% compare_table columns rows evil %}",
            "{% check_list checks %}",
            "{% timeline entries %}",
            "{% kpis figures %}",
            "{% tiles groups %}",
            "{% reveal evil evil evil evil %}",
        ],
    )
    def test_what_people_typed_stays_text(self, source: str) -> None:
        html = draw(
            source,
            evil=EVIL,
            todo=parts.TodoRow(1, EVIL, EVIL, EVIL, EVIL, EVIL),
            pairs=[parts.KeyValue(EVIL, EVIL, 1, 2)],
            tabs=[parts.Tab(EVIL, EVIL)],
            crumbs=[parts.Crumb(EVIL, EVIL)],
            columns=[EVIL],
            rows=[parts.CompareRow(EVIL, [EVIL])],
            checks=[parts.Check(EVIL)],
            entries=[parts.Entry(EVIL, EVIL)],
            figures=[parts.Kpi(EVIL, EVIL, EVIL)],
            groups=[parts.TileGroup(EVIL, [parts.Tile(EVIL, EVIL, EVIL)])],
        )
        assert SAFE in html
        assert EVIL not in html


class TestParts:
    def test_a_state_is_word_colour_and_shape(self) -> None:
        assert draw('{% tag "fix" %}') == (
            '<span class="tag fix"><svg class="i" aria-hidden="true"><use href="#i-pen"/></svg>要改</span>'
        )

    def test_own_words_with_a_tone(self) -> None:
        assert look_of("班额超出", tone="warn").icon == "alert"
        assert look_of("fix", word="退回重填").word == "退回重填"
        assert look_of("新状态").tone == ""

    def test_the_current_tab_is_told(self) -> None:
        html = draw("{% tabs items %}", items=[parts.Tab("全部", "?", True, 1386), parts.Tab("要改", "?s=fix")])
        assert html.count('aria-current="page"') == 1
        assert "<b>1,386</b>" in html

    def test_todo_button_says_for_what(self) -> None:
        html = draw(
            "{% todo_row row first=True key='1' %}", row=parts.TodoRow(9, "导入「小班」", "6 行要改", "/x/", "继续处理")
        )
        assert '<a class="btn small primary" href="/x/" data-key="1">继续处理' in html
        assert '<span class="vh">：导入「小班」，9 件</span></a>' in html

    def test_differences_are_said_not_only_tinted(self) -> None:
        html = draw(
            "{% compare_table columns rows '对比' %}",
            columns=["甲", "乙"],
            rows=[parts.CompareRow("证件号", ["99**1", "99**2"], differs=True), parts.CompareRow("姓名", ["朱", "朱"])],
        )
        assert html.count("不同") == html.count('class="differs"') == 1

    def test_checks_are_said(self) -> None:
        html = draw("{% check_list c %}", c=[parts.Check("甲"), parts.Check("乙", False), parts.Check("丙", None)])
        assert re.findall(r"(通过|要看|等核验)：</span>(.)", html) == [("通过", "甲"), ("要看", "乙"), ("等核验", "丙")]

    def test_options_are_escaped_and_the_chosen_one_is_selected(self) -> None:
        assert draw("{% options choices '2' %}", choices={1: "<小班>", 2: "中班"}) == (
            '<option value="1">&lt;小班&gt;</option><option value="2" selected>中班</option>'
        )

    def test_a_bar_beyond_its_limit(self) -> None:
        assert draw("{% progress 32 30 '混龄一班' %}") == (
            '<progress class="over" value="30" max="30" aria-label="混龄一班"></progress>'
        )

    def test_deadline_colours(self) -> None:
        html = draw("{% due at 3 %}{% due at 1 %}{% due at -1 %}{% due none 0 %}", at=AT, none=None)
        assert re.findall(r'class="([^"]*)"', html) == ["", "due-soon", "due-late"]

    def test_pages_have_no_counts(self) -> None:
        html = draw('{% pages following="?after=x" %}')
        assert "下一页" in html
        assert not re.search(r"\d+ 页|共", html)
        assert draw("{% pages %}").strip() == ""

    def test_reveal_asks_for_a_reason(self) -> None:
        html = draw('{% reveal "138****5744" "/reveal/" "手机号" "phone" %}', csrf_token="token")
        assert 'name="reason" required' in html
        assert 'name="field" value="phone"' in html
        assert 'value="token"' in html

    def test_may_asks_the_role(self) -> None:
        officer = Officer(None, "王敏", REGISTRAR, None, None, "1", "园", "")
        assert draw('{% if officer|may:"INTAKE_SUBMIT" %}有{% endif %}', officer=officer) == "有"
        assert draw('{% if officer|may:"APPROVAL_DECIDE" %}有{% endif %}', officer=officer) == ""
        assert draw('{% if officer|may:"INTAKE_SUBMIT" %}有{% endif %}', officer=None) == ""


class Sample(PlainForm):
    """Three kinds of field."""

    name = forms.CharField(label="幼儿姓名", help_text="与户口簿一致")
    sex = forms.ChoiceField(label="性别", choices=[("1", "男")], widget=forms.RadioSelect)
    promise = forms.BooleanField(label="信息真实", error_messages={"required": "请先确认信息真实。"})
    remark = forms.CharField(label="备注", required=False)


class TestForms:
    def test_errors_say_what_is_missing(self) -> None:
        assert dict(Sample({}).errors.items()) == {
            "name": ["没填幼儿姓名。"],
            "sex": ["没选性别。"],
            "promise": ["请先确认信息真实。"],
        }

    def test_every_description_exists(self) -> None:
        form = Sample({})
        html = "".join(draw("{% field f %}", f=bound) for bound in form)
        ids = set(re.findall(r'id="([^"]+)"', html))
        described = {one for many in re.findall(r'aria-describedby="([^"]+)"', html) for one in many.split()}
        assert described
        assert described <= ids
        assert html.count("（选填）") == 1

    def test_summary_links_to_the_fields(self) -> None:
        form = Sample({})
        page = draw("{% error_summary form %}{% for f in form %}{% field f %}{% endfor %}", form=form)
        targets = set(re.findall(r'href="#([^"]+)"', page)) - {"i-stop"}
        assert len(targets) == 3
        assert targets <= set(re.findall(r'id="([^"]+)"', page))
        assert "有 3 处要改" in page

    def test_no_errors_no_summary(self) -> None:
        assert draw("{% error_summary form %}", form=Sample()).strip() == ""


class TestPages:
    def test_style_guide_shows_every_part(self) -> None:
        html = style_guide.style_guide(RequestFactory().get("/样式/", {"big": "1"})).content.decode()
        assert '<html lang="zh-CN" class="big">' in html
        for css in (
            "todo",
            "kv",
            "tabs",
            "tag fix",
            "note warn",
            "strip tall",
            "compare",
            "checks",
            "actionbar",
            "side",
        ):
            assert re.search(rf'class="[^"]*\b{css.split()[-1]}\b', html), css
        for css in ("timeline", "tiles", "kpis", "asof", "field wrong", "errors", "empty", "pages", "tabbar", "crumb"):
            assert re.search(rf'class="[^"]*\b{css.split()[-1]}\b', html), css

    def test_ids_are_unique(self) -> None:
        html = style_guide.style_guide(RequestFactory().get("/样式/")).content.decode()
        ids = [
            one for one in re.findall(r'\sid="([^"]+)"', html) if not one.startswith("id_")
        ]  # two sample forms share id_
        assert len(ids) == len(set(ids))

    def test_paper_repeats_its_head(self) -> None:
        html = style_guide.paper(RequestFactory().get("/样式/纸/")).content.decode()
        assert "<thead>" in html
        assert html.count("<tr>") == 26

    @pytest.mark.parametrize("name", ["400", "403", "404", "409", "429", "500", "csrf", "refused"])
    def test_error_pages_stand_alone(self, name: str) -> None:
        """An error page must not need what may be broken: no request, no officer, no navigation."""
        html = render_to_string(f"errors/{name}.html", {"trace": "1a2b3c4d", "words": "这一步现在办不了。"})
        assert html.count("<h1>") == 1
        assert "编号 1a2b3c4d" in html
        assert "回工作台" in html
        assert not re.search(r"非法|系统异常|参数错误|null|！", html)

    def test_phone_bar_holds_three_and_the_rest(self) -> None:
        nav = [NavItem(f"栏目{n}", f"/{n}/", n == 0, str(n)) for n in range(6)]
        html = render_to_string("furniture/tabbar.html", {"nav": nav})
        first, rest = html.split("<details")
        assert len(re.findall(r'<a href="/\d/"', first)) == 3
        assert len(re.findall(r'<a href="/\d/"', rest)) == 3

    def test_demo_says_so_on_every_page(self) -> None:
        assert "演示数据" in render_to_string("errors/404.html", {"demo": True})
        assert "演示数据" not in render_to_string("errors/404.html", {})

    def test_old_browsers_get_a_page_without_anything(self) -> None:
        html = render_to_string("old_browser.html")
        assert "请切换到极速模式" in html
        assert "<link" not in html.replace('<link rel="icon" href="data:,">', ""), "only the icon that is not asked for"
        assert "<script" not in html

    def test_the_library_is_builtin(self) -> None:
        assert "miaoce.web.components.tags" in Engine.get_default().builtins
