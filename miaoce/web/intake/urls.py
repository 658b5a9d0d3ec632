"""Addresses of the section 登记."""

from django.urls import path

from miaoce.web.intake import batches, deciding, files, mending, row_page, starting, submitting, tidying

urlpatterns = [
    path("", starting.upload, name="intake"),
    path("paste/", starting.paste, name="intake-paste"),
    path("form/", starting.single, name="intake-form"),
    path("form/lookup/", starting.lookup, name="intake-lookup"),
    path("batches/", batches.every, name="intake-list"),
    path("template/", files.template, name="intake-template"),
    path("help/", starting.help_page, name="intake-help"),
    path("<uuid:batch_id>/", batches.batch, name="intake-batch"),
    path("<uuid:batch_id>/read/", batches.read, name="intake-read"),
    path("<uuid:batch_id>/discard/", batches.discard, name="intake-discard"),
    path("<uuid:batch_id>/columns/", batches.columns, name="intake-columns"),
    path("<uuid:batch_id>/mend/", mending.mend, name="intake-mend"),
    path("<uuid:batch_id>/alike/", mending.alike, name="intake-alike"),
    path("<uuid:batch_id>/tidied/", tidying.tidied, name="intake-tidied"),
    path("<uuid:batch_id>/rows/<int:position>/", row_page.row, name="intake-row"),
    path("<uuid:batch_id>/rows/<int:position>/reveal/", row_page.reveal, name="intake-row-reveal"),
    path("<uuid:batch_id>/rows/<int:position>/aside/", mending.aside, name="intake-aside"),
    path("<uuid:batch_id>/rows/<int:position>/compare/", deciding.compare, name="intake-compare"),
    path("<uuid:batch_id>/decide/", deciding.decide, name="intake-decide"),
    path("<uuid:batch_id>/submit/", submitting.submit, name="intake-submit"),
    path("<uuid:batch_id>/results/<uuid:process_id>/", submitting.result, name="intake-result"),
    path("<uuid:batch_id>/recall/", submitting.recall, name="intake-recall"),
    path("<uuid:batch_id>/problems/", files.problems, name="intake-problems"),
    path("<uuid:batch_id>/original/", files.original, name="intake-original"),
    path("<uuid:batch_id>/bring-back/", files.bring_back, name="intake-bring-back"),
]
