"""The audit trail over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fleet.audit.model import AuditEntry

EXAMPLE: dict[str, Any] = {
    "organisation": "shenzhen-nanshan",
    "no": 1718,
    "at": "2026-11-21T08:00:00Z",
    "actor_kind": "person",
    "actor": "li.na",
    "action": "device.bind",
    "object_kind": "device",
    "object_key": "TBOX-0001",
    "before": None,
    "after": {"vin": "LSGPC52U6AF102554"},
    "ip": "203.0.113.7",
    "request_id": "5f0c5be0c2b14bd2a2e9f4d0f4c5a1c7",
}


class AuditEntryOut(BaseModel):
    """One thing done."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    organisation: str = Field(description="That of whoever did it; its chain holds the entry.")
    no: int = Field(ge=1, description="Number in that chain, without gap.")
    at: datetime
    actor_kind: str = Field(description="person, machine or system")
    actor: str = Field(description="A log-in, or `key:` and the id of an API key.")
    action: str = Field(examples=["device.bind"])
    object_kind: str = Field(examples=["device"])
    object_key: str = Field(examples=["TBOX-0001"])
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    ip: str | None
    request_id: str | None

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryOut":
        """As the service gives it."""
        return cls(
            organisation=entry.organisation_code,
            no=entry.no,
            at=entry.at,
            actor_kind=entry.actor_kind,
            actor=entry.actor_name,
            action=entry.action,
            object_kind=entry.object_kind,
            object_key=entry.object_key,
            before=entry.before,
            after=entry.after,
            ip=entry.ip,
            request_id=entry.request_id,
        )
