"""Decides what of a refusal may be told to somebody who is not the installation's operator. Pure.

What was refused is what nobody had thought of: its texts may name a place, a person, a vehicle of
somebody else. So of a message is told what kind of fault it is, or the mistake in a rule's own
expression; of a finding the figures, where its subject is in sight. All of it is for the operator
(`guanche alerts status --json`).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from alerts.inbox.sight import facts_for
from schemas.access import Actor

LARGEST: Final = 2**53
"""Beyond, a number is no exact one of JSON, and no instant of ours."""
_NAMED: Final = re.compile(r"([A-Z][A-Za-z]{2,59})(?=:|$)")
_MISTAKE: Final = re.compile(r"line [0-9]+, column [0-9]+: ")


def fault_of(what: str, message: str) -> str | None:
    """What kind of fault a message tells of.

    >>> fault_of("finding", "RaiseException: not LSGPC52U6AF102554")
    'RaiseException'
    >>> fault_of("rule", "line 1, column 11: there is no x")
    'line 1, column 11: there is no x'
    >>> fault_of("finding", "wang.lei at 22.5, 114.0") is None
    True
    """
    if what == "rule" and _MISTAKE.match(message):
        return message
    named = _NAMED.match(message)
    return None if named is None else named[1]


def facts_shown(actor: Actor, facts: Any) -> dict[str, Any]:
    """The figures among the facts of a finding, places only for who may know them."""
    return dict(facts_for(actor, figures_of(facts)))


def figures_of(facts: Any) -> dict[str, Any]:
    """Numbers and yes or no.

    >>> figures_of({"soc_pct": 18.5, "assignee": "wang.lei", "last": {"fix": True, "at": "08:00"}})
    {'soc_pct': 18.5, 'last': {'fix': True}}
    >>> figures_of(["no facts"]), figures_of({"raise_at": 2**70})
    ({}, {})
    """
    if not isinstance(facts, Mapping):
        return {}
    inner = {name: figures_of(told) for name, told in facts.items() if isinstance(told, Mapping)}
    return {
        name: inner.get(name, told)
        for name, told in facts.items()
        if inner.get(name) or (isinstance(told, int | float) and abs(told) <= LARGEST)
    }
