"""Addresses of the papers and of the page behind a card's code."""

from django.urls import path

from miaoce.web.papers import certificates, pages, verifying

urlpatterns = [
    path("papers/", pages.papers, name="papers"),
    path("papers/roll/<uuid:group_id>/", pages.roll, name="roll"),
    path("papers/roll/<uuid:group_id>/pdf/", pages.roll_pdf, name="roll-pdf"),
    path("papers/cards/", pages.cards, name="cards"),
    path("papers/cards/pdf/", pages.cards_pdf, name="cards-pdf"),
    path("papers/certificates/", certificates.certificates, name="certificates"),
    path("papers/certificates/pdf/", certificates.certificates_pdf, name="certificates-pdf"),
    path("verify/<str:token>/", verifying.verify, name="verify"),
]
