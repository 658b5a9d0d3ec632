"""The sitemap: one line per section."""

from django.urls import include, path

urlpatterns = [
    path("", include("miaoce.web.desk.urls")),
    path("", include("miaoce.web.staff.urls")),
    path("", include("miaoce.web.style_guide.urls")),
    path("", include("miaoce.web.children.urls")),
    path("", include("miaoce.web.papers.urls")),
    path("", include("miaoce.web.proofs.urls")),
    path("", include("miaoce.web.corrections.urls")),
    path("cases/", include("miaoce.web.cases.urls")),
    path("enrolments/", include("miaoce.web.enrolments.urls")),
    path("intake/", include("miaoce.web.intake.urls")),
    path("approvals/", include("miaoce.web.approvals.urls")),
    path("", include("miaoce.web.schools.urls")),
    path("clocks/", include("miaoce.web.clocks.urls")),
    path("transfers/", include("miaoce.web.transfers.urls")),
    path("problems/", include("miaoce.web.problems.urls")),
    path("messages/", include("miaoce.web.messages.urls")),
    path("institutions/", include("miaoce.web.institutions.urls")),
    path("progress/", include("miaoce.web.progress.urls")),
    path("audit/", include("miaoce.web.audit.urls")),
]
