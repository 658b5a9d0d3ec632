"""The sitemap: one line per section."""

from django.urls import include, path

from miaoce.api.v1.api import api

urlpatterns = [
    path("", include("miaoce.web.desk.urls")),
    path("", include("miaoce.web.staff.urls")),
    path("", include("miaoce.web.style_guide.urls")),
    path("children/", include("miaoce.web.children.urls")),
    path("papers/", include("miaoce.web.papers.urls")),
    path("intake/", include("miaoce.web.intake.urls")),
    path("approvals/", include("miaoce.web.approvals.urls")),
    path("progress/", include("miaoce.web.progress.urls")),
    path("audit/", include("miaoce.web.audit.urls")),
    path("api/v1/", api.urls),
]
handler400 = "miaoce.web.refusals.bad_request"
handler403 = "miaoce.web.refusals.forbidden"
handler404 = "miaoce.web.refusals.missing"
handler500 = "miaoce.web.refusals.broken"
