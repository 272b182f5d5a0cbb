"""The shapes of people and of machines' keys."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict


@dataclass(frozen=True, slots=True)
class StoredUser:
    """A person as stored: the phone in clear, the ID card sealed. Never leaves the slice."""

    id: int
    login: str
    name: str
    organisation_id: int
    organisation_code: str
    roles: list[str]
    phone: str | None
    id_card_sealed: bytes | None
    has_password: bool
    password_changed_at: datetime | None
    locked_until: datetime | None
    last_login_at: datetime | None
    disabled_at: datetime | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """A person, phone and ID card masked.

    `has_password` is False until the one-time link was used. `id_card_masked` is None where there
    is no card, or no key was given to read it with.
    """

    id: int
    login: str
    name: str
    organisation_id: int
    organisation_code: str
    roles: list[str]
    phone_masked: str | None
    id_card_masked: str | None
    has_password: bool
    password_changed_at: datetime | None
    locked_until: datetime | None
    last_login_at: datetime | None
    disabled_at: datetime | None
    version: int
    created_at: datetime


class UserChanges(TypedDict, total=False):
    """What becomes different; what is left out stays. None takes a phone or an ID card away."""

    name: str
    phone: str | None
    id_card: str | None
    roles: Collection[str]
    disabled: bool


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A person's phone and ID card in full."""

    phone: str | None
    id_card: str | None


@dataclass(frozen=True, slots=True)
class RoleGrants:
    """A role and the verbs it allows, in the order of `schemas.access.PERMISSIONS`."""

    role: str
    permissions: list[str]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A machine's key without its secret. `scopes` are verbs."""

    id: int
    key_id: str
    name: str
    organisation_id: int
    organisation_code: str
    scopes: list[str]
    created_by: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
