"""Decides what can be done with an alert in which state, and where that leads.

    open -> acknowledged -> in progress -> resolved -> open again

Whoever gives an alert to somebody, or begins with it, has seen it. Only a live alert comes back:
what is of the past is for the record. Leaves out what comes by itself (`raising`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal, get_args

from alerts.inbox.model import State

Verb = Literal[
    "acknowledge", "start", "assign", "comment", "snooze", "resolve", "reopen", "link_work_order"
]
VERBS: Final[tuple[Verb, ...]] = get_args(Verb)
MAX_SNOOZE: Final = timedelta(days=30)
MAX_AT_ONCE: Final = 500

LEADS_TO: Final[Mapping[Verb, Mapping[State, State]]] = MappingProxyType(
    {
        "acknowledge": {"open": "acknowledged"},
        "start": {"open": "in_progress", "acknowledged": "in_progress"},
        "assign": {
            "open": "acknowledged",
            "acknowledged": "acknowledged",
            "in_progress": "in_progress",
        },
        "comment": {
            "open": "open",
            "acknowledged": "acknowledged",
            "in_progress": "in_progress",
            "resolved": "resolved",
        },
        "snooze": {"open": "open", "acknowledged": "acknowledged", "in_progress": "in_progress"},
        "resolve": {
            "open": "resolved",
            "acknowledged": "resolved",
            "in_progress": "resolved",
        },
        "reopen": {"resolved": "open"},
        "link_work_order": {
            "open": "in_progress",
            "acknowledged": "in_progress",
            "in_progress": "in_progress",
        },
    }
)
"""By verb: from which states, and to which. What is not here is refused."""


def next_state(state: State, verb: Verb, *, historical: bool = False) -> State | None:
    """The state after it; None where it cannot be done.

    >>> next_state("open", "acknowledge"), next_state("resolved", "acknowledge")
    ('acknowledged', None)
    """
    if historical and verb != "comment":
        return None
    return LEADS_TO[verb].get(state)


def may_snooze(until_at: datetime | None, now: datetime) -> bool:
    """Whether it can be put off until then; None wakes it."""
    return until_at is None or now < until_at <= now + MAX_SNOOZE
