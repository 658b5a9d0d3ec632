"""As which parties somebody takes part in a transfer, and which steps that leaves (states.STEPS)."""

from uuid import UUID

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import GUARDIAN, SYSTEM, Permission
from miaoce.registry.transfers import states
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.states import Party

UNITS = (Party.OLD, Party.NEW, Party.OLD_COUNTY, Party.NEW_COUNTY)


def parties_of(actor: Officer, transfer: Transfer) -> frozenset[Party]:
    """Return as what an officer takes part: by its unit, never by what the page said. Offices above take no part."""
    if actor.role_code == GUARDIAN.code:
        return frozenset({Party.GUARDIAN})
    if actor.role_code == SYSTEM.code:
        return frozenset({Party.WORKER})
    if actor.unit_id is None or not (actor.is_kindergarten or actor.is_county):
        return frozenset()
    return frozenset(party for party in UNITS if unit_of(party, transfer) == actor.unit_id)


def acting_as(actor: Officer, transfer: Transfer) -> frozenset[Party]:
    """Return as which parties an officer may act at all: nothing for who only looks (a token without more, offices above)."""
    acts = actor.may(Permission.TRANSFER_HANDLE) or actor.may(Permission.TRANSFER_DECIDE)
    return parties_of(actor, transfer) if acts else frozenset()


def verbs_of(actor: Officer, transfer: Transfer) -> list[str]:
    """Return the verbs that a transfer offers to an officer: state, party and permission. Time and hands are asked later."""
    parties = parties_of(actor, transfer)
    found = states.available(transfer.state, parties, is_within_a_county=transfer.is_within_a_county)
    return [verb for verb in found if actor.may(states.STEPS[verb].permission)]


def unit_of(party: Party, transfer: Transfer) -> UUID | None:
    """Return the id of the unit that a party is, None for people and the machine."""
    return {
        Party.OLD: transfer.from_kindergarten_id,
        Party.NEW: transfer.to_kindergarten_id,
        Party.OLD_COUNTY: transfer.from_office_id,
        Party.NEW_COUNTY: transfer.to_office_id,
    }.get(party)
