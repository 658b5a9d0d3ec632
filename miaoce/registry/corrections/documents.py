"""What an outside register says of documents, made true: a right resident document turns a temporary number formal."""

from datetime import datetime

from miaoce.registry.access.officers import Officer
from miaoce.registry.enrolments import renumbering
from miaoce.registry.identity import checks
from miaoce.registry.identity.registers import chosen
from miaoce.registry.journal import actions as journal


def check_due(*, actor: Officer, at: datetime) -> int:
    """Ask what is due and write the answers down; return how many questions were asked. For the worker.

    The register is asked outside of any transaction. Children found right that hold an L or J number get their G.
    """
    register = chosen()
    if register is None or not checks.is_due(at=at):
        return 0
    asked = checks.asked_now(register=register, at=at)
    with journal.process("document.check", actor=actor, at=at) as process:
        right = checks.note(asked=asked, process=process)
        renumbering.formalise(child_ids=right, process=process)
    return len(asked.checks)
