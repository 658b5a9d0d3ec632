"""Addresses of the cases of where a child stands."""

from django.urls import path

from miaoce.web.cases import pages

urlpatterns = [
    path("", pages.cases, name="cases"),
    path("<uuid:case_id>/", pages.case, name="case"),
    path("<uuid:case_id>/send-back/", pages.send_back, name="case-send-back"),
    path("<uuid:case_id>/move/", pages.move, name="case-move"),
    path("new/<uuid:child_id>/", pages.new, name="case-new"),
]
