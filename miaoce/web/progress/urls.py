"""The address of the progress of registration."""

from django.urls import path

from miaoce.web.progress import pages

urlpatterns = [path("", pages.progress, name="progress")]
