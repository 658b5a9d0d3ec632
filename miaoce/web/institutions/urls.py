"""Addresses of a county's kindergartens."""

from django.urls import path

from miaoce.web.institutions import ending, pages

urlpatterns = [
    path("", pages.institutions, name="institutions"),
    path("unplaced/", ending.unplaced, name="institution-unplaced"),
    path("<uuid:kindergarten_id>/", pages.institution, name="institution"),
    path("<uuid:kindergarten_id>/end/", ending.end, name="institution-end"),
    path("<uuid:kindergarten_id>/<slug:verb>/", pages.change, name="institution-change"),
]
