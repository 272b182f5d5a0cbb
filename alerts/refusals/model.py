"""What is refused, what it is known by, and how it is kept. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from alerts.inbox.raising.folding import Act, grouped
from alerts.model import Clearing, Finding
from alerts.refusals.faults import Reason

What = Literal["finding", "clearing", "rule"]
Source = Literal["telemetry", "sweep"]
RuleKey = tuple[int, str]
"""Organisation and code of a rule."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that is about to be kept as refused."""

    key: str
    what: What
    source: Source
    organisation_id: int
    rule_code: str
    reason: Reason
    message: str
    subject_key: str | None = None
    occurrence: str | None = None
    matter: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One that is kept. `settled_at`: it was taken after all, or over; a rule is well again."""

    id: int
    what: What
    source: Source
    organisation_code: str | None
    rule_code: str
    subject_key: str | None
    occurrence: str | None
    reason: Reason
    message: str
    matter: dict[str, Any]
    times: int
    refused_at: datetime
    last_refused_at: datetime
    settled_at: datetime | None


def acts_in_order(findings: Sequence[Finding], clearings: Sequence[Clearing]) -> list[Act]:
    """All of them, those of one rule and subject together and in the order they happened.

    Any cut of it, applied part after part, comes to the same.
    """
    groups = grouped(findings, clearings)
    return [act for key in sorted(groups) for act in groups[key]]


def key_of_act(act: Act) -> str:
    """What a finding and its clearing are known by; the same for both."""
    if isinstance(act, Finding):
        subject_kind, subject_id = act.subject.kind, act.subject.id
    else:
        subject_kind, subject_id = act.subject_kind, act.subject_id
    place = f"{act.organisation_id}:{act.rule_code}:{subject_kind}:{subject_id}"
    return f"{place}:{act.occurrence or '*'}"


def refusal_of(act: Act, source: Source, reason: Reason, message: str) -> Refusal:
    """A finding or clearing that could not be taken."""
    is_finding = isinstance(act, Finding)
    return Refusal(
        key=f"{'finding' if is_finding else 'clearing'}:{key_of_act(act)}",
        what="finding" if is_finding else "clearing",
        source=source,
        organisation_id=act.organisation_id,
        rule_code=act.rule_code,
        reason=reason,
        message=message,
        subject_key=act.subject.key if isinstance(act, Finding) else None,
        occurrence=act.occurrence,
        matter=_as_json(act),
    )


def refusal_of_rule(rule: RuleKey, source: Source, message: str) -> Refusal:
    """A rule that could not be judged."""
    organisation_id, code = rule
    return Refusal(
        key=f"rule:{source}:{organisation_id}:{code}",
        what="rule",
        source=source,
        organisation_id=organisation_id,
        rule_code=code,
        reason="rule_failed",
        message=message,
    )


def without_nul(told: Any) -> Any:
    r"""The same without the one letter that no text of the database may hold.

    >>> without_nul({"note": ["a\x00b", 1]})
    {'note': ['a?b', 1]}
    """
    if isinstance(told, str):
        return told.replace("\x00", "?")
    if isinstance(told, dict):
        return {without_nul(name): without_nul(each) for name, each in told.items()}
    return [without_nul(each) for each in told] if isinstance(told, list) else told


def _as_json(act: Act) -> dict[str, Any]:
    """As it was, whatever is in it."""
    try:
        written = msgspec.json.encode(act)
    except (TypeError, ValueError):  # what is in its facts is no JSON
        written = msgspec.json.encode({"written": ascii(act)})
    kept: dict[str, Any] = msgspec.json.decode(written)
    return kept
