"""Decides which rules hold for an organisation: the nearest word on a code counts, whole.

A rule that is set above holds for all below it, until one of them sets the same code. Nothing is
mixed: who sets a rule sets its parameters, its scope, its severity and whether it is on. A code
that nobody has set stands as shipped. Further rules of a kind stand beside the shipped one under
codes of their own and are inherited alike. Leaves out where the rows come from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from alerts.model import Severity
from alerts.rules.kinds import KINDS
from alerts.rules.model import Kind, Rule, Scope


@dataclass(frozen=True, slots=True)
class SetRule:
    """A rule as an organisation has set it."""

    rule_id: int
    organisation_id: int
    organisation: str
    """Its code."""
    code: str
    kind: Kind
    name: str | None
    enabled: bool
    severity: Severity
    parameters: Any
    """An instance of the kind's parameter model."""
    scope: Scope
    version: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A kept rule that this release cannot read; what stands above it holds instead."""

    rule_id: int
    organisation_id: int
    code: str
    problem: str


SHIPPED_SCOPE: Final = Scope.model_validate({})


def read_set_rule(row: Mapping[str, Any]) -> SetRule | Unreadable:
    """A kept row as a rule. What an older release wrote and this one refuses is said so."""
    kind = KINDS.get(row["kind"])
    if kind is None:
        return Unreadable(
            row["id"], row["organisation_id"], row["code"], f"no kind {row['kind']!r}"
        )
    try:
        parameters = type(kind.parameters).model_validate(row["parameters"])
        scope = Scope.model_validate(row["scope"])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        problem = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        return Unreadable(row["id"], row["organisation_id"], row["code"], problem)
    return SetRule(
        rule_id=row["id"],
        organisation_id=row["organisation_id"],
        organisation=row["organisation_code"],
        code=row["code"],
        kind=kind,
        name=row["name"],
        enabled=row["enabled"],
        severity=row["severity"],
        parameters=parameters,
        scope=scope,
        version=row["version"],
    )


def effective(
    organisation_id: int,
    above: Sequence[int],
    set_by: Mapping[int, Iterable[SetRule]],
    kinds: Mapping[str, Kind] = KINDS,
) -> dict[str, Rule]:
    """The rules that hold for an organisation, by code.

    `above` are the organisation itself and those above it, the nearest first; `set_by` the live
    rows of each.
    """
    nearest: dict[str, SetRule] = {}
    for one in above:
        for row in set_by.get(one, ()):
            nearest.setdefault(row.code, row)
    rules = {
        code: shipped(organisation_id, kind) for code, kind in kinds.items() if code not in nearest
    }
    rules |= {code: inherited(organisation_id, row) for code, row in nearest.items()}
    return dict(sorted(rules.items()))


def shipped(organisation_id: int, kind: Kind) -> Rule:
    """A kind's own rule as it stands when nobody has set it."""
    return Rule(
        organisation_id=organisation_id,
        set_by=None,
        code=kind.name,
        kind=kind,
        name=None,
        enabled=kind.enabled,
        severity=kind.severity,
        parameters=kind.parameters,
        scope=SHIPPED_SCOPE,
        version=None,
    )


def inherited(organisation_id: int, row: SetRule) -> Rule:
    """A rule that was set, as it holds for the organisation."""
    return Rule(
        organisation_id=organisation_id,
        set_by=row.organisation,
        code=row.code,
        kind=row.kind,
        name=row.name,
        enabled=row.enabled,
        severity=row.severity,
        parameters=row.parameters,
        scope=row.scope,
        version=row.version,
        rule_id=row.rule_id,
    )
