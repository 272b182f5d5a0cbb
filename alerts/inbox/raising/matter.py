"""An alert while findings and clearings are folded into it, before it is written.

Decides what a fire, a reopening and a clearing change of it. Leaves out which alert a finding
belongs to (`folding.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from alerts.inbox.model import EventKind, Purpose, State
from alerts.model import SEVERITIES, Finding, Links, Severity, Subject

Escalating = Literal["kept", "begins", "ends"]


@dataclass(frozen=True, slots=True)
class FireRow:
    """A fire to write down. `missed_keys`: those before it that were due as well."""

    fire_key: str
    stage: int
    severity: Severity
    fired_at: datetime
    caught_up: bool
    missed_keys: tuple[str, ...] = ()


@dataclass(slots=True)
class Matter:
    """As stored, or new where `id` is None; and what has become of it."""

    tenant_id: int
    organisation_id: int
    rule_code: str
    kind: str
    rule_version: int | None
    subject: Subject
    occurrence: str
    severity: Severity
    facts: Mapping[str, Any]
    raised_at: datetime
    last_raised_at: datetime
    links: Links = field(default_factory=Links)
    due_on: date | None = None
    stage: int = 0
    historical: bool = False
    id: int | None = None
    alert_no: str = ""
    state: State = "open"
    fires: int = 0
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    snoozed_until: datetime | None = None
    inhibited_by_id: int | None = None
    escalation: int = 0
    escalate_at: datetime | None = None
    cleared_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None
    reopened: int = 0

    changed: bool = False
    new_fires: list[FireRow] = field(default_factory=list)
    events: list[tuple[EventKind, dict[str, Any]]] = field(default_factory=list)
    raising: tuple[Purpose, str] | None = None
    settled: bool = False
    """It resolved by itself just now."""
    escalating: Escalating = "kept"

    @property
    def unresolved(self) -> bool:
        """Whether anybody still has to do with it."""
        return self.state != "resolved"

    @property
    def resolved_itself(self) -> bool:
        """Whether it ended because the rule held no longer, and not because somebody said so."""
        return not self.unresolved and self.resolution is None and not self.historical

    def add_fires(self, finding: Finding, keys: list[str], *, silent: bool = False) -> None:
        """Record fires, oldest first; all but the last were missed, or all if `silent`."""
        *missed, last = keys
        self.new_fires.append(
            FireRow(last, finding.stage, finding.severity, finding.raised_at, silent, tuple(missed))
        )
        self.fires += len(keys)
        self.changed = True

    def move_to(self, finding: Finding) -> None:
        """Take over what the finding says of now, and whose it is now; its work order stays."""
        order_id = self.links.work_order_id or finding.links.work_order_id
        self.links = replace(finding.links, work_order_id=order_id)
        self.occurrence = finding.occurrence
        self._regrade(finding.severity)
        self.facts = finding.facts
        self.rule_version = finding.rule_version
        self.stage = max(self.stage, finding.stage)
        self.due_on = finding.due_on
        self.last_raised_at = max(self.last_raised_at, finding.raised_at)
        self.cleared_at = None
        self.changed = True

    def _regrade(self, severity: Severity) -> None:
        """Steps done are counted among those of its severity: with another one they begin anew."""
        rises = SEVERITIES.index(severity) > SEVERITIES.index(self.severity)
        steps_left = self.escalate_at is not None
        if self.state == "open" and (rises or (severity != self.severity and steps_left)):
            self.escalation, self.escalating = 0, "begins"
        self.severity = severity

    def tell(self, purpose: Purpose, occasion: str, **facts: Any) -> None:
        """Note what happened, and that it is to be told; of a new alert, that it was raised.

        That it was raised is noted nowhere else than by its first fire.
        """
        if purpose != "raised":
            self.events.append((purpose, {"fire_key": occasion, **facts}))
        self.raising = ("raised" if self.id is None else purpose, occasion)

    def reopen(self, occasion: str, *, anew: bool) -> None:
        """Resolved no longer. `anew`: nobody has it; else who had acknowledged it still has."""
        self.state = "open" if anew or self.acknowledged_by is None else "acknowledged"
        if self.state == "open":
            self.acknowledged_at, self.acknowledged_by = None, None
            self.escalation = 0
            self.escalating = "begins"
        self.cleared_at = self.resolved_at = None
        self.resolved_by = self.resolution = None
        self.inhibited_by_id = None
        self.historical = False
        self.reopened += 1
        self.settled = False
        self.tell("reopened", occasion)

    def clear(self, at: datetime, facts: Mapping[str, Any], *, by: str, now: datetime) -> bool:
        """The rule holds no longer; True if that resolved it."""
        self.cleared_at = at
        self.changed = True
        self.events.append(("cleared", {"cleared_at": at.isoformat(), **facts}))
        if not self.unresolved:
            return False
        self.state = "resolved"
        self.resolved_at, self.resolved_by = now, by
        self.snoozed_until = None
        self.escalating = "ends"
        self.settled = True
        return True


def matter_of(finding: Finding, *, by: str, now: datetime) -> Matter:
    """A new alert. What was over already, or is of the past, is born resolved."""
    over = finding.historical or finding.cleared_at is not None
    return Matter(
        tenant_id=finding.tenant_id,
        organisation_id=finding.organisation_id,
        rule_code=finding.rule_code,
        kind=finding.kind,
        rule_version=finding.rule_version,
        subject=finding.subject,
        occurrence=finding.occurrence,
        severity=finding.severity,
        facts=finding.facts,
        raised_at=finding.raised_at,
        last_raised_at=finding.raised_at,
        links=finding.links,
        due_on=finding.due_on,
        stage=finding.stage,
        historical=finding.historical,
        state="resolved" if over else "open",
        cleared_at=finding.cleared_at,
        resolved_at=now if over else None,
        resolved_by=by if over else None,
        settled=over and not finding.historical,
        escalating="ends" if over else "begins",
        changed=True,
    )
