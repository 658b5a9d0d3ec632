"""Addresses of the changes that a county decides, and of the cases of where a child stands."""

from django.urls import path

from miaoce.registry.approvals.states import CANCELLATION, DEFERRAL, RESTORATION
from miaoce.web.cases import deciding, filing, pages

urlpatterns = [
    path("", pages.cases, name="cases"),
    path("<uuid:case_id>/", pages.case, name="case"),
    path("<uuid:case_id>/agree/", deciding.agree, name="case-agree"),
    path("<uuid:case_id>/send-back/", deciding.send_back, name="case-send-back"),
    path("<uuid:case_id>/take-back/", deciding.take_back, name="case-take-back"),
    path("<uuid:case_id>/mend/", filing.mend, name="case-mend"),
    path("defer/<uuid:child_id>/", filing.new, {"kind": DEFERRAL}, name="case-defer"),
    path("cancel/<uuid:child_id>/", filing.new, {"kind": CANCELLATION}, name="case-cancel"),
    path("restore/<uuid:child_id>/", filing.new, {"kind": RESTORATION}, name="case-restore"),
]
