"""Addresses of transfers, and the one page where guardians speak with a code."""

from django.urls import path

from miaoce.web.transfers import acting, beginning, guardian, pages

urlpatterns = [
    path("", pages.transfers, name="transfers"),
    path("start/", beginning.start, name="transfer-start"),
    path("begin/", beginning.begin, name="transfer-begin"),
    path("invite/", beginning.invite, name="transfer-invite"),
    path("guardian/", guardian.guardian, name="transfer-guardian"),
    path("<uuid:transfer_id>/", pages.transfer, name="transfer"),
    path("<uuid:transfer_id>/handle/", acting.handle, name="transfer-handle"),
    path("<uuid:transfer_id>/decide/", acting.decide, name="transfer-decide"),
]
