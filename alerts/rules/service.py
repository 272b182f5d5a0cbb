"""Keeps the rules of alerts: sets them, takes them back, and tells which hold for whom.

A rule is set whole for an organisation and counts for all below it until one of them sets it
otherwise (`inheritance.py`). Every change makes a version and an entry of the audit trail. Leaves
out groups and places themselves, which only have to be there when a rule names them, and judging.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.model import Severity
from alerts.rules import store
from alerts.rules.book import RuleBook
from alerts.rules.errors import RuleCodeTaken, RuleNotFound, TooManyRules
from alerts.rules.kinds import KINDS
from alerts.rules.model import Acted, Kind, Rule, RuleDraft, RuleVersion, Shown
from alerts.rules.naming.service import check_names
from alerts.rules.reading.service import (
    BookShelf,
    all_rules,
    book_revision,
    rules_naming_geofence,
    rules_naming_group,
)
from alerts.rules.showing.service import (
    asked_in,
    effective_rules,
    get_rule,
    list_versions,
    organisation_of,
    rules_of,
    show_rule,
    show_rules,
)
from alerts.rules.validation import (
    check_code,
    check_form,
    checked_parameters,
    checked_scope,
    kind_for,
)
from kit.errors import VersionChanged
from schemas.access import Actor
from schemas.addresses import check_not_reserved
from schemas.audit import record

__all__ = [
    "KINDS",
    "Acted",
    "BookShelf",
    "Kind",
    "Rule",
    "RuleBook",
    "RuleDraft",
    "RuleVersion",
    "Shown",
    "all_rules",
    "asked_in",
    "book_revision",
    "check_code",
    "draft_rule",
    "get_rule",
    "list_versions",
    "organisation_of",
    "retire_rule",
    "rules_naming_geofence",
    "rules_naming_group",
    "rules_of",
    "set_rule",
    "show_rule",
    "show_rules",
]

MOST_FURTHER: Final = 100
"""Rules beside the shipped ones that an organisation itself may have: each is judged always."""


def draft_rule(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    kind: str | None,
    enabled: bool = True,
    severity: Severity | None = None,
    parameters: Mapping[str, Any] | None,
    scope: Mapping[str, Any] | None,
    name: str | None = None,
) -> RuleDraft:
    """What somebody typed as a rule that could be set; nothing is written.

    What is not given of the parameters stands as shipped. Parameters or a scope of None are those
    of the rule that holds under the code now.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        AlertCodeMalformed, CodeReserved, RuleKindUnknown, RuleStandsAlone, RuleCodeTaken: no
            such rule can be.
        RuleParametersInvalid, RuleScopeInvalid: the facts name each field and its fault.
    """
    acted = organisation_of(conn, actor, organisation)
    check_form(code)
    was = effective_rules(conn, acted).get(code)
    kept = store.find_own(conn, acted.id, code)
    if was is None and kept is None:
        check_not_reserved(code)
    taken = was.kind.name if was is not None else None if kept is None else kept.kind
    found = kind_for(code, kind or taken)
    if taken is not None and taken != found.name:
        raise RuleCodeTaken(f"{code} is a rule of kind {taken}", code=code, kind=taken)
    typed = checked_parameters(found, parameters or {})
    narrowed = checked_scope(found, scope or {})
    if was is not None:
        typed = was.parameters if parameters is None else typed
        narrowed = was.scope if scope is None else narrowed
    draft = RuleDraft(
        acted=acted,
        code=code,
        kind=found,
        name=name,
        enabled=enabled,
        severity=severity or found.severity,
        parameters=typed,
        scope=narrowed,
    )
    check_names(conn, draft, was)
    return draft


def set_rule(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    kind: str | None,
    enabled: bool,
    severity: Severity | None,
    parameters: Mapping[str, Any],
    scope: Mapping[str, Any],
    name: str | None,
    version: int | None,
    now: datetime,
) -> Shown:
    """Set a rule, whole, for an organisation and all below it.

    Under the code of a kind it is that kind's rule; another code makes a further rule of a kind
    that may have several. `version` is that of the organisation's own row, 0 where it never set
    the rule; None sets it whatever it is.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        VersionChanged: somebody changed it since `version` was read.
        AlertCodeMalformed, CodeReserved, RuleKindUnknown, RuleStandsAlone, RuleCodeTaken: no
            such rule can be.
        RuleParametersInvalid, RuleScopeInvalid: the facts name each field and its fault.
        TooManyRules: the organisation has enough further ones.
    """
    actor.require("alert_rule.change")
    draft = draft_rule(
        conn,
        actor,
        organisation=organisation,
        code=code,
        kind=kind,
        enabled=enabled,
        severity=severity,
        parameters=parameters,
        scope=scope,
        name=name,
    )
    acted = draft.acted
    own = store.find_own(conn, acted.id, code)
    standing = 0 if own is None else own.version
    _check_version(code, standing, version)
    if code != draft.kind.name and (own is None or own.retired_at is not None):
        _check_room(conn, acted)
    content = draft.content()
    row = content | {
        "tenant_id": acted.tenant_id,
        "organisation_id": acted.id,
        "code": code,
        "changed_by": actor.name,
        "now": now,
    }
    written = (
        store.insert_rule(conn, row)
        if own is None
        else store.update_rule(conn, own.id, standing, row)
    )
    before = None if own is None else own.content()
    _write_down(
        conn,
        actor,
        acted,
        "alert_rule.set",
        code=code,
        written=written,
        content=content,
        before=before,
        now=now,
    )
    return show_rule(conn, actor, code=code, organisation=acted.code)


def retire_rule(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    version: int | None,
    now: datetime,
) -> None:
    """Take back what the organisation has set: what stands above holds again, or as shipped.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        RuleNotFound: the organisation does not set the rule itself.
        VersionChanged: somebody changed it since `version` was read.
    """
    actor.require("alert_rule.change")
    acted = organisation_of(conn, actor, organisation)
    own = store.find_own(conn, acted.id, code)
    if own is None or own.retired_at is not None:
        raise RuleNotFound(f"{acted.code} has not set {code!r} itself", code=code)
    _check_version(code, own.version, version)
    before = own.content()
    written = store.mark_retired(conn, own.id, own.version, changed_by=actor.name, now=now)
    _write_down(
        conn,
        actor,
        acted,
        "alert_rule.retire",
        code=code,
        written=written,
        content=before | {"retired": True},
        before=before,
        now=now,
    )


def _check_version(code: str, standing: int, version: int | None) -> None:
    if version is not None and version != standing:
        raise VersionChanged(f"the rule {code} is at version {standing}", code=code)


def _check_room(conn: Connection[Any], acted: Acted) -> None:
    if store.count_further_rules(conn, acted.id) >= MOST_FURTHER:
        raise TooManyRules(
            f"{acted.code} has {MOST_FURTHER} further rules, which is the most",
            most=MOST_FURTHER,
        )


def _write_down(
    conn: Connection[Any],
    actor: Actor,
    acted: Acted,
    action: str,
    *,
    code: str,
    written: tuple[int, int] | None,
    content: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    """The version and the entry of the audit trail of a change.

    Raises:
        VersionChanged: nothing was written, as somebody was faster.
    """
    if written is None:
        raise VersionChanged(f"the rule {code} was changed meanwhile", code=code)
    rule_id, no = written
    store.insert_version(
        conn, acted, rule_id=rule_id, no=no, content=content, changed_by=actor.name, now=now
    )
    record(
        conn,
        actor,
        action,
        object_kind="alert_rule",
        object_key=f"{acted.code}/{code}",
        now=now,
        before=before,
        after=content,
        organisation_id=acted.tenant_id,
    )
