"""An alert while somebody acts on it."""

from dataclasses import dataclass
from datetime import datetime

from alerts.inbox.model import State
from alerts.model import Severity


@dataclass(frozen=True, slots=True)
class Held:
    """An alert as far as people change it; its row is locked."""

    id: int
    tenant_id: int
    organisation_id: int
    alert_no: str
    kind: str
    rule_code: str
    severity: Severity
    state: State
    historical: bool
    assignee: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    snoozed_until: datetime | None
    inhibited_by_id: int | None
    escalation: int
    escalate_at: datetime | None
    cleared_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    reopened: int
    work_order_id: int | None
    version: int
