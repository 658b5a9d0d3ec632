"""Sending ready rows to the county, and taking them back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments.actions import Admission
from miaoce.registry.institutions.models import Group
from miaoce.registry.intake import rules, states
from miaoce.registry.intake.contents import OpenRow, write
from miaoce.registry.intake.fields import CARE
from miaoce.registry.intake.findings import ENTRY_MISSING, Finding
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.wording import say
from miaoce.registry.intake.working import Work, begin, settle, state_for
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.matching import holding, keeping
from miaoce.registry.matching import pairs as matching
from miaoce.registry.matching.models import DIFFERENT
from miaoce.registry.refusals import Refusal


@dataclass
class Sent:
    """What a submission or recall did: rows done, and for each other row one sentence why not.

    `undated` are those of the rows submitted whose two months count from the submission, because no day of entry is given.
    """

    done: list[UUID] = field(default_factory=list)
    refused: dict[UUID, str] = field(default_factory=dict)
    undated: list[UUID] = field(default_factory=list)


@transaction.atomic
def submit(*, batch: Batch, process: Process, row_ids: Collection[UUID] | None = None, most: int | None = None) -> Sent:
    """Submit the ready rows of a batch, all or those named; rows not ready are left where they are.

    The register is asked once more: a row whose child was recorded meanwhile is not sent but waits for a decision.
    Submitting again sends nothing twice. Refuses (INT-09) when there is nothing ready and nothing was sent before, more
    rows than `most` (INT-18), and what enrolments.submit refuses as a whole (ENR-01).
    """
    work = begin(batch, process, Permission.INTAKE_SUBMIT)
    chosen = [row for row in ready_of(work) if row_ids is None or row.key in row_ids]
    if not chosen and not any(row.row.state == states.SENT for row in work.rows):
        raise rules.NothingReady
    if most is not None and len(chosen) > most:
        raise rules.TooManyAtOnce(most=most, count=len(chosen))
    out = send(work, chosen, process)
    Batch.objects.filter(pk=work.batch.pk).update(layout=remembered(work.batch, process.pk.hex, out))
    return out


def ready_of(work: Work) -> list[OpenRow]:
    """Return the rows that can be submitted, in the order of the sheet."""
    return [row for row in work.rows if work.shown[row.key] == states.READY]


def send(work: Work, chosen: Sequence[OpenRow], process: Process) -> Sent:
    """Submit rows of a batch that this process holds, inside its transaction; write what became of them and note it."""
    holding.hold([row.content.values for row in chosen], at=process.at)
    changed = {row.key: row for row in settle(work, chosen) if row.row.state != states.SENT or row in chosen}
    for row in chosen:
        row.row.state = state_for(row.content)
    ready = [row for row in chosen if row.row.state == states.READY]
    out = Sent(refused={row.key: _why(row) for row in chosen if row.row.state != states.READY})
    _send(work, ready, out, process)
    changed.update({row.key: row for row in chosen})
    write(list(changed.values()), work.safe)
    after = {"sent": len(out.done), "kept": len(out.refused)}
    journal.note(process, [Change("batch.submitted", "batch", work.batch.pk, after=after)])
    return out


def _why(row: OpenRow) -> str:
    """Return the first reason that holds a row back."""
    return row.content.findings[0].message if row.content.findings else states.ROW_LABELS[row.row.state]


def _send(work: Work, ready: list[OpenRow], out: Sent, process: Process) -> None:
    """Submit rows as admissions and mark them by what came of each."""
    groups = {g.name: g for g in Group.objects.of_day(journal.day_of(process)).filter(kindergarten=work.kindergarten)}
    admissions: list[Admission] = []
    by_child = {row.row.becomes_id: row for row in ready}
    for row in ready:
        group = groups.get(row.content.values.get("class", ""))
        if group is None:
            words = say("class_unknown", what=row.content.text("class"))
            row.content.own.append(Finding("class", "CLASS_UNKNOWN", words))
            row.row.state, out.refused[row.key] = states.FIX, words
        else:
            admissions.append(admission(row, group))
    if not admissions:
        return
    submission = enrolments.submit(admissions=admissions, kindergarten=work.kindergarten, process=process)
    keeping.renew(child_ids=submission.sent, at=process.at)  # whoever asks next sees them
    _remember([by_child[child] for child in submission.sent], process)
    for child in submission.sent:
        by_child[child].row.state = work.shown[by_child[child].key] = states.SENT
        out.done.append(by_child[child].key)
        if "entry_date" not in by_child[child].content.values:
            out.undated.append(by_child[child].key)
    for child, refusal in submission.refused.items():
        _refused(by_child[child], refusal, out)


def _remember(sent: Sequence[OpenRow], process: Process) -> None:
    """Let matching remember which children of the register were said to be others."""
    decided = [(row.row.becomes_id, other) for row in sent for other in row.content.settled]
    pairs = [(child, UUID(hex=other)) for child, other in decided if not other.startswith("row:")]
    if pairs:
        matching.remember(pairs=pairs, verdict=DIFFERENT, process=process)


def _refused(row: OpenRow, refusal: Refusal, out: Sent) -> None:
    """Turn the refusal of one child into a finding on its row."""
    taken = isinstance(refusal, DocumentTaken)
    finding = Finding("id_number" if taken else None, "DOCUMENT_TAKEN" if taken else "NOT_SENT", str(refusal))
    row.content.others = [f for f in row.content.others if f.code != finding.code] + [finding]
    row.row.state = states.DUPLICATE if taken else states.FIX
    out.refused[row.key] = finding.message


def admission(row: OpenRow, group: Group) -> Admission:
    """Return a ready row as an admission: its values, and what a reviewer should look at."""
    content = row.content
    remarks = [f for f in content.findings if f.remark and f.field not in CARE and f.code != ENTRY_MISSING]
    flags = sorted({f.code for f in remarks} | {d["code"] for d in _decided(content.decisions)})
    has_papers = content.values.get("id_type", "none") != "none"
    if not has_papers:
        flags.append("NO_PAPERS")
    facts: dict[str, Any] = {
        "remarks": [{"code": f.code, "message": f.message} for f in remarks],
        "decisions": _decided(content.decisions),
        "row": row.row.number,
        "tidied": len(content.tidied),
        "edited": len(content.edited),
    }
    risk = rules.risk_of(flags=flags, has_papers=has_papers, decided=bool(_decided(content.decisions)))
    return Admission(row.row.becomes_id, content.values, group, tuple(flags), risk, facts)


def _decided(decisions: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return what was decided to be two children, for the reviewer: who the other is, and why."""
    return [
        {
            "code": "SAME_CHILD_IN_FILE" if d["other"].startswith("row:") else "SAME_CHILD_ELSEWHERE",
            "other": d["other"],
            "reason": d["reason"],
        }
        for d in decisions
        if d["choice"] == "different"
    ]


def remembered(batch: Batch, key: str, out: Sent, words: str = "") -> dict[str, Any]:
    """Return the batch's layout with an outcome for the result page, added to what stands under that key already.

    Kept are how many were sent, a sentence for each row that was not, and `words` that stopped the whole.
    """
    results = dict(batch.layout.get("results", {}))
    kept = results.pop(key, {"sent": 0, "undated": 0, "refused": {}})
    results = dict(list(results.items())[-9:])
    refused = {**kept["refused"], **{row.hex: said for row, said in out.refused.items()}}
    results[key] = {
        "sent": kept["sent"] + len(out.done),
        "undated": kept.get("undated", 0) + len(out.undated),
        "refused": refused,
        "words": words,
    }
    return {**batch.layout, "results": results}


@transaction.atomic
def recall(*, batch: Batch, process: Process, row_ids: Collection[UUID] | None = None) -> Sent:
    """Take back submitted rows, all or those named, as long as the county has not opened them; they are ready again."""
    work = begin(batch, process, Permission.INTAKE_SUBMIT)
    sent = {
        row.row.becomes_id: row
        for row in work.rows
        if work.shown[row.key] == states.SENT and (row_ids is None or row.key in row_ids)
    }
    outcome = enrolments.withdraw(child_ids=list(sent), process=process)
    out = Sent()
    for case in outcome.done:
        row = sent[case.child_id]
        row.row.state = states.READY
        out.done.append(row.key)
    out.refused = {sent[child].key: str(refusal) for child, refusal in outcome.refused.items()}
    rows.rewrite([sent[case.child_id].row for case in outcome.done], ("state",))
    journal.note(process, [Change("batch.recalled", "batch", work.batch.pk, after={"rows": len(out.done)})])
    return out
