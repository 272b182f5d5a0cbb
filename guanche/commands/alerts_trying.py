"""`guanche alerts rules`, `test-rule`, `test-channel`: what rules there are, and whether they and
channels do what is meant, before they are relied on.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from psycopg import Connection
from rich.markup import escape

from alerts.notify import service as notify
from alerts.rehearsal import service as rehearsal
from alerts.rehearsal.model import Rehearsal
from alerts.rules import service as rule_book
from alerts.rules.kinds import KINDS
from guanche.commands import output
from guanche.commands.alerts_drafting import completed, rule_in, settings_from
from guanche.commands.output import UNKNOWN, count_text, duration_text, instant_text
from kit import clock, db
from kit.errors import Invalid
from kit.settings import get_settings
from schemas.access import SYSTEM

MOST_VEHICLES: Final = 20
MOST_FIRINGS: Final = 10
WAIT_S: Final = 30.0
POLL_S: Final = 0.5

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Organisation = Annotated[
    str, typer.Option("--organisation", help="For which organisation.", show_default=False)
]


def rules(*, organisation: Organisation, as_json: AsJson = False) -> None:
    """The rules that hold for an organisation, and which of those above it set them."""
    with _connected("rules") as conn:
        found = rule_book.rules_of(conn, SYSTEM, organisation=organisation)
    told = [
        {
            "code": rule.code,
            "kind": rule.kind.name,
            "chinese": rule.kind.chinese,
            "enabled": rule.enabled,
            "severity": rule.severity,
            "set_by": rule.set_by,
            "parameters": rule.parameters.model_dump(mode="json"),
        }
        for rule in found
    ]
    if as_json:
        output.write_json(told)
        return
    headings = ("rule", "名称", "severity", "set by", "set otherwise")
    table = output.table(*headings, wrapped=headings[-1:])
    for rule in told:
        shipped = KINDS[rule["kind"]].parameters.model_dump(mode="json")
        parameters = " ".join(
            f"{name}={_short(each)}"
            for name, each in rule["parameters"].items()
            if each != shipped[name]
        )
        table.add_row(
            rule["code"] if rule["enabled"] else f"[dim]{rule['code']}[/]",
            rule["chinese"],
            rule["severity"] if rule["enabled"] else "[dim]off[/]",
            rule["set_by"] or "[dim]as shipped[/]",
            escape(parameters),
        )
    output.out().print(table)


def test_rule(
    rule: Annotated[
        str,
        typer.Argument(
            metavar="RULE",
            help="The code of a rule, as of a kind such as over_speed; or a .toml or .json file.",
        ),
    ],
    *,
    organisation: Organisation,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="A parameter, as name=value; may be given several times."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=30, help="Over the last so many.")] = 7,
    zone_name: Annotated[
        str, typer.Option("--zone", help="Time zone of times shown.")
    ] = output.DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """What a rule would have found in the last days; of what falls due, in as many to come.

    It is tried as it holds for the organisation, with what is set here; what a file does not say
    is as shipped. Nothing is raised and nobody is told.

    [bold]Examples[/]

    $ guanche alerts test-rule over_speed --organisation qingfan --set raise_at=95

    $ guanche alerts test-rule custom --organisation qingfan --set 'expression=soc_pct < 10.0'

    $ guanche alerts test-rule rule.toml --organisation qingfan --days 30
    """
    zone, settings = output.parse_zone(zone_name), settings_from(setting or [])
    filed = rule_in(Path(rule)) if rule.endswith((".toml", ".json")) else None
    with _connected("test-rule") as conn:
        wanted = _held(conn, rule, organisation) if filed is None else filed
        wanted["parameters"] = completed(wanted["kind"], wanted["parameters"] | settings)
        draft = rule_book.draft_rule(conn, SYSTEM, organisation=organisation, **wanted)
        found = rehearsal.rehearse(conn, SYSTEM, draft, days=days, now=clock.now())
        conn.rollback()
    if as_json:
        output.write_json(_document(found))
    else:
        _show(found, zone, days)


def test_channel(
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY", help="The key of a channel, as /notification-channels tells it."
        ),
    ],
    *,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for what comes of it [30 s].")
    ] = True,
) -> None:
    """Send a test message on a channel and tell what came of it.

    It is sent by `guanche alerts run`. Exit code 1 when it was not sent.
    """
    try:
        channel = UUID(key)
    except ValueError:
        raise Invalid(f"{key!r} is no key of a channel") from None
    with _connected("test-channel") as conn:
        with conn.transaction():
            made = notify.test_channel(conn, SYSTEM, key=channel, now=clock.now())
        give_up_s = clock.monotonic() + WAIT_S
        while wait and made.message.state in ("waiting", "sending"):
            if clock.monotonic() > give_up_s:
                break
            clock.sleep(POLL_S)
            with conn.transaction():
                made = notify.get_message(conn, SYSTEM, key=made.message.key)
    console = output.out()
    told = ", ".join(f"{each.result}: {each.detail or ''}" for each in made.attempts if each.result)
    console.print(f"{made.message.recipient_hint}  [bold]{made.message.state}[/]  {escape(told)}")
    if wait and made.message.state != "sent":
        if not made.attempts:
            console.print("nobody has sent it; does `guanche alerts run` run?")
        raise typer.Exit(1)


def _held(conn: Connection[Any], code: str, organisation: str) -> dict[str, Any]:
    """The rule of this code as it holds for the organisation.

    Raises:
        Invalid: there is none.
    """
    held = {each.code: each for each in rule_book.rules_of(conn, SYSTEM, organisation=organisation)}
    if code not in held:
        raise Invalid(f"no kind {code!r}, nor a rule; `guanche alerts rules` lists them")
    rule = held[code]
    return {
        "code": code,
        "kind": rule.kind.name,
        "severity": rule.severity,
        "parameters": rule.parameters.model_dump(mode="json"),
        "scope": rule.scope.model_dump(mode="json"),
    }


def _document(found: Rehearsal) -> dict[str, Any]:
    """As JSON holds it: days as text, facts as what they are."""
    told = asdict(found)
    told["per_day"] = {day.isoformat(): number for day, number in found.per_day.items()}
    for firing in told["firings"]:
        firing["facts"] = json.loads(firing["facts"] or "{}")
    return told


def _show(found: Rehearsal, zone: Any, days: int) -> None:
    console = output.out()
    if KINDS[found.kind].source == "obligation":
        console.print(f"would remind {_times(found.count)} in the next {days} days")
        for day, number in sorted(found.per_day.items()):
            console.print(f"  {day}  {count_text(number)}")
        return
    console.print(
        f"would have fired [bold]{_times(found.count)}[/] in {days} days on"
        f" {count_text(len(found.of_vehicles))} of {count_text(found.vehicles)} vehicles"
        f" ({count_text(found.samples)} samples, {duration_text(found.alarm_s)} of alarm)",
        soft_wrap=True,
    )
    if found.cut:
        console.print("[yellow]not all was looked at[/]: there are more samples than are read")
    for fault in found.faults:
        console.print(f"[red]{escape(fault)}[/]")
    if not found.count:
        return
    vehicles = output.table("vehicle", "fired", "of alarm")
    for each in found.of_vehicles[:MOST_VEHICLES]:
        vehicles.add_row(each.vin, _times(each.firings), duration_text(each.alarm_s))
    console.print(vehicles)
    firings = output.table("vehicle", f"from, {zone.key}", "until", "reached")
    for firing in found.firings[:MOST_FIRINGS]:
        until = "not over" if firing.cleared_at is None else instant_text(firing.cleared_at, zone)
        reached = UNKNOWN if firing.value is None else f"{firing.value:g}"
        firings.add_row(firing.vin, instant_text(firing.raised_at, zone), until, reached)
    console.print(firings)
    if len(found.of_vehicles) > MOST_VEHICLES or len(found.firings) > MOST_FIRINGS:
        console.print("[dim]these are the first; --json has all[/]")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count_text(count)} times"


def _short(parameter: Any) -> str:
    return ",".join(map(str, parameter)) if isinstance(parameter, list) else str(parameter)


def _connected(command: str) -> Connection[Any]:
    url = get_settings().database_url.get_secret_value()
    return db.connect(url, application_name=f"guanche alerts {command}")
