"""Addresses of the clocks."""

from django.urls import path

from miaoce.web.clocks import pages

urlpatterns = [path("", pages.clocks, name="clocks"), path("ageing/", pages.ageing, name="ageing")]
