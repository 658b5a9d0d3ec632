"""Addresses of problem records, of the quality of matching and of its table."""

from django.urls import path

from miaoce.web.problems import deciding, listing, outcomes, pages, quality, saying, splitting

urlpatterns = [
    path("", listing.problems, name="problems"),
    path("quality/", quality.quality_page, name="match-quality"),
    path("table/", outcomes.table, name="match-table"),
    path("table/<uuid:table_id>/", outcomes.version, name="match-version"),
    path("<uuid:problem_id>/", pages.problem, name="problem"),
    path("<uuid:problem_id>/reveal/", pages.reveal, name="problem-reveal"),
    path("<uuid:problem_id>/say/", saying.say, name="problem-say"),
    path("<uuid:problem_id>/change/", saying.change, name="problem-change"),
    path("<uuid:problem_id>/void/", saying.void, name="problem-void"),
    path("<uuid:problem_id>/decide/", deciding.decide, name="problem-decide"),
    path("<uuid:problem_id>/split/", splitting.split, name="problem-split"),
    path("<uuid:problem_id>/undo/", deciding.undo, name="problem-undo"),
    path("<uuid:problem_id>/proofs/<uuid:proof_id>/", deciding.look, name="problem-proof"),
    path("<uuid:problem_id>/proofs/<uuid:proof_id>/pages/<int:number>/", deciding.picture, name="problem-proof-page"),
]
