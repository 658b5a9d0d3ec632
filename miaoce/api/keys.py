"""Who calls: the access token of a program, and the request as the operations see it."""

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja.security import HttpBearer

from miaoce.api import pace
from miaoce.api.problems import TooMany
from miaoce.registry.access.officers import Denied, Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.access.queries import Bearer, bearer_of
from miaoce.registry.institutions.models import Kindergarten


class ApiRequest(HttpRequest):
    """A request that came through the door: when, under which trace number, and who calls."""

    at: datetime
    trace: str
    auth: Bearer
    officer: Officer


class AccessToken(HttpBearer):
    """`Authorization: Bearer mc_…` with one of the scopes that the operation declares; no scope: any token will do."""

    def __init__(self, *scopes: Permission) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> Bearer | None:
        """Return whom the token speaks for. Refuses (ACC-01) a token without the scope, (API-11) one that asks too fast."""
        bearer = bearer_of(token.strip(), at=request.at)  # type: ignore[attr-defined]  # set at the door (urls.py)
        if bearer is None:
            return None
        if seconds := pace.seconds_to_wait(bearer.token_id):
            raise TooMany(seconds=seconds)
        if self.scopes and not any(bearer.officer.may(scope) for scope in self.scopes):
            raise Denied(permission=str(self.scopes[0]))
        request.officer = bearer.officer  # type: ignore[attr-defined]  # what every view finds on the request
        return bearer


def own_kindergarten(officer: Officer) -> Kindergarten:
    """Return the kindergarten that an officer works at; 404 for whoever works elsewhere."""
    place = (
        Kindergarten.objects.filter(pk=officer.unit_id).first() if officer.is_kindergarten and officer.unit_id else None
    )
    if place is None:
        raise Http404
    return place
