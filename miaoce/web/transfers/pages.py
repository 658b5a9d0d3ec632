"""转园: the list by whose turn it is, and the one page of a case that all parties see, masked for each."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import queries as enrolments
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.journal import actions as journal
from miaoce.registry.messages.senders import sender
from miaoce.registry.reference import queries as reference
from miaoce.registry.transfers import queries, states
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.parties import parties_of, verbs_of
from miaoce.registry.transfers.states import Party
from miaoce.registry.vault.masking import Field, Viewer
from miaoce.registry.vault.masking import shown as masked
from miaoce.web.approvals.forms import identifier
from miaoce.web.components.parts import Crumb, Tab
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard
from miaoce.web.transfers.forms import PlaceForm, RefusalForm, WordsForm
from miaoce.web.transfers.showing import line_of, shown_of

REFUSING = {"refuse": "old", "refuse_place": "new", "reject": "county", "reject_in": "county"}


@page(Permission.TRANSFER_VIEW)
def transfers(request: DeskRequest) -> HttpResponse:
    """List the transfers that the officer's unit is a party to; offices above see those below them, masked."""
    officer, now = request.officer, timezone.now()
    tab = request.GET.get("tab", "")
    tab = tab if tab in queries.TABS else (queries.MINE if _takes_part(officer) else queries.OTHERS)
    before = identifier(request.GET.get("before", ""))
    mine = Transfer.objects.visible_to(officer)
    found = queries.page_of(queries.listed(officer, tab), among=mine, before=before)
    if found.transfers:
        ids = [t.child_id for t in found.transfers]
        journal.log_reading(actor=officer, at=now, what="transfer.list", child_ids=ids)
    who, running = queries.who_of(found.transfers, officer), queries.clocks_of([t.pk for t in found.transfers])
    on = timezone.localdate(now)
    context = {
        "tabs": _tabs(officer, tab),
        "lines": [line_of(t, who[t.pk], running.get(t.pk), on=on) for t in found.transfers if t.pk in who],
        "following": f"?tab={tab}&before={found.following}" if found.following else "",
        "wishes": _wishes(request) if tab == queries.MINE else [],
        "tab": tab,
        "is_above": not _takes_part(officer),
        "flashes": heard(request),
    }
    return render(request, "transfers/list.html", context)


def _takes_part(officer: Officer) -> bool:
    """Say whether an officer acts in transfers at all."""
    return officer.may(Permission.TRANSFER_HANDLE) or officer.may(Permission.TRANSFER_DECIDE)


def _tabs(officer: Officer, current: str) -> list[Tab]:
    """Return the tabs; only one's own to-dos are counted."""
    count = len(queries.waiting_for(officer))
    tabs = [
        Tab(label, f"?tab={tab}", tab == current, count if tab == queries.MINE else None)
        for tab, label in queries.TABS.items()
    ]
    return tabs if _takes_part(officer) else tabs[1:]


def _wishes(request: DeskRequest) -> list[tuple[UUID, str, str, Any]]:
    """Return what intake put aside: id, masked name, where the child attends, when."""
    wishes = queries.wishes_of(request.officer)
    children = Child.objects.select_related("kindergarten").in_bulk([wish.child_id for wish in wishes])
    if children:
        journal.log_reading(
            actor=request.officer, at=timezone.now(), what="transfer.wishes", child_ids=sorted(children)
        )
    return [
        (w.pk, masked(Field.NAME, child.name, Viewer.OTHER), child.kindergarten.name, w.wished_at)
        for w in wishes
        if (child := children.get(w.child_id))
    ]


def visible_transfer(request: DeskRequest, transfer_id: UUID) -> Transfer:
    """Return a transfer that the officer may see; 404 for every other id, foreign or unknown."""
    mine = queries.with_places(Transfer.objects.visible_to(request.officer))
    return get_object_or_404(mine, pk=transfer_id)


@page(Permission.TRANSFER_VIEW)
def transfer(request: DeskRequest, transfer_id: UUID) -> HttpResponse:
    """One case: where it stands, who is next until when, what was written, and the buttons of whoever may act."""
    return case_page(request, visible_transfer(request, transfer_id))


def case_page(
    request: DeskRequest, case: Transfer, *, problem: str = "", forms: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Show a case; `forms` are those that were sent and came back with something to mend."""
    officer, now = request.officer, timezone.now()
    on = timezone.localdate(now)
    journal.log_reading(actor=officer, at=now, what="transfer.page", child_ids=[case.child_id])
    who = queries.who_of([case], officer)[case.pk]
    verbs = verbs_of(officer, case)
    parties = parties_of(officer, case)
    shown = shown_of(case, who, on=on)
    context = {
        "shown": shown,
        "case": case,
        "verbs": verbs,
        "refusing": next((verb for verb in verbs if verb in REFUSING), ""),
        "approving": next((verb for verb in verbs if verb.startswith("approve")), ""),
        "may_regroup": Party.NEW in parties and case.state in states.PLACEABLE,
        "refusing_words": "不予核准" if officer.is_county else "不同意转入" if Party.NEW in parties else "不同意转出",
        "may_print": case.state in {states.INVITED, states.REQUESTED} and bool(parties & {Party.OLD, Party.OLD_COUNTY}),
        "may_send": case.state in {states.INVITED, states.REQUESTED} and bool(parties) and sender() is not None,
        "is_party": bool(parties),
        "is_release_due": shown.is_late or case.from_kindergarten.closed_on is not None,
        "post_to": "transfer-decide" if officer.is_county else "transfer-handle",
        "crumbs": [Crumb("转园", "/transfers/"), Crumb(who.name)],
        "flashes": heard(request),
        "problem": problem,
        "objection_days": settings.OBJECTION_DAYS,
        **_forms(request, verbs, case, parties, forms or {}),
    }
    return render(request, "transfers/case.html", context, status=status)


def _forms(
    request: DeskRequest, verbs: list[str], case: Transfer, parties: frozenset[Party], sent: dict[str, Any]
) -> dict[str, Any]:
    """Return the forms that a viewer may use, empty or as they were sent."""
    forms: dict[str, Any] = {}
    if "accept" in verbs or (Party.NEW in parties and case.state in states.PLACEABLE):
        forms["place_form"] = sent.get("place_form") or place_form(request)
    if refusing := next((verb for verb in verbs if verb in REFUSING), ""):
        forms["refusal_form"] = sent.get("refusal_form") or refusal_form(refusing)
    forms["objection_form"] = sent.get("objection_form") or WordsForm(auto_id="objection_%s")
    forms["resume_form"] = sent.get("resume_form") or WordsForm(auto_id="resume_%s")
    forms["note_form"] = sent.get("note_form") or WordsForm(auto_id="note_%s")
    return forms


def place_form(request: DeskRequest, data: Any = None) -> PlaceForm:
    """Return the form of groups of the officer's kindergarten."""
    unit = request.officer.unit_id
    groups = institutions.groups_of(unit, on=timezone.localdate()) if unit and request.officer.is_kindergarten else []
    heads = enrolments.heads_of(group.pk for group in groups)
    return PlaceForm(groups, {group: one.present for group, one in heads.items()}, data, auto_id="place_%s")


def refusal_form(verb: str, data: Any = None) -> RefusalForm:
    """Return the form of the reasons that a step's party may give."""
    entries = reference.codebook(timezone.localdate()).entries("transfer_refusal")
    reasons = {e.code: e.name for e in entries if REFUSING[verb] in e.extra.get("by", "").split("|")}
    return RefusalForm(reasons, data, auto_id="refusal_%s")
