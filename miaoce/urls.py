"""Where the doors stand side by side: the pages at the root, the API under its version; neither knows the other."""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("miaoce.api.urls")), path("", include("miaoce.web.urls"))]

handler400 = "miaoce.web.refusals.bad_request"
handler403 = "miaoce.web.refusals.forbidden"
handler404 = "miaoce.web.refusals.missing"
handler500 = "miaoce.web.refusals.broken"
