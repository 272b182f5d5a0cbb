"""Something that happened to an alert, to be written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.inbox.model import BY_ITSELF, EventKind


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to which alert, and who did it."""

    tenant_id: int
    organisation_id: int
    alert_id: int
    kind: EventKind
    facts: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None
    actor: str = BY_ITSELF
