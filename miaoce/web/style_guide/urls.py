"""The style guide's one address."""

from django.urls import path

from miaoce.web.style_guide import pages

urlpatterns = [
    path("样式/", pages.style_guide, name="style-guide"),
    path("样式/纸/", pages.paper, name="style-guide-paper"),
]
