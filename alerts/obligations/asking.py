"""Decides how a rule is put to the database: offsets, steps and figures of every kind alike.

Rules that say the same for many organisations are asked as one; one with a scope by itself, as a
group of vehicles may be another in each. Leaves out what is due: `queries.sql`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from alerts.obligations.model import Asked, Book
from alerts.rules.model import Rule, Scope
from alerts.rules.obligation_kinds import OBLIGATION_KINDS
from alerts.rules.obligation_parameters import IdleCare, Maintenance, Mileage, Reminders

KINDS: Final = tuple(kind.name for kind in OBLIGATION_KINDS)
HOLDS: Final = (0.0,)
"""The one step of what is so, or is not."""
URGENCIES: Final = (-1.0, -2.0)
"""The steps of an idle vehicle's charge: low, critical."""


@dataclass(frozen=True, slots=True)
class _Figures:
    offsets_days: tuple[int, ...] = ()
    every_days: int = 0
    critical_from_days: int | None = None
    steps: tuple[float, ...] = ()
    others: tuple[tuple[str, float], ...] = ()


def asked_of(book: Book, kinds: Iterable[str] = KINDS) -> list[Asked]:
    """All rules of these kinds that are on, each once with its organisations."""
    return gathered((rule, book.members(rule)) for kind in kinds for rule in book.enabled(kind))


def gathered(rules: Iterable[tuple[Rule, frozenset[int] | None]]) -> list[Asked]:
    """Rules, each with the vehicles of its groups, those that say the same as one."""
    found: dict[tuple[Any, ...], Asked] = {}
    for rule, members in rules:
        scoped = rule.scope != Scope()
        # What was set once under a code and version is the same wherever it reaches.
        same = (rule.kind.name, rule.code, rule.set_by, rule.version)
        place = (*same, rule.organisation_id) if scoped else same
        known = found.get(place)
        if known is None:
            found[place] = _asked(rule, len(found), members if scoped else None)
        else:
            ids = (*known.organisation_ids, rule.organisation_id)
            found[place] = replace(known, organisation_ids=ids)
    return list(found.values())


def _asked(rule: Rule, no: int, members: frozenset[int] | None) -> Asked:
    figures = _figures(rule.parameters)
    return Asked(
        rule_no=no,
        organisation_ids=(rule.organisation_id,),
        code=rule.code,
        kind=rule.kind.name,
        version=rule.version,
        severity=rule.severity,
        offsets_days=figures.offsets_days,
        every_days=figures.every_days,
        critical_from_days=figures.critical_from_days,
        steps=figures.steps,
        figures=dict(figures.others),
        scoped=rule.scope != Scope(),
        members=None if members is None else tuple(sorted(members)),
        models=rule.scope.models,
        vins=rule.scope.vins,
        lease_no=rule.scope.lease_no,
    )


def _figures(parameters: Any) -> _Figures:
    """What the parameters of a kind say, in the one shape."""
    if isinstance(parameters, Reminders):
        km = parameters.km_before if isinstance(parameters, Maintenance) else ()
        return _Figures(
            tuple(sorted(set(parameters.offsets_days), reverse=True)),
            parameters.every_days,
            parameters.critical_from_days,
            tuple(float(step) for step in sorted(set(km), reverse=True)),
        )
    if isinstance(parameters, IdleCare):
        return _Figures(
            (0,),
            parameters.check_every_days,
            steps=URGENCIES,
            others=(
                ("warn_below_pct", parameters.warn_below_soc_pct),
                ("critical_below_pct", parameters.critical_below_soc_pct),
                ("check_every_days", parameters.check_every_days),
            ),
        )
    if isinstance(parameters, Mileage):
        return _Figures(steps=tuple(-share for share in sorted(set(parameters.used_pct))))
    return _Figures(steps=HOLDS)
