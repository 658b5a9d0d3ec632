"""The work desk's addresses."""

from django.urls import path

from miaoce.web.desk import pages

urlpatterns = [path("", pages.desk, name="desk")]
