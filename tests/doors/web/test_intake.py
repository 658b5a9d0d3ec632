"""登记 on the page: a name list comes in, is mended, decided and sent, with htmx and without."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from xlsxwriter import Workbook

from miaoce.jobs.worker import tick
from miaoce.registry.intake import review, rules, states
from miaoce.registry.intake.models import Batch, HeadingMemory, Row
from miaoce.registry.journal.models import Reading
from tests.factories.places import make_kindergarten, make_officer, signed_in
from tests.factories.rolls import HEADINGS, child, document_number, pasted

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def place():
    return make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def clerk(place) -> Client:
    return signed_in(make_officer("registrar", place))


def brought_in(client: Client, text: str) -> Batch:
    answer = client.post(reverse("intake-paste"), {"text": text})
    assert answer.status_code == 302
    return Batch.objects.get(pk=re.search(r"[0-9a-f-]{36}", answer["Location"])[0])


def page_of(client: Client, batch: Batch, **query: str) -> str:
    answer = client.get(reverse("intake-batch", args=[batch.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_ways_in_are_shown(clerk) -> None:
    for name in ("intake", "intake-paste", "intake-form", "intake-list", "intake-help"):
        assert clerk.get(reverse(name)).status_code == 200
    assert "还没有导入过名单" in clerk.get(reverse("intake")).content.decode()


def test_a_file_is_uploaded_and_shown_at_once(clerk) -> None:
    file = SimpleUploadedFile("2026秋小班.csv", pasted([child(1), child(2, 民族="汗族")]).replace("\t", ",").encode())
    answer = clerk.post(reverse("intake"), {"file": file}, follow=True)
    shown = answer.content.decode()
    assert "共 2 行" in shown
    assert "民族里没有“汗族”。" in shown
    assert "改为“汉族”" in shown
    assert "提交 1 名给县里审批" in shown


def test_no_file_says_so(clerk) -> None:
    answer = clerk.post(reverse("intake"), {})
    assert answer.status_code == 422
    assert "还没有选文件" in answer.content.decode()


def test_a_file_too_large_says_so(clerk, settings) -> None:
    settings.FILE_MEGABYTES = 0
    answer = clerk.post(reverse("intake"), {"file": SimpleUploadedFile("a.csv", b"x" * 100)})
    assert answer.status_code == 422
    assert "多半带了照片" in answer.content.decode()


def test_a_refused_file_shows_what_stands_in_it(clerk) -> None:
    batch = brought_in(clerk, "甲,乙\n一,二\n")
    shown = page_of(clerk, batch)
    assert "没找到表头" in shown
    assert "<td>甲</td>" in shown


def test_numbers_are_masked_and_the_reading_is_logged(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1)]))
    shown = page_of(clerk, batch)
    assert child(1)["证件号码"] not in shown
    assert child(1)["联系电话"] not in shown
    reading = Reading.objects.get(what="intake.review")
    assert reading.is_spread


def test_mending_without_scripts_saves_all_that_was_typed(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1, 民族="汗族"), child(2, 班级="大九班"), child(3)]))
    sent = {"f0.1.ethnicity": "汉族", "f1.1.class": "小二班", "save": "0"}
    answer = clerk.post(reverse("intake-mend", args=[batch.pk]), sent)
    assert answer["Location"].endswith("#r0")
    shown = page_of(clerk, batch)
    assert "已保存 2 行" in shown
    assert "提交 3 名给县里审批" in shown


def test_mending_by_htmx_answers_with_the_row_the_tabs_and_the_bar(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1, 民族="汗族"), child(2, 班级="大九班")]))
    sent = {"f0.1.ethnicity": "汗族", "f1.1.class": "小二班", "take": "0.ethnicity"}
    answer = clerk.post(reverse("intake-mend", args=[batch.pk]), sent, **HTMX)
    shown = answer.content.decode()
    assert shown.lstrip().startswith("<tbody id=r0")
    assert "</tbody><template>" in shown  # inside another row it would go away with that row
    assert 'id="bar"' in shown
    assert "1 行可以提交" in shown
    assert answer["HX-Trigger-After-Settle"] == '{"next-problem": {"row": "r0"}}'
    assert Row.objects.get(batch=batch, position=1).state == states.FIX


def test_a_row_mended_by_somebody_else_shows_both_values(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1, 民族="汗族")]))
    address = reverse("intake-mend", args=[batch.pk])
    clerk.post(address, {"f0.1.ethnicity": "回族", "save": "0"})
    answer = clerk.post(address, {"f0.1.ethnicity": "汉族", "save": "0"})
    assert answer.status_code == 409
    assert "现在是“回族”，您填的是“汉族”" in answer.content.decode()


def test_alike_errors_are_offered_and_mended_together(clerk) -> None:
    batch = brought_in(clerk, pasted([child(n, 民族="汗族") for n in range(1, 5)]))
    assert "全部改为“汉族”" in page_of(clerk, batch)
    clerk.post(reverse("intake-alike", args=[batch.pk]), {"field": "ethnicity", "wrong": "汗族", "right": "汉族"})
    assert "提交 4 名给县里审批" in page_of(clerk, batch)


def test_submitting_asks_for_the_promise_and_tells_the_outcome(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1), child(2)]))
    address = reverse("intake-submit", args=[batch.pk])
    assert "提交 2 名" in clerk.get(address).content.decode()
    assert clerk.post(address, {}).status_code == 422
    answer = clerk.post(address, {"promise": "1"}, follow=True)
    assert "已提交 2 名" in answer.content.decode()
    again = clerk.post(address, {"promise": "1"}, follow=True)
    assert "已提交 0 名" in again.content.decode()
    assert "刚才已经提交过" in again.content.decode()
    assert child(1)["证件号码"] not in clerk.get(reverse("intake-row", args=[batch.pk, 0])).content.decode()
    shown = clerk.post(reverse("intake-recall", args=[batch.pk]), {}, follow=True).content.decode()
    assert "已撤回 2 名" in shown


def test_a_duplicate_is_compared_masked_and_decided(clerk, place) -> None:
    elsewhere = signed_in(make_officer("registrar", make_kindergarten(name="柳溪镇中心幼儿园")))
    theirs = brought_in(elsewhere, pasted([child(2)]))
    elsewhere.post(reverse("intake-submit", args=[theirs.pk]), {"promise": "1"})
    batch = brought_in(clerk, pasted([child(2, 证件号码=document_number("20230301", 22))]))
    shown = page_of(clerk, batch)
    assert "柳溪镇中心幼儿园" in shown
    for extra in ({}, HTMX):
        side = clerk.get(reverse("intake-compare", args=[batch.pk, 0]), **extra).content.decode()
        assert child(2)["证件号码"] not in side
        assert "建国" not in side.replace(child(2)["监护人姓名"], "", 1)
        other = re.search(r'value="(different:0:[0-9a-f]+)"', side)[1]
    answer = clerk.post(reverse("intake-decide", args=[batch.pk]), {"decide": other, "reason0": "双胞胎"}, **HTMX)
    assert answer.status_code == 200
    assert Row.objects.get(batch=batch).state == states.READY


def test_every_page_of_a_batch_opens(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1, 姓名="赵 子轩"), child(2, 民族="汗族")]))
    for name in ("tidied", "columns", "problems", "discard", "submit", "bring-back"):
        assert clerk.get(reverse(f"intake-{name}", args=[batch.pk])).status_code == 200, name
    assert clerk.get(reverse("intake-row", args=[batch.pk, 0])).status_code == 200
    assert clerk.get(reverse("intake-template")).content[:2] == b"PK"


def test_a_whole_row_can_be_mended_and_set_aside(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1), child(2, 民族="汗族")]))
    address = reverse("intake-row", args=[batch.pk, 1])
    form = clerk.get(address).context["form"]
    values = {name: form[name].initial or "" for name in form.fields}
    clerk.post(address, {**values, "ethnicity": "汉族", "version": "1"})
    assert Row.objects.get(batch=batch, position=1).state == states.READY
    clerk.post(reverse("intake-aside", args=[batch.pk, 1]), {})
    assert Row.objects.get(batch=batch, position=1).state == states.IGNORED
    clerk.post(reverse("intake-aside", args=[batch.pk, 1]), {"back": "1"})
    assert Row.objects.get(batch=batch, position=1).state == states.READY


def test_one_child_is_registered_by_eleven_fields(clerk) -> None:
    address = reverse("intake-form")
    form = clerk.get(address).context["form"]
    assert len(form.fields.keys() - form.initial.keys()) <= 11
    values = {
        "id_type": "居民身份证", "id_number": document_number(), "name": "赵子轩", "ethnicity": "汉族", "class": "小一班",
        "guardian1_name": "赵建国", "guardian1_relation": "父亲", "guardian1_phone": "13800001111",
    }  # fmt: skip
    wrong = clerk.post(address, {**values, "guardian1_phone": "138"})
    assert wrong.status_code == 422
    assert "赵建国" in wrong.content.decode()
    known = clerk.post(reverse("intake-lookup"), values, **HTMX).content.decode()
    assert 'value="2023-03-12"' in known
    none_yet = clerk.post(reverse("intake-lookup"), {"name": "赵子轩", "sex": "男"}, **HTMX).content.decode()
    assert 'name="sex"' not in none_yet, "what was typed meanwhile stays"
    freed = clerk.post(reverse("intake-lookup"), {"name": "赵子轩", "derived": "1"}, **HTMX).content.decode()
    assert 'name="sex"' in freed
    assert "readonly" not in freed
    answer = clerk.post(address, values, follow=True)
    assert "提交 1 名给县里审批" in answer.content.decode()


def test_a_large_file_waits_on_its_progress_page(clerk, monkeypatch) -> None:
    monkeypatch.setattr("miaoce.registry.intake.rules.AT_ONCE_BYTES", 10)
    batch = brought_in(clerk, pasted([child(1)]))
    address = reverse("intake-batch", args=[batch.pk])
    assert "正在检查" in clerk.get(address).content.decode()
    part = clerk.get(address, HTTP_HX_TARGET="progress", **HTMX).content.decode()
    assert part.startswith('<div id="progress"')
    clerk.post(reverse("intake-read", args=[batch.pk]))
    done = clerk.get(address, HTTP_HX_TARGET="progress", **HTMX)
    assert done["HX-Refresh"] == "true"


def test_somebody_else_s_batch_is_not_there(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1)]))
    stranger = signed_in(make_officer("registrar", make_kindergarten()))
    for name in ("batch", "tidied", "columns", "problems", "original", "discard", "submit", "bring-back"):
        assert stranger.get(reverse(f"intake-{name}", args=[batch.pk])).status_code == 404, name
    for name in ("read", "mend", "alike", "decide", "recall", "submit", "discard"):
        assert stranger.post(reverse(f"intake-{name}", args=[batch.pk]), {"promise": "1"}).status_code == 404, name


def test_a_principal_submits_but_does_not_mend(place, clerk) -> None:
    batch = brought_in(clerk, pasted([child(1), child(2, 民族="汗族")]))
    principal = signed_in(make_officer("principal", place))
    assert "name=save" not in page_of(principal, batch)
    assert child(1)["证件号码"] not in principal.get(reverse("intake-row", args=[batch.pk, 0])).content.decode()
    assert principal.post(reverse("intake-mend", args=[batch.pk]), {}).status_code == 403
    answer = principal.post(reverse("intake-submit", args=[batch.pk]), {"promise": "1"}, follow=True)
    assert "已提交 1 名" in answer.content.decode()


def test_the_number_of_statements_does_not_grow_with_the_rows(clerk) -> None:
    few = brought_in(clerk, pasted([child(n) for n in range(1, 4)]))
    many = brought_in(clerk, pasted([child(n) for n in range(10, 120)]))
    counted = []
    for batch in (few, many):
        with CaptureQueriesContext(connection) as seen:
            page_of(clerk, batch)
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_a_long_list_has_pages_and_a_discarded_one_says_so(clerk, monkeypatch) -> None:
    monkeypatch.setattr("miaoce.registry.intake.review.PAGE", 3)
    batch = brought_in(clerk, pasted([child(n) for n in range(1, 6)]))
    assert child(5)["姓名"] not in page_of(clerk, batch)
    assert child(5)["姓名"] in page_of(clerk, batch, page="2")
    address = reverse("intake-discard", args=[batch.pk])
    assert "5 行都会去掉" in clerk.get(address).content.decode()
    assert "去掉了 5 行" in clerk.post(address, follow=True).content.decode()
    assert "这份导入已作废" in page_of(clerk, batch)
    assert clerk.get(reverse("intake-tidied", args=[batch.pk])).status_code == 404


def test_columns_are_explained_on_a_page_that_masks_numbers(clerk) -> None:
    headings = (*HEADINGS[:-1], "打给谁")
    batch = brought_in(clerk, pasted([child(1, 打给谁=child(1)["联系电话"])], headings))
    address = reverse("intake-columns", args=[batch.pk])
    shown = clerk.get(address).content.decode()
    assert child(1)["证件号码"] not in shown
    assert child(1)["联系电话"] not in shown
    twice = clerk.post(address, {"heading": ["姓名", "打给谁"], "field": ["name", "name"]})
    assert twice.status_code == 422
    clerk.post(address, {"heading": ["打给谁"], "field": ["guardian1_phone"]})
    assert "提交 1 名给县里审批" in page_of(clerk, batch)


def test_a_page_of_three_hundred_rows_stays_small(clerk, place) -> None:
    place.groups.update(size_norm=400)
    wrong = [child(n, 民族="汗族") if n % 2 else child(n, 联系电话="1380000") for n in range(1, 111)]
    batch = brought_in(clerk, pasted([*wrong, *(child(n) for n in range(111, 301))]))
    assert batch.rows_read == 300
    assert len(page_of(clerk, batch).encode()) <= 165 * 1024


def test_a_row_shows_what_was_understood(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1, 出生日期="2023/2/1")]))
    row = review.open_rows(batch)[0]
    shown = page_of(clerk, batch)
    assert f"<td data-l=出生日期>{row.content.values['birth_date']}" in shown
    assert "2023/2/1" not in shown


def test_rows_of_several_sheets_name_their_sheet(clerk) -> None:
    book = io.BytesIO()
    with Workbook(book) as written:
        for name, number in (("小一班", 1), ("小二班", 2)):
            sheet = written.add_worksheet(name)
            for index, line in enumerate(pasted([child(number)]).splitlines()):
                sheet.write_row(index, 0, line.split("\t"))
    answer = clerk.post(reverse("intake"), {"file": SimpleUploadedFile("各班.xlsx", book.getvalue())}, follow=True)
    shown = answer.content.decode()
    assert '<td class="lead hm">2<br><span class="small dim">小一班</span>' in shown
    assert '<td class="lead hm">2<br><span class="small dim">小二班</span>' in shown


def test_the_same_file_again_says_that_it_is_here(clerk) -> None:
    text = pasted([child(1), child(2)])
    first = brought_in(clerk, text)
    assert "已经传过了" not in page_of(clerk, first)
    assert brought_in(clerk, text) == first
    assert "这份名单已经传过了" in page_of(clerk, first)


def test_a_missing_number_becomes_no_papers_by_one_press(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1, 证件号码="")]))
    assert "改为“暂无证件”" in page_of(clerk, batch)
    clerk.post(reverse("intake-mend", args=[batch.pk]), {"take": "0.id_type", "f0.1.id_number": ""})
    row = review.open_rows(batch)[0]
    assert (row.row.state, row.content.values["id_type"]) == (states.READY, "none")


def test_a_block_without_headings_loses_no_child(clerk, place) -> None:
    text = "\n".join(pasted([child(n) for n in (1, 2, 3)]).splitlines()[1:])
    batch = brought_in(clerk, text)
    assert batch.state == states.REFUSED
    address = reverse("intake-columns", args=[batch.pk])
    shown = clerk.get(address).content.decode()
    assert child(1)["证件号码"] not in shown
    assert 'value="id_number" selected' in shown
    headings = [f"第{n}列" for n in range(1, 10)]
    fields = ["name", "sex", "birth_date", "id_number", "ethnicity", "class", "guardian1_name", "guardian1_relation"]
    given = {"header_row": "0", "sheet": "", "heading": headings, "field": [*fields, "guardian1_phone"]}
    assert all(f'value="{field}" selected' in shown for field in given["field"])
    done = clerk.post(address, given, follow=True).content.decode()
    assert "共 3 行" in done
    assert "没有表头" in done
    assert "提交 3 名给县里审批" in done
    sheet = clerk.post(reverse("intake-problems", args=[batch.pk]), {"reason": "registration"})
    back = SimpleUploadedFile("问题清单.xlsx", b"".join(sheet))
    assert (
        "改了 0 行，没变 3 行"
        in clerk.post(reverse("intake-bring-back", args=[batch.pk]), {"file": back}, follow=True).content.decode()
    )


def test_a_child_is_no_heading_and_its_number_is_not_remembered(clerk) -> None:
    lines = pasted([child(n) for n in (1, 2)]).splitlines()[1:]
    batch = brought_in(clerk, "\n".join(lines))
    address = reverse("intake-columns", args=[batch.pk])
    given = {"header_row": "1", "sheet": "", "heading": lines[0].split("\t"), "field": [""] * 9}
    answer = clerk.post(address, given)
    assert answer.status_code == 422
    assert "像是幼儿" in answer.content.decode()
    assert child(1)["证件号码"] not in clerk.get(address, {"header_row": "1"}).content.decode()
    assert not HeadingMemory.objects.exists()


def test_a_column_that_was_tidied_goes_back_without_scripts(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1, 民族="汉"), child(2, 民族="汉"), child(3)]))
    address = reverse("intake-tidied", args=[batch.pk])
    assert "“民族”2 处都恢复原样" in clerk.get(address, {"field": "ethnicity"}).content.decode()
    answer = clerk.post(address, {"field": "ethnicity", "kind": "ethnicity", "do": "back"}, follow=True)
    shown = answer.content.decode()
    assert "2 行已恢复原样。这样还不能提交，请到“要改”里改好。" in shown
    assert "2 处都重新整理" in shown
    assert "改为“汉族”" in page_of(clerk, batch)


def test_one_cell_goes_back_in_its_place(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1, 姓名="赵 子轩")]))
    address = reverse("intake-tidied", args=[batch.pk])
    sent = {"field": "name", "row": "0", "do": "back"}
    answer = clerk.post(address, sent, **HTMX).content.decode()
    assert answer.lstrip().startswith('<tr id="t0.name"')
    assert "已恢复原样" in answer
    assert 'value="again"' in answer
    assert clerk.post(address, sent | {"from": "row", "do": "again"})["Location"].endswith("/rows/0/")
    assert "这一行自动整理过的写法" in clerk.get(reverse("intake-row", args=[batch.pk, 0])).content.decode()


def test_a_missing_guardian_is_asked_for_in_one_round(clerk) -> None:
    nobody = child(1, 监护人姓名="", 与幼儿关系="", 联系电话="")
    batch = brought_in(clerk, pasted([nobody, child(2)]))
    shown = page_of(clerk, batch)
    for field in ("name", "relation", "phone"):
        assert f"name=f0.1.guardian1_{field}" in shown
    typed = {"name": "赵建国", "relation": "父亲", "phone": "13800000001"}
    sent = {f"f0.1.guardian1_{field}": text for field, text in typed.items()}
    clerk.post(reverse("intake-mend", args=[batch.pk]), {**sent, "save": "0"})
    assert "提交 2 名给县里审批" in page_of(clerk, batch)


def test_one_of_two_parents_in_a_cell_is_changed_and_the_rest_stays(clerk) -> None:
    both = "父:赵建国 13800000001 母:钱芳 13900000001"
    batch = brought_in(clerk, pasted([child(1, 监护人姓名=both, 与幼儿关系="", 联系电话="")]))
    assert "提交 1 名给县里审批" in page_of(clerk, batch)
    address = reverse("intake-row", args=[batch.pk, 0])
    form = clerk.get(address).context["form"]
    typed = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    clerk.post(address, {**typed, "guardian1_name": "赵建军", "version": "1"})
    content = review.open_rows(batch)[0].content
    assert content.values["guardian1_name"] == "赵建军"
    assert (content.values["guardian1_phone"], content.values["guardian2_name"]) == ("13800000001", "钱芳")


def test_the_single_form_presets_no_ethnic_group(clerk) -> None:
    form = clerk.get(reverse("intake-form")).context["form"]
    assert form.initial == {"id_type": "居民身份证", "nationality": "中国"}


def test_many_rows_are_submitted_while_a_page_shows_how_far_it_is(clerk, monkeypatch) -> None:
    monkeypatch.setattr(rules, "SEND_AT_ONCE", 1)
    batch = brought_in(clerk, pasted([child(1), child(2), child(3, 民族="汗族")]))
    address = clerk.post(reverse("intake-submit", args=[batch.pk]), {"promise": "1"})["Location"]
    for where in (address, reverse("intake-batch", args=[batch.pk])):
        shown = clerk.get(where).content.decode()
        assert "已收到，等待提交" in shown
        assert '<noscript><meta http-equiv="refresh"' in shown
    part = clerk.get(address, HTTP_HX_TARGET="progress", **HTMX).content.decode()
    assert part.startswith('<div id="progress"')
    Batch.objects.filter(pk=batch.pk).update(progress={"stage": "send", "done": 1, "of": 2, "left": 3})
    assert "已办 1/2 名，约 3 秒" in clerk.get(address).content.decode()
    tick()
    assert clerk.get(address, HTTP_HX_TARGET="progress", **HTMX)["HX-Refresh"] == "true"
    assert "已提交 2 名" in clerk.get(address).content.decode()
    assert "要改" in page_of(clerk, batch)


def test_without_a_worker_a_submission_is_carried_out_by_a_press(clerk, monkeypatch) -> None:
    monkeypatch.setattr(rules, "SEND_AT_ONCE", 1)
    batch = brought_in(clerk, pasted([child(1), child(2)]))
    clerk.post(reverse("intake-submit", args=[batch.pk]), {"promise": "1"})
    answer = clerk.post(reverse("intake-read", args=[batch.pk]), follow=True)
    assert "已提交 2 名" in answer.content.decode()


def test_a_repetition_is_counted_as_one_and_comes_back_when_asked(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1), child(1, 联系电话="13900000001")]))
    other = Row.objects.get(batch=batch, position=0).pk.hex
    clerk.post(reverse("intake-decide", args=[batch.pk]), {"decide": f"same:1:row:{other}"})
    shown = page_of(clerk, batch)
    assert "重复的行" in shown
    assert "不是幼儿" not in shown
    assert Row.objects.get(batch=batch, position=1).state == states.REPEATED
    clerk.post(reverse("intake-aside", args=[batch.pk, 1]), {"back": "1"})
    assert Row.objects.get(batch=batch, position=1).state == states.DUPLICATE
