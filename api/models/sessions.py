"""Logging in and out over HTTP."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.models.text import Input
from fleet.sessions.model import SessionLine

SESSION_EXAMPLE: dict[str, Any] = {
    "login": "li.na",
    "name": "李娜",
    "organisation": "shenzhen-nanshan",
    "roles": ["ops"],
    "permissions": ["vehicle.read", "location.read", "track.read"],
    "kind": "bearer",
    "expires_at": "2026-11-28T08:00:00Z",
    "stepped_up": False,
    "csrf_token": None,
}

LINE_EXAMPLE: dict[str, Any] = {
    "kind": "cookie",
    "current": True,
    "created_at": "2026-11-21T08:00:00Z",
    "last_seen_at": "2026-11-21T09:30:00Z",
    "expires_at": "2026-11-28T08:00:00Z",
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0",
}

Password = Field(min_length=1, max_length=256, examples=["correct horse battery"])


class LogIn(Input):
    """Who, and how the session is carried."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"login": "li.na", "password": "correct horse battery", "kind": "bearer"}
        }
    )

    login: str = Field(min_length=1, max_length=63, examples=["li.na"])
    password: str = Password
    kind: Literal["cookie", "bearer"] = Field(
        "cookie", description="A browser takes `cookie`, a script `bearer`."
    )


class SessionOut(BaseModel):
    """Who you are, and what you may do."""

    model_config = ConfigDict(json_schema_extra={"example": SESSION_EXAMPLE})

    login: str
    name: str
    organisation: str
    roles: list[str]
    permissions: list[str]
    kind: Literal["cookie", "bearer"]
    expires_at: datetime
    stepped_up: bool = Field(description="Whether dangerous verbs are open just now.")
    csrf_token: str | None = Field(
        description="For cookie sessions: send it as X-CSRF-Token with what changes something."
    )


class SessionStarted(SessionOut):
    """A new session."""

    token: str | None = Field(
        description="For bearer sessions: `Authorization: Bearer` and this. Shown this once."
    )


class StepUp(Input):
    """The password, once more."""

    password: str = Password


class PasswordChange(Input):
    """One's own password."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "old_password": "correct horse battery",
                "new_password": "quarry ferry lantern",
            }
        }
    )

    old_password: str = Password
    new_password: str = Field(
        min_length=1, max_length=256, description="At least 10 characters, not a common one."
    )


class PasswordRedeem(Input):
    """A password by a one-time link."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"token": "Zk3v…", "new_password": "quarry ferry lantern"}}
    )

    token: str = Field(min_length=1, max_length=200)
    new_password: str = Field(
        min_length=1, max_length=256, description="At least 10 characters, not a common one."
    )


class SessionLineOut(BaseModel):
    """One of your running sessions."""

    model_config = ConfigDict(json_schema_extra={"example": LINE_EXAMPLE})

    kind: Literal["cookie", "bearer"]
    current: bool = Field(description="The one you are asking with.")
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ip: str | None
    user_agent: str | None

    @classmethod
    def of(cls, line: SessionLine, *, current: bool) -> "SessionLineOut":
        """As the service gives it."""
        return cls(
            kind=line.kind,
            current=current,
            created_at=line.created_at,
            last_seen_at=line.last_seen_at,
            expires_at=line.expires_at,
            ip=line.ip,
            user_agent=line.user_agent,
        )


class SessionsEnded(BaseModel):
    """How many sessions were ended."""

    model_config = ConfigDict(json_schema_extra={"example": {"sessions": 2}})

    sessions: int = Field(ge=0)
