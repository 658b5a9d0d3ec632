"""The officer: a person in one role at one unit, as every action and queryset receives it."""

from dataclasses import dataclass
from uuid import UUID

from miaoce.registry.access.permissions import GUARDIAN, SYSTEM, Permission, Role, Scope
from miaoce.registry.refusals import Refusal


class Denied(Refusal):
    """The officer's role or unit does not allow this."""

    code, message, http = "ACC-01", "您现在的身份办不了这件事。请换个身份，或请有权限的同事办理。", 403


@dataclass(frozen=True)
class Officer:
    """Who acts. `unit_path` is the office's path for offices, the owning office's path for kindergartens and schools."""

    staff_id: UUID | None
    name: str
    role: Role
    appointment_id: UUID | None
    unit_id: UUID | None
    unit_code: str
    unit_name: str
    unit_path: str
    unit_level: str = ""

    @property
    def role_code(self) -> str:
        """The stable code of the role."""
        return self.role.code

    def may(self, permission: Permission) -> bool:
        """Say whether the role holds a permission; where it holds is asked of the queryset."""
        return permission in self.role.permissions

    @property
    def is_kindergarten(self) -> bool:
        """Say whether the officer works at a kindergarten."""
        return self.role.scope is Scope.KINDERGARTEN

    @property
    def is_county(self) -> bool:
        """Say whether the officer works at a county office."""
        return self.role.scope is Scope.OFFICE and self.unit_level == "county"


def the_system(name: str = "系统") -> Officer:
    """Return the actor of work that no person does: the worker, the clocks, the demonstration."""
    return Officer(None, name, SYSTEM, None, None, "", name, "")


def the_guardian() -> Officer:
    """Return the actor of what a guardian does with a code; who it is stands in the case, not in the journal."""
    return Officer(None, GUARDIAN.name, GUARDIAN, None, None, "", GUARDIAN.name, "")


def require(actor: Officer, permission: Permission) -> None:
    """Refuse (ACC-01) an actor without a permission."""
    if not actor.may(permission):
        raise Denied(permission=permission)
