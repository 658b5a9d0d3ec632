"""Addresses of the children section and of the search."""

from django.urls import path

from miaoce.web.children import asof, listing, notices, pages, revealing

urlpatterns = [
    path("children/", listing.children, name="children"),
    path("children/<uuid:child_id>/", pages.child, name="child"),
    path("children/roll/", asof.roll_as_of, name="roll-as-of"),
    path("children/<uuid:child_id>/as-of/", asof.child_as_of, name="child-as-of"),
    path("children/<uuid:child_id>/story/", pages.story, name="child-story"),
    path("children/<uuid:child_id>/looks/", pages.looks, name="child-looks"),
    path("children/<uuid:child_id>/reveal/", revealing.reveal, name="child-reveal"),
    path("children/<uuid:child_id>/notices/", notices.notices, name="child-notices"),
    path("search/", listing.search, name="search"),
]
