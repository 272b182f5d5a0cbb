"""Keeps traffic violations 交通违法 of vehicles: whose each is, and how it goes on.

A violation belongs to the lease that had the vehicle at that minute, from the hand-over to the
minute it came back; between leases to nobody but the organisation that operated the vehicle then,
which alone sees it, with those above. The same number told again is the same violation: what is
told anew is written over until it is settled. Each act stands in its own part: `recording` (as they
come in), `acts` (how one goes on), `listing`. Leaves out the days (`handling.py`).
"""

from fleet.violations.acts.service import (
    drop_violation,
    handle_violation,
    tell_violation,
    transfer_violation,
)
from fleet.violations.handling import NOTICE_PROCEDURE_FROM, Handler, State
from fleet.violations.listing.service import (
    count_violations,
    get_violation,
    list_violations,
)
from fleet.violations.model import (
    NewViolation,
    Recording,
    VehicleCount,
    Violation,
    ViolationRow,
)
from fleet.violations.recording.service import record_violations, rematch_violations

__all__ = [
    "NOTICE_PROCEDURE_FROM",
    "Handler",
    "NewViolation",
    "Recording",
    "State",
    "VehicleCount",
    "Violation",
    "ViolationRow",
    "count_violations",
    "drop_violation",
    "get_violation",
    "handle_violation",
    "list_violations",
    "record_violations",
    "rematch_violations",
    "tell_violation",
    "transfer_violation",
]
