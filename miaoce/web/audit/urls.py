"""The address of the records that auditors read."""

from django.urls import path

from miaoce.web.audit import pages

urlpatterns = [path("", pages.audit, name="audit")]
