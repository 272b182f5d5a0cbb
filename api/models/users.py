"""People and the keys of machines over HTTP. Phones and ID cards go out masked."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.text import Code, Input, Instant, Line, Name
from fleet.identity.model import ApiKey, RoleGrants, User
from schemas.access import MACHINE_PERMISSIONS, PERMISSIONS, Role

USER_EXAMPLE: dict[str, Any] = {
    "login": "li.na",
    "name": "李娜",
    "organisation": "shenzhen-nanshan",
    "roles": ["ops"],
    "phone": "138****5678",
    "id_card": None,
    "has_password": True,
    "locked_until": None,
    "last_login_at": "2026-11-21T08:00:00Z",
    "disabled": False,
    "version": 3,
}

KEY_EXAMPLE: dict[str, Any] = {
    "key_id": "k3v9q2m7x1ab",
    "name": "charging platform",
    "organisation": "shenzhen-nanshan",
    "scopes": ["vehicle.read", "location.read"],
    "created_by": "li.na",
    "created_at": "2026-11-21T08:00:00Z",
    "expires_at": "2027-11-20T16:00:00Z",
    "revoked_at": None,
    "last_used_at": None,
}
VERB_EXAMPLE: dict[str, Any] = {
    "name": "device.bind",
    "meaning": "Put a terminal in or out",
    "chinese": "绑定终端",
    "dangerous": False,
}


class UserOut(BaseModel):
    """A person."""

    model_config = ConfigDict(json_schema_extra={"example": USER_EXAMPLE})

    login: str
    name: str
    organisation: str
    roles: list[str]
    phone: str | None = Field(description="Masked: 138****5678.")
    id_card: str | None = Field(description="Masked: the first three and the last four.")
    has_password: bool = Field(description="False until the one-time link was used.")
    locked_until: datetime | None
    last_login_at: datetime | None
    disabled: bool
    version: int = Field(ge=1)

    @classmethod
    def of(cls, user: User) -> "UserOut":
        """As the service gives it."""
        return cls(
            login=user.login,
            name=user.name,
            organisation=user.organisation_code,
            roles=user.roles,
            phone=user.phone_masked,
            id_card=user.id_card_masked,
            has_password=user.has_password,
            locked_until=user.locked_until,
            last_login_at=user.last_login_at,
            disabled=user.disabled_at is not None,
            version=user.version,
        )


class UserIn(Input):
    """A new person; they set their password by a one-time link."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "login": "li.na",
                "name": "李娜",
                "organisation": "shenzhen-nanshan",
                "roles": ["ops"],
                "phone": "13812345678",
            }
        }
    )

    login: str = Field(
        min_length=2,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9._@-]{1,62}$",
        description="What they log in with: a–z, 0–9, dot, hyphen, underscore, @.",
        examples=["li.na"],
    )
    name: Name
    organisation: Code
    roles: list[Role] = Field(min_length=1, max_length=7)
    phone: Line | None = Field(None, examples=["13812345678"])
    id_card: Line | None = Field(None, description="居民身份证号, GB 11643; sealed at rest.")


class UserChange(Input):
    """What is to change; what is left out stays, null takes a phone or an ID card away."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "李丽娜", "roles": ["ops", "sales"]}}
    )

    name: Name | None = None
    roles: list[Role] | None = Field(None, min_length=1, max_length=7)
    phone: Line | None = None
    id_card: Line | None = None
    disabled: bool | None = Field(None, description="True ends all sessions and bars log-in.")


class ResetLink(BaseModel):
    """A one-time link by which a person sets their password. Shown once."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "url": "https://fleet.example.cn/reset#token=Zk3v",
                "token": "Zk3v",
                "expires_at": "2026-11-22T08:00:00Z",
            }
        }
    )

    url: str
    token: str
    expires_at: datetime


class Unmask(Input):
    """Why somebody's data is looked at in full; it stands in the audit trail."""

    reason: Line = Field(examples=["核对租赁合同身份信息"])


class PersonalDataOut(BaseModel):
    """In full."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"phone": "13812345678", "id_card": None}}
    )

    phone: str | None
    id_card: str | None


class LoggedOut(BaseModel):
    """How many sessions were ended."""

    model_config = ConfigDict(json_schema_extra={"example": {"sessions": 2}})

    sessions: int = Field(ge=0)


class ApiKeyOut(BaseModel):
    """A machine's key, without its secret."""

    model_config = ConfigDict(json_schema_extra={"example": KEY_EXAMPLE})

    key_id: str
    name: str
    organisation: str
    scopes: list[str]
    created_by: Writer
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")

    @classmethod
    def of(cls, key: ApiKey) -> "ApiKeyOut":
        """As the service gives it."""
        return cls(
            key_id=key.key_id,
            name=key.name,
            organisation=key.organisation_code,
            scopes=key.scopes,
            created_by=key.created_by,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
        )


Scope = Annotated[
    str, Field(max_length=64, json_schema_extra={"enum": sorted(MACHINE_PERMISSIONS)})
]


class ApiKeyIn(Input):
    """A new key for a machine."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "charging platform",
                "organisation": "shenzhen-nanshan",
                "scopes": ["vehicle.read", "location.read"],
                "expires_at": "2027-11-21T00:00:00+08:00",
            }
        }
    )

    name: Name
    organisation: Code
    scopes: list[Scope] = Field(
        min_length=1,
        max_length=len(PERMISSIONS),
        description="The verbs it may use, among your own; `GET /api/v1/roles` lists them.",
        examples=[["vehicle.read", "location.read"]],
    )
    expires_at: Instant = Field(description="At most two years ahead.")


class ApiKeyCreated(ApiKeyOut):
    """The key with its secret, shown this once."""

    model_config = ConfigDict(
        json_schema_extra={"example": KEY_EXAMPLE | {"key": "gk_k3v9q2m7x1ab_…"}}
    )

    key: str = Field(description="`Authorization: Bearer` and this. Keep it; it is not kept here.")


class PermissionOut(BaseModel):
    """A verb."""

    model_config = ConfigDict(json_schema_extra={"example": VERB_EXAMPLE})

    name: str
    meaning: str
    chinese: str
    dangerous: bool = Field(description="Asks a person for the password again; never a machine's.")


class RoleOut(BaseModel):
    """A role and the verbs it allows."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"role": "ops", "permissions": [VERB_EXAMPLE]}}
    )

    role: str
    permissions: list[PermissionOut]

    @classmethod
    def of(cls, grants: RoleGrants) -> "RoleOut":
        """As the service gives it."""
        verbs = [(name, PERMISSIONS[name]) for name in grants.permissions]
        return cls(
            role=grants.role,
            permissions=[
                PermissionOut(
                    name=name, meaning=verb.meaning, chinese=verb.chinese, dangerous=verb.dangerous
                )
                for name, verb in verbs
            ],
        )
