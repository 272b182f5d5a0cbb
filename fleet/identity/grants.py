"""Decides who may give which roles and scopes, and on whom one may act.

Nobody gives what they do not have, and nobody acts on somebody who may do more: else a manager
would become an owner by the owner's one-time link.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from fleet.identity.errors import (
    KeyExpiryOutOfRange,
    RolesExceedOwn,
    RolesMissing,
    RolesUnknown,
    ScopesExceedOwn,
    ScopesMissing,
    ScopesUnknown,
    UserIsYourself,
    UserOutranks,
)
from fleet.identity.model import RoleGrants
from schemas.access import MACHINE_PERMISSIONS, PERMISSIONS, ROLES, Actor, permissions_of

KEY_LIFE: Final = timedelta(days=2 * 366)
"""How far ahead a key may expire at most."""


def check_roles(actor: Actor, roles: Collection[str]) -> list[str]:
    """The roles the actor may give, in the order of the table, each once.

    Raises:
        RolesMissing, RolesUnknown: not a choice of roles.
        RolesExceedOwn: together they allow what the actor may not do.
    """
    wanted = set(roles)
    if not wanted:
        raise RolesMissing("everybody has a role at least", roles=list(ROLES))
    unknown = sorted(wanted - set(ROLES))
    if unknown:
        told = f"no such role: {', '.join(unknown)}; there are {', '.join(ROLES)}"
        raise RolesUnknown(told[:200], unknown=unknown, roles=list(ROLES))
    beyond = permissions_of(wanted) - actor.permissions
    if beyond:
        raise RolesExceedOwn("these roles allow more than you may", beyond=sorted(beyond))
    return [role for role in ROLES if role in wanted]


def check_rank(actor: Actor, *, login: str, roles: Collection[str]) -> None:
    """Let pass who may do all that this person may.

    Raises:
        UserOutranks: the person may do more.
    """
    if not permissions_of(frozenset(roles)) <= actor.permissions:
        raise UserOutranks(f"{login} may do more than you", login=login)


def check_not_yourself(actor: Actor, *, login: str) -> None:
    """Let pass who acts on somebody else.

    Raises:
        UserIsYourself: the actor is that person.
    """
    if actor.kind == "person" and actor.name == login:
        raise UserIsYourself("nobody does that to themselves", login=login)


def check_scopes(actor: Actor, scopes: Collection[str]) -> list[str]:
    """The scopes the actor may give a machine, in the order of the table, each once.

    Raises:
        ScopesMissing, ScopesUnknown: not a choice of verbs.
        ScopesExceedOwn: the actor lacks one, or one is dangerous.
    """
    wanted = set(scopes)
    if not wanted:
        raise ScopesMissing("a key is for something")
    unknown = sorted(wanted - PERMISSIONS.keys())
    if unknown:
        told = f"no such verb: {', '.join(unknown)}"
        raise ScopesUnknown(told[:200], unknown=unknown)
    beyond = wanted - (MACHINE_PERMISSIONS & actor.permissions)
    if beyond:
        raise ScopesExceedOwn(
            "a key is given no verb that you lack or that is dangerous", beyond=sorted(beyond)
        )
    return [verb for verb in PERMISSIONS if verb in wanted]


def check_expiry(expires_at: datetime, now: datetime) -> None:
    """Let pass an end that lies ahead, but not too far.

    Raises:
        KeyExpiryOutOfRange: in the past, or more than two years ahead.
    """
    if not now < expires_at <= now + KEY_LIFE:
        raise KeyExpiryOutOfRange(
            "a key expires in the future and within two years", latest=now + KEY_LIFE
        )


def list_grants() -> list[RoleGrants]:
    """Every role with the verbs it allows."""
    return [
        RoleGrants(role, [verb for verb in PERMISSIONS if role in PERMISSIONS[verb].roles])
        for role in ROLES
    ]
