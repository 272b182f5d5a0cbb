"""Tells which rules hold for whom, and what they said before; leaves out setting them."""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from alerts.errors import OrganisationNotFound, OrganisationUnnamed
from alerts.rules import store
from alerts.rules.errors import RuleNotFound
from alerts.rules.inheritance import SetRule, effective, read_set_rule
from alerts.rules.model import Acted, Origin, Rule, RuleVersion, Shown
from schemas.access import Actor


def organisation_of(conn: Connection[Any], actor: Actor, code: str | None) -> Acted:
    """The organisation of this code, or the one the actor acts for.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        OrganisationUnnamed: the system says no code.
    """
    if code is None and actor.organisation_id is None:
        raise OrganisationUnnamed("say for which organisation")
    own = actor.organisation_id if code is None else None
    found = store.find_organisation(conn, code=code, organisation_id=own)
    if found is None:
        raise OrganisationNotFound(f"no organisation has the code {code!r}", organisation_code=code)
    return found


def asked_in(conn: Connection[Any], actor: Actor, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with the id of the organisation (`organisation_id`) in place of its code.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    asked = dict(filters)
    if "organisation" in asked:
        asked["organisation_id"] = organisation_of(conn, actor, asked.pop("organisation")).id
    return asked


def rules_of(conn: Connection[Any], actor: Actor, *, organisation: str | None) -> list[Rule]:
    """The rules that hold for an organisation, by code, the shipped ones included.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    actor.require("alert_rule.read")
    acted = organisation_of(conn, actor, organisation)
    return list(effective_rules(conn, acted).values())


def get_rule(conn: Connection[Any], actor: Actor, *, code: str, organisation: str | None) -> Rule:
    """The rule of this code that holds for the organisation.

    Raises:
        OrganisationNotFound, RuleNotFound: there is none in sight.
    """
    return show_rule(conn, actor, code=code, organisation=organisation).rule


def show_rule(conn: Connection[Any], actor: Actor, *, code: str, organisation: str | None) -> Shown:
    """The same, with whose it is and the version a change has to name.

    Raises:
        OrganisationNotFound, RuleNotFound: there is none in sight.
    """
    actor.require("alert_rule.read")
    acted = organisation_of(conn, actor, organisation)
    rule = effective_rules(conn, acted).get(code)
    if rule is None:
        raise RuleNotFound(f"{acted.code} has no rule {code!r}", code=code)
    return _shown(conn, acted, [rule])[0]


def show_rules(conn: Connection[Any], actor: Actor, *, organisation: str | None) -> list[Shown]:
    """All rules that hold for an organisation, by code, with whose each is.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    actor.require("alert_rule.read")
    acted = organisation_of(conn, actor, organisation)
    return _shown(conn, acted, list(effective_rules(conn, acted).values()))


def list_versions(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    organisation: str | None,
    before: int | None = None,
    limit: int = 50,
) -> list[RuleVersion]:
    """What the organisation's own rule said, the last first; those before version `before`.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        RuleNotFound: the organisation never set the rule itself.
    """
    actor.require("alert_rule.read")
    acted = organisation_of(conn, actor, organisation)
    found = store.list_versions(conn, acted.id, code, before=before, limit=limit)
    if not found and before is None:
        raise RuleNotFound(f"{acted.code} never set {code!r} itself", code=code)
    return found


def effective_rules(conn: Connection[Any], acted: Acted) -> dict[str, Rule]:
    """The rules that hold for the organisation, by code; asks for no permission."""
    rows = store.list_reaching(conn, acted.id)
    found = [row for row in map(read_set_rule, rows) if isinstance(row, SetRule)]
    return effective(acted.id, [acted.id], {acted.id: found})


def _shown(conn: Connection[Any], acted: Acted, rules: list[Rule]) -> list[Shown]:
    in_sight = store.list_codes_in_sight(conn, {rule.set_by for rule in rules if rule.set_by})
    versions = store.list_own_versions(conn, acted.id)
    shown = []
    for rule in rules:
        origin: Origin = "above"
        if rule.set_by is None:
            origin = "shipped"
        elif rule.set_by == acted.code:
            origin = "own"
        set_by = rule.set_by if rule.set_by in in_sight else None
        shown.append(Shown(acted, rule, origin, set_by, versions.get(rule.code, 0)))
    return shown
