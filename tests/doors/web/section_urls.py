"""The addresses of the children and papers sections, and those that the furniture of a page names beside them."""

from django.urls import include, path
from django.views import View

OTHERS = ("desk", "intake", "approvals", "progress", "audit", "big-text", "switch-role", "sign-in", "sign-out")
urlpatterns = [
    path("", include("miaoce.web.children.urls")),
    path("", include("miaoce.web.papers.urls")),
    path("enrolments/", include("miaoce.web.enrolments.urls")),
    path("intake/<uuid:batch_id>/rows/<int:position>/", View.as_view(), name="intake-row"),
    *(path(f"{name}/", View.as_view(), name=name) for name in OTHERS),
]
handler404 = "miaoce.web.refusals.missing"
