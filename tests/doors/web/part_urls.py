"""The addresses that the furniture of a page names, so that its tests need no other page."""

from django.urls import include, path
from django.views import View

urlpatterns = [
    path("", include("miaoce.web.style_guide.urls")),
    *(path(f"{name}/", View.as_view(), name=name) for name in ("search", "big-text", "switch-role", "sign-out")),
]
