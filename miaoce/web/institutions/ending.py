"""A kindergarten closes, merges or splits: the plan that a person reads first, and the county's list of children to be placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims
from miaoce.registry.enrolments import lapsing, places, rehoming
from miaoce.registry.enrolments import queries as enrolments
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.places import Ending
from miaoce.registry.institutions import rules
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.web.institutions import pages
from miaoce.web.institutions.forms import ENDINGS, EndingForm, Home, homes_from, mapping_of
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say

MOST = 500  # children shown on the county's list at once


@dataclass(frozen=True)
class Offer:
    """A group that may take children: its kindergarten, its size now and its norm."""

    group: Group
    size: int

    @property
    def label(self) -> str:
        """The group as a choice: 青禾中心幼儿园 小一班（22/25）."""
        return f"{self.group.kindergarten.name} {self.group.name}（{self.size}/{self.group.size_norm}）"


def offers(officer: Officer, besides: Kindergarten | None = None) -> list[Offer]:
    """Return the groups of this year in the county's licensed kindergartens. Two statements."""
    today = timezone.localdate()
    groups = Group.objects.of_day(today).filter(kindergarten__in=pages.own(officer)).select_related("kindergarten")
    open_ones = [g for g in groups.order_by("kindergarten__code", "sort") if g.kindergarten.is_licensed(today)]
    sizes = _sizes(open_ones)
    return [
        Offer(group, sizes.get(group.pk, 0))
        for group in open_ones
        if besides is None or group.kindergarten_id != besides.pk
    ]


def _groups_with_children(place: Kindergarten) -> tuple[list[Group], dict[UUID, int]]:
    """Return the groups in which children stay, of whatever year, with how many."""
    stays = Enrolment.objects.filter(kindergarten=place, ended_on=None)
    groups = list(Group.objects.filter(pk__in=stays.values("group_id")).order_by("sort", "name"))
    return groups, _sizes(groups)


def _sizes(groups: Sequence[Group]) -> dict[UUID, int]:
    """Return how many children sit in each group that has any."""
    return {group: heads.present for group, heads in enrolments.heads_of([one.pk for one in groups]).items()}


@page(Permission.INSTITUTION_CHANGE, act=Permission.INSTITUTION_CHANGE)
def end(request: DeskRequest, kindergarten_id: UUID) -> HttpResponse:
    """Choose for each group where its children go on; read the plan; carry it out."""
    place = get_object_or_404(pages.own(request.officer), pk=kindergarten_id)
    rules.must_be_open(name=place.name, closed_on=place.closed_on)
    if request.method == "POST" and request.POST.get("act") == "return":
        return _return_waiting(request, place)
    groups, sizes = _groups_with_children(place)
    form = EndingForm(
        request.POST if request.method == "POST" else None,
        initial={"kind": "close", "on": timezone.localdate().isoformat()},
    )
    homes = homes_from(request.POST, groups, sizes)
    mapping = mapping_of(homes)
    is_planned = request.method == "POST" and form.is_valid() and mapping is not None
    if is_planned and form.cleaned_data["kind"] != "split" and len(mapping or ()) < len(homes):
        form.add_error("kind", "停办或并入时，每个班都要有去处；“留在本园”只用于分立。")
        is_planned = False
    if is_planned and mapping is not None and request.POST.get("sure") == "1":
        return _carry_out(request, place, form.cleaned_data, mapping)
    choices = offers(request.officer, place)
    context = {
        "place": place, "form": form, "homes": homes, "offers": choices, "crumbs": pages.crumbs_of(place, "停办、合并、分立"),
        "plan": _plan(homes, choices) if is_planned else [], "label": ENDINGS.get(request.POST.get("kind", ""), ""),
        "held": _in_transfer(place) if is_planned else 0, "waiting": lapsing.waiting_at(place), "flashes": heard(request),
    }  # fmt: skip
    return render(request, "institutions/end.html", context, status=422 if form.is_bound and not is_planned else 200)


def _return_waiting(request: DeskRequest, place: Kindergarten) -> HttpResponse:
    """Return everything that waits for the county, with the closing as its reason, and show the page again."""
    with journal.process("approval.return", actor=request.officer, at=timezone.now()) as process:
        count = lapsing.return_all(kindergarten=place, process=process)
    left = lapsing.waiting_at(place).submitted
    words = f"已退回 {count} 名，写明了停办原因。" + (f"还有 {left} 名是您自己提交的，要由同事审批。" if left else "")
    say(request, words, "warn" if left else "ok")
    return redirect("institution-end", kindergarten_id=place.pk)


def _plan(homes: Sequence[Home], choices: Sequence[Offer]) -> list[tuple[str, str, bool]]:
    """Return what will happen to each group in words, and whether a group grows over its norm by it."""
    by_id = {f"{offer.group.pk}": offer for offer in choices}
    coming: dict[str, int] = {}
    for home in homes:
        coming[home.chosen] = coming.get(home.chosen, 0) + home.count
    lines = []
    for home in homes:
        offer = by_id.get(home.chosen)
        if home.chosen == "stay":
            words, is_over = "留在本园", False
        elif offer is None:
            words, is_over = "进县里的待安置名单", False
        else:
            after = offer.size + coming[home.chosen]
            is_over = after > offer.group.size_norm
            words = f"转到{offer.group.kindergarten.name} {offer.group.name}，转后共 {after} 名，班额 {offer.group.size_norm}"
        lines.append((f"{home.group.name} {home.count} 名", words, is_over))
    return lines


def _in_transfer(place: Kindergarten) -> int:
    """Return how many children of a kindergarten have a transfer in hand, which goes on by itself."""
    stays = Enrolment.objects.filter(kindergarten=place, ended_on=None).values_list("child_id", flat=True)
    return sum(claim.kind == "transfer" for claim in claims.in_hand(list(stays)).values())


def _carry_out(
    request: DeskRequest, place: Kindergarten, given: Mapping[str, object], mapping: Mapping[UUID, UUID | None]
) -> HttpResponse:
    """Close, merge or split: one call of the domain."""
    ending, on = Ending(place, mapping), given["on"]
    with journal.process(f"institution.{given['kind']}", actor=request.officer, at=timezone.now()) as process:
        if given["kind"] == "split":
            done = places.split(ending=ending, on=on, process=process)  # type: ignore[arg-type]  # a cleaned date
        else:
            done = places.close(ending=ending, on=on, process=process, kind=f"{given['kind']}")  # type: ignore[arg-type]  # a cleaned date
    told = f"moved={len(done.moved)}&listed={len(done.listed)}&left={len(done.refused)}"
    return redirect(f"{reverse('institution', args=[place.pk])}?{told}")


@page(Permission.INSTITUTION_CHANGE, act=Permission.INSTITUTION_CHANGE)
def unplaced(request: DeskRequest) -> HttpResponse:
    """The county's own list: children whose kindergarten closed. Tick them, choose a group, place them."""
    refused: Sequence[str] = ()
    waiting = rehoming.on_list(request.officer.unit_id or UUID(int=0)).visible_to(request.officer)
    if request.method == "POST":
        chosen, group = _chosen(request)
        if chosen and group is not None:
            with journal.process("child.place", actor=request.officer, at=timezone.now()) as process:
                done = rehoming.place(
                    chosen=dict.fromkeys(chosen, group), on=timezone.localdate(process.at), process=process
                )
            if not done.refused:
                return redirect("institution-unplaced")
            refused = sorted({str(one) for one in done.refused.values()})
        else:
            refused = ["请勾选幼儿，并选接收的班级。"]
    children = list(waiting.order_by("pinyin", "id")[:MOST])
    former = {stay.child_id: stay for stay in _former([child.pk for child in children])}
    if request.method != "POST" or children:
        _log(request, [child.pk for child in children])
    context = {
        "rows": [(child, former.get(child.pk)) for child in children], "offers": offers(request.officer),
        "refused": refused, "crumbs": pages.crumbs_of(None, "待安置"),
    }  # fmt: skip
    return render(request, "institutions/unplaced.html", context, status=422 if refused else 200)


def _former(child_ids: Sequence[UUID]) -> list[Enrolment]:
    """Return the stays of children with their groups, the last one of each at the end."""
    stays = Enrolment.objects.filter(child_id__in=child_ids).select_related("group", "kindergarten")
    return list(stays.order_by("ended_on"))


def _chosen(request: DeskRequest) -> tuple[list[UUID], UUID | None]:
    """Return the ticked children and the group; what is no id is left out."""
    try:
        return [UUID(one) for one in request.POST.getlist("child")], UUID(request.POST.get("group", ""))
    except ValueError:
        return [], None


def _log(request: DeskRequest, child_ids: Sequence[UUID]) -> None:
    """Log that these children were shown."""
    journal.log_reading(actor=request.officer, at=timezone.now(), what="child.list", child_ids=child_ids)
