"""Checks that what a rule names is there: groups, places, models, VINs, a lease, an expression.

What the rule that holds now names already may stay: it may have been set above, by names that are
out of sight here. Leaves out the shapes of parameters and scope: `validation.py`.
"""

from collections.abc import Collection, Iterable
from typing import Any

from psycopg import Connection

from alerts.expressions.service import compile_expression
from alerts.rules import store
from alerts.rules.errors import RuleParametersInvalid, RuleScopeInvalid
from alerts.rules.model import Acted, Rule, RuleDraft, Scope
from alerts.rules.telemetry_parameters import Custom, Geofence
from kit.errors import Invalid

NO_SCOPE = Scope.model_validate({})


def check_names(conn: Connection[Any], draft: RuleDraft, was: Rule | None) -> None:
    """Let pass a rule whose every name is there; `was` is what holds under its code now.

    Raises:
        RuleScopeInvalid, RuleParametersInvalid: the facts name each that is not.
        ExpressionInvalid: an expression is wrong; the facts say where.
    """
    _check_scope(conn, draft.acted, draft.scope, NO_SCOPE if was is None else was.scope)
    if isinstance(draft.parameters, Geofence):
        _check_geofence(conn, draft, draft.parameters.geofence, was)
    if isinstance(draft.parameters, Custom):
        _check_expressions(draft.parameters)


def _check_scope(conn: Connection[Any], acted: Acted, scope: Scope, was: Scope) -> None:
    groups = set(scope.groups) - set(was.groups)
    models = set(scope.models) - set(was.models)
    vins = set(scope.vins) - set(was.vins)
    unknown = [
        *_faults("groups", "group", groups, store.list_known_groups(conn, acted.id, groups)),
        *_faults("models", "model", models, store.list_known_models(conn, acted.tenant_id, models)),
        *_faults("vins", "vehicle", vins, store.list_known_vins(conn, acted.tenant_id, vins)),
    ]
    lease_no = scope.lease_no
    if (
        lease_no is not None
        and lease_no != was.lease_no
        and not store.has_lease(conn, acted.tenant_id, lease_no)
    ):
        unknown += _faults("lease_no", "lease", {lease_no}, set())
    if unknown:
        told = "; ".join(f"{each['field']}: {each['problem']}" for each in unknown[:10])
        raise RuleScopeInvalid(told, place=unknown[0]["field"], faults=unknown[:10])


def _faults(
    field: str, what: str, named: Collection[str], known: Collection[str]
) -> Iterable[dict[str, str]]:
    for name in sorted(set(named) - set(known)):
        yield {"field": f"scope.{field}", "problem": f"there is no {what} {name[:80]!r}"}


def _check_geofence(conn: Connection[Any], draft: RuleDraft, code: str, was: Rule | None) -> None:
    if not code and not draft.enabled:
        return
    kept = was is not None and getattr(was.parameters, "geofence", None) == code
    if code and (kept or store.list_known_geofences(conn, draft.acted.id, [code])):
        return
    problem = f"there is no geofence {code!r}" if code else "name a geofence, or switch it off"
    place = "parameters.geofence"
    raise RuleParametersInvalid(
        f"{place}: {problem}", place=place, faults=[{"field": place, "problem": problem}]
    )


def _check_expressions(parameters: Custom) -> None:
    for field, text in (("expression", parameters.expression), ("clear", parameters.clear)):
        if text is None:
            continue
        try:
            compile_expression(text)
        except Invalid as wrong:
            wrong.field = f"parameters.{field}"  # type: ignore[misc]  # of this one error
            raise
