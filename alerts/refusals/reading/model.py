"""A refusal as it may be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.model import SubjectKind
from alerts.refusals.faults import Reason
from alerts.refusals.model import Source, What


@dataclass(frozen=True, slots=True)
class RefusalFound:
    """One as it is kept. Subject, occurrence and facts are None where the subject is not in sight.

    A rule has none of them.
    """

    id: int
    what: What
    source: Source
    organisation_code: str
    rule_code: str
    reason: Reason
    message: str
    subject_kind: SubjectKind | None
    subject_key: str | None
    occurrence: str | None
    facts: Any
    times: int
    refused_at: datetime
    last_refused_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownRefusal:
    """One as this actor may see it (`sight.py`).

    `fault` None: what it says is for the operator alone.
    """

    id: int
    what: What
    source: Source
    organisation_code: str
    rule_code: str
    reason: Reason
    fault: str | None
    subject_kind: SubjectKind | None
    subject_key: str | None
    occurrence: str | None
    facts: Mapping[str, Any]
    times: int
    refused_at: datetime
    last_refused_at: datetime
    settled_at: datetime | None
