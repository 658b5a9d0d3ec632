"""Addresses of primary schools, and of what they send back to kindergartens."""

from django.urls import path

from miaoce.web.schools import pages, record

urlpatterns = [
    path("schools/", pages.look, name="schools"),
    path("schools/claim/", pages.claim, name="school-claim"),
    path("schools/children/", pages.children, name="school-children"),
    path("schools/children/<uuid:handover_id>/", record.student, name="school-record"),
    path("schools/children/<uuid:handover_id>/package/", record.package, name="school-package"),
    path("schools/children/<uuid:handover_id>/send-back/", record.send_back, name="school-send-back"),
    path("sent-back/", record.sent_back, name="sent-back"),
    path("sent-back/<uuid:sent_back_id>/", record.answer, name="sent-back-answer"),
]
