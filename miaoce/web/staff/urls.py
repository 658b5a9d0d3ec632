"""Addresses of signing in and of the person at the desk."""

from django.urls import path

from miaoce.web.staff import health, pages

urlpatterns = [
    path("sign-in/", pages.sign_in, name="sign-in"),
    path("sign-out/", pages.sign_out, name="sign-out"),
    path("switch-role/", pages.switch_role, name="switch-role"),
    path("big-text/", pages.big_text, name="big-text"),
    path("old-browser/", pages.old_browser, name="old-browser"),
    path("health/", health.health, name="health"),
]
