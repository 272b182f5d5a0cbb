"""`guanche alerts list`, `show`: what there is, for an operator at a terminal.

Decides what of an alert is worth a line. Numbers that mean something inside only stay inside.
"""

from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from alerts.inbox import service as inbox
from alerts.inbox.model import Alert, AlertDetail
from alerts.model import Severity
from alerts.rules.kinds import KINDS
from fleet.orgs import service as orgs
from guanche.commands import output
from guanche.commands.output import count_text, fact_text, instant_text
from kit import db
from kit.errors import Invalid
from kit.settings import get_settings
from schemas.access import SYSTEM

MOST_SHOWN: Final = 1_000
WIDE: Final = 100
"""Columns of a terminal that shows organisations, too; a narrower one would fold every row."""
COLOURS: Final = {"critical": "bold red", "warning": "yellow", "info": "dim"}
INSIDE: Final = {"id", "tenant_id", "organisation_id"}
LINKS: Final = {
    "lease_no": "lease",
    "bill_no": "bill",
    "customer_no": "customer",
    "contract_no": "contract",
    "work_order_no": "work order",
}

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of times shown.")]


def list_alerts(
    *,
    severity: Annotated[Severity | None, typer.Option("--severity", help="How grave.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Such as rent_due; `rules` lists them.")
    ] = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Of this one and those below it.")
    ] = None,
    vehicle: Annotated[str | None, typer.Option("--vehicle", help="VIN.")] = None,
    search: Annotated[
        str | None, typer.Option("--search", help="Part of a number, a VIN, a plate.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Resolved ones, too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST_SHOWN, help="At most.")] = 50,
    zone_name: Zone = output.DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """Alerts that are not resolved, the last raised first."""
    zone = output.parse_zone(zone_name)
    if kind is not None and kind not in KINDS:
        raise Invalid(f"no kind {kind!r}; there are {', '.join(sorted(KINDS))}")
    wanted = {
        "severity": severity,
        "kind": kind,
        "organisation": organisation,
        "vehicle": vehicle,
        "search": search,
        "unresolved": None if every else True,
    }
    filters = {name: given for name, given in wanted.items() if given is not None}
    with _connected("list") as conn:
        if organisation is not None:
            orgs.get_organisation(conn, SYSTEM, code=organisation)
        found = inbox.list_alerts(conn, SYSTEM, filters, limit=limit + 1)
    shown = found[:limit]
    if as_json:
        output.write_json([document(each) for each in shown])
        return
    console = output.out()
    if not shown:
        console.print(
            "no alerts" if every else "no alerts  that are unresolved; --all has the rest"
        )
        return
    console.print(_listed(shown, zone, wide=console.width >= WIDE))
    if len(found) > limit:
        console.print(f"there are more than {limit}; --limit shows up to {count_text(MOST_SHOWN)}")


def show(
    alert_no: Annotated[
        str, typer.Argument(metavar="NUMBER", help="Such as A2611-PEN9K4CK.", show_default=False)
    ],
    *,
    zone_name: Zone = output.DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """One alert with its facts and all that happened to it."""
    zone = output.parse_zone(zone_name)
    with _connected("show") as conn:
        found = inbox.get_alert(conn, SYSTEM, alert_no=alert_no)
    if as_json:
        events = [_without(asdict(event), {"id"}) for event in found.events]
        output.write_json(
            {**asdict(found), "alert": document(found.alert), "events": events},
        )
    else:
        _show(output.out(), found, zone)


def document(alert: Alert) -> dict[str, Any]:
    """An alert as JSON has it, without the numbers that mean something inside only."""
    return _without(asdict(alert), INSIDE)


def title(kind: str, code: str) -> str:
    """What a rule is called, with its code where that is not its kind's own."""
    known = KINDS.get(kind)
    name = kind if known is None else known.english
    return escape(name if code == kind else f"{name} ({code})")


def _listed(shown: list[Alert], zone: ZoneInfo, *, wide: bool) -> Table:
    headings = ("alert", "since", "severity", "about", "what", *(["organisation"] if wide else []))
    table = output.table(*headings, wrapped=("what", "organisation"))
    for each in shown:
        colour = COLOURS[each.severity]
        state = "" if each.state == "open" else f" · {each.state}"
        row = [
            f"[{colour}]{each.alert_no}[/]",
            instant_text(each.raised_at, zone)[5:16],
            f"[{colour}]{each.severity}[/]",
            escape(each.subject_key),
            f"[{colour}]{title(each.kind, each.rule_code)}[/]{state}",
            escape(each.organisation_code),
        ]
        table.add_row(*row[: len(headings)])
    return table


def _show(console: Console, found: AlertDetail, zone: ZoneInfo) -> None:
    alert = found.alert
    console.print(
        f"[bold]{alert.alert_no}[/]  [{COLOURS[alert.severity]}]{alert.severity}[/]"
        f"  {title(alert.kind, alert.rule_code)}  [bold]{alert.state}[/]",
        soft_wrap=True,
    )
    told = {
        "about": " ".join(filter(None, (alert.subject_key, alert.plate))),
        "organisation": alert.organisation_code,
        **{word: getattr(alert, name) for name, word in LINKS.items()},
        "assignee": alert.assignee,
        "inhibited by": alert.inhibited_by,
        "resolution": alert.resolution,
    }
    for name, each in told.items():
        if each is not None:
            _line(console, name, each)
    console.print("[dim]facts[/]")
    for name, fact in alert.facts.items():
        if name not in LINKS and name != "plate":
            _line(console, name, _fact(fact, zone))
    table = output.table(f"at, {zone.key}", "what", "by", "note", wrapped=("note",))
    for event in found.events:
        at = instant_text(event.at, zone)
        table.add_row(at, event.kind, escape(event.actor or ""), escape(event.note or ""))
    console.print(table)


def _line(console: Console, name: str, text: str) -> None:
    console.print(f"  {name:<24} {escape(text)}", soft_wrap=True)


def _fact(fact: Any, zone: ZoneInfo) -> str:
    """A fact as a person reads it; an instant in the zone of the others."""
    if isinstance(fact, str) and "T" in fact:
        with suppress(ValueError):
            at = datetime.fromisoformat(fact)
            return instant_text(at, zone) if at.tzinfo else fact
    return fact_text(fact)


def _without(facts: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if name not in names}


def _connected(command: str) -> Connection[Any]:
    url = get_settings().database_url.get_secret_value()
    return db.connect(url, application_name=f"guanche alerts {command}")
