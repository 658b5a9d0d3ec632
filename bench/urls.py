"""The shipped addresses and the bare view."""

from django.urls import path

from bench.bare import bare
from miaoce.urls import handler400, handler403, handler404, handler500
from miaoce.urls import urlpatterns as shipped

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("bare/<uuid:kindergarten_id>/", bare), *shipped]
