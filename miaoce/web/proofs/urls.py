"""Addresses of proofs."""

from django.urls import path

from miaoce.web.proofs import pages

urlpatterns = [
    path("children/<uuid:child_id>/proofs/", pages.of_child, name="child-proofs"),
    path("proofs/<uuid:proof_id>/", pages.look, name="proof"),
    path("proofs/<uuid:proof_id>/drop/", pages.drop, name="proof-drop"),
    path("proofs/<uuid:proof_id>/pages/<int:number>/", pages.picture, name="proof-page"),
]
