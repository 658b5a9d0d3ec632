"""The address of the demonstration's inbox."""

from django.urls import path

from miaoce.web.messages import pages

urlpatterns = [path("", pages.inbox, name="inbox")]
