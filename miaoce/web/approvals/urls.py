"""Addresses of the county's approvals."""

from django.urls import path

from miaoce.web.approvals import deciding, decisions, pages

urlpatterns = [
    path("", pages.approvals, name="approvals"),
    path("cases/<uuid:case_id>/open/", pages.open_case, name="approvals-open"),
    path("cases/<uuid:case_id>/approve/", deciding.approve_one, name="approvals-one"),
    path("choose/", deciding.choose, name="approvals-choose"),
    path("chosen/<uuid:selection_id>/approve/", deciding.approve, name="approvals-approve"),
    path("chosen/<uuid:selection_id>/return/", deciding.return_, name="approvals-return"),
    path("decisions/<uuid:decision_id>/", decisions.decision, name="approvals-decision"),
    path("decisions/<uuid:decision_id>/recall/", decisions.recall, name="approvals-recall"),
]
