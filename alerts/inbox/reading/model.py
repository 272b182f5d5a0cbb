"""What the live feed tells of an alert, and what an organisation's inbox comes to."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from alerts.inbox.model import Counted, State
from alerts.model import Severity, SubjectKind


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """An alert as the feed tells it. The names of the fields are what a reader gets."""

    alert_no: str
    organisation: str
    rule: str
    kind: str
    severity: Severity
    state: State
    subject_kind: SubjectKind
    subject: str
    due_on: date | None
    fires: int
    raised_at: datetime
    last_raised_at: datetime
    assignee: str | None
    snoozed_until: datetime | None
    inhibited_by: str | None
    cleared_at: datetime | None
    resolved_at: datetime | None
    reopened: int
    version: int


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert, the transaction that changed it, and who of those asked for may see it, and see
    whom it is given to.
    """

    changed_in: int
    seen_by: list[int]
    assignee_seen_by: frozenset[int]
    alert: LiveAlert

    def alert_for(self, organisation_id: int) -> LiveAlert:
        """The alert as a reader of this organisation is told it."""
        if self.alert.assignee is None or organisation_id in self.assignee_seen_by:
            return self.alert
        return replace(self.alert, assignee=None)


@dataclass(frozen=True, slots=True)
class Summary:
    """Unresolved alerts in numbers. `mine` are given to who asks."""

    counts: list[Counted]
    unresolved: int
    mine: int
    snoozed: int
    inhibited: int
