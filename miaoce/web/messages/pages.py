"""收信箱: what guardians' phones and officers' daily digests would show in the demonstration. Elsewhere there is no such page."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from miaoce.registry.messages import queries
from miaoce.registry.messages.senders import Inbox, sender
from miaoce.web.permissions import DeskRequest, page


@page(None)
def inbox(request: DeskRequest) -> HttpResponse:
    """List the messages that the demonstration sent, the newest first; 404 where messages go elsewhere or nowhere."""
    if not isinstance(sender(), Inbox):
        raise Http404
    context = {"messages": queries.inbox(), "told": queries.told(address=settings.ADDRESS)}
    return render(request, "messages/inbox.html", context)
