"""Addresses of the changes of a stay."""

from django.urls import path

from miaoce.web.enrolments import groups, moving, results

urlpatterns = [
    path("", groups.groups, name="groups"),
    path("regroup/", moving.regroup, name="regroup"),
    path("done/<uuid:process_id>/", results.done, name="enrolment-done"),
]
