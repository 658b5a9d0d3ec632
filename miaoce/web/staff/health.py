"""Whether this installation answers: open to everybody, says nothing about children."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from miaoce.web.permissions import page

log = logging.getLogger(__name__)


@page(None)
def health(_request: HttpRequest) -> HttpResponse:
    """200 and “ok” when the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        log.exception("the database does not answer")
        return HttpResponse("database unavailable", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")
