"""Addresses of the changes of a stay."""

from django.urls import path

from miaoce.web.enrolments import graduating, groups, leaving, moving, results, turning

urlpatterns = [
    path("", groups.groups, name="groups"),
    path("regroup/", moving.regroup, name="regroup"),
    path("leave/", leaving.leave, name="leave"),
    path("destinations/", leaving.destinations, name="destinations"),
    path("readmit/", leaving.readmit, name="readmit"),
    path("graduate/", graduating.graduate, name="graduate"),
    path("turn/", turning.turn, name="turn"),
    path("done/<uuid:process_id>/", results.done, name="enrolment-done"),
]
