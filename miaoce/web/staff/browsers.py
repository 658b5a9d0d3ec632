"""Browsers too old for the pages: Internet Explorer and the compatibility mode of dual-core browsers."""

from django.http import HttpRequest

MARKS = ("MSIE ", "Trident/")


def is_too_old(request: HttpRequest) -> bool:
    """Say whether the page was asked for by Internet Explorer's engine."""
    agent = request.headers.get("User-Agent", "")
    return any(mark in agent for mark in MARKS)
