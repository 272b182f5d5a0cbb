"""The shapes of sessions, of machines that asked, and of what comes out of a log-in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from kit.errors import DomainError

SessionKind = Literal["cookie", "bearer"]


@dataclass(frozen=True, slots=True)
class LoginRules:
    """How long a session lasts, and how much trying is allowed. The defaults are those of the API.

    `lock_after` wrong passwords in a row lock an account for `lock_s`. Attempts are counted in
    windows of `window_s`.
    """

    session_max_s: int = 7 * 86_400
    lock_after: int = 10
    lock_s: int = 900
    attempts_per_ip: int = 30
    attempts_per_login: int = 10
    window_s: int = 60


DEFAULT_RULES: Final = LoginRules()


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is logged in. The token itself is known to their browser or script only."""

    id: int
    kind: SessionKind
    user_id: int
    login: str
    name: str
    roles: list[str]
    organisation_id: int
    organisation_code: str
    expires_at: datetime
    last_seen_at: datetime
    stepped_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One of a person's running sessions, as they see it."""

    id: int
    kind: SessionKind
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ip: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that showed a key which holds. `scopes` are verbs."""

    id: int
    key_id: str
    name: str
    scopes: list[str]
    organisation_id: int
    organisation_code: str
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as stored, with the digest of its secret. Never leaves the slice."""

    id: int
    key_id: str
    name: str
    secret_digest: bytes
    scopes: list[str]
    organisation_id: int
    organisation_code: str
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credential:
    """Whom a log-in belongs to and the password's hash; found before it is known who asks."""

    id: int
    organisation_id: int
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the log-in judges them, locked until the transaction ends."""

    id: int
    login: str
    name: str
    roles: list[str]
    organisation_id: int
    organisation_code: str
    password_hash: str | None
    failed_logins: int
    locked_until: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ResetLink:
    """A one-time link that was not used."""

    id: int
    user_id: int
    organisation_id: int
    login: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password somebody gives, when, from where, and by which rules it is judged."""

    password: str = field(repr=False)
    now: datetime
    rules: LoginRules
    ip: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The new session, and its token, which is nowhere else."""

    token: str = field(repr=False)
    session: Session


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Why not. Given back and not raised, because the failure itself has to be committed."""

    error: DomainError
