"""Addresses of corrections."""

from django.urls import path

from miaoce.web.corrections import deciding, editing, filing, pages

urlpatterns = [
    path("children/<uuid:child_id>/corrections/new/", filing.new, name="correction-new"),
    path("children/<uuid:child_id>/edit/", editing.edit, name="child-edit"),
    path("corrections/<uuid:case_id>/", pages.correction, name="correction"),
    path("corrections/<uuid:case_id>/mend/", filing.mend, name="correction-mend"),
    path("corrections/<uuid:case_id>/agree/", deciding.agree, name="correction-agree"),
    path("corrections/<uuid:case_id>/send-back/", deciding.send_back, name="correction-send-back"),
    path("corrections/<uuid:case_id>/take-back/", deciding.take_back, name="correction-take-back"),
    path("corrections/<uuid:case_id>/reveal/", deciding.reveal, name="correction-reveal"),
]
