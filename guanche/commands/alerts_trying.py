"""`guanche alerts rules`, `test-rule`, `test-channel`: what rules there are, and whether they and
channels do what is meant, before they are relied on.
"""

import json
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from psycopg import Connection
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from alerts.notify import service as notify
from alerts.rehearsal import service as rehearsal
from alerts.rehearsal.model import Rehearsal
from alerts.rules import service as rule_book
from alerts.rules.kinds import KINDS
from guanche.commands import output
from guanche.commands.output import UNKNOWN, count_text, duration_text, instant_text
from kit import clock, db
from kit.errors import Invalid
from kit.settings import get_settings
from schemas.access import SYSTEM

MOST_VEHICLES: Final = 20
MOST_FIRINGS: Final = 10
WAIT_S: Final = 30.0
POLL_S: Final = 0.5
PARTS: Final = {"kind", "parameters", "scope", "severity", "name"}

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
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("rule", "", "severity", "set by", "set otherwise"):
        table.add_column(heading, no_wrap=heading != "set otherwise", overflow="fold")
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
        typer.Argument(help="A kind such as over_speed, or a .toml or .json file of a rule."),
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

    Nothing is raised and nobody is told.

    [bold]Examples[/]

    $ guanche alerts test-rule over_speed --organisation qingfan --set raise_at=95

    $ guanche alerts test-rule custom --organisation qingfan --set 'expression=soc_pct < 10.0'

    $ guanche alerts test-rule rule.toml --organisation qingfan --days 30
    """
    zone, wanted = output.parse_zone(zone_name), _wanted(rule, setting or [])
    with _connected("test-rule") as conn:
        draft = rule_book.draft_rule(
            conn, SYSTEM, organisation=organisation, code=wanted["kind"], **wanted
        )
        found = rehearsal.rehearse(conn, SYSTEM, draft, days=days, now=clock.now())
        conn.rollback()
    if as_json:
        output.write_json(asdict(found))
    else:
        _show(found, zone, days)


def test_channel(
    key: Annotated[
        str, typer.Argument(help="The key of a channel, as /notification-channels tells it.")
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


def _wanted(rule: str, settings: list[str]) -> dict[str, Any]:
    """Kind, parameters and scope of what is to be tried.

    Raises:
        Invalid: no such kind, a file that cannot be read, a setting that is no name=value.
    """
    wanted: dict[str, Any] = {"kind": rule, "parameters": {}, "scope": {}}
    if rule.endswith((".toml", ".json")):
        wanted |= _read(Path(rule))
    if wanted["kind"] not in KINDS:
        raise Invalid(f"no kind {wanted['kind']!r}; `guanche alerts rules` lists them")
    for each in settings:
        name, equals, text = each.partition("=")
        if not equals:
            raise Invalid(f"{each!r} is not a setting; write name=value")
        wanted["parameters"] = {**wanted["parameters"], name: _parsed(text)}
    if wanted["kind"] in KINDS:
        shipped = KINDS[wanted["kind"]].parameters.model_dump(mode="json")
        wanted["parameters"] = {**shipped, **wanted["parameters"]}
    return wanted


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise Invalid(f"{path}: {error}") from None
    unknown = set(found) - PARTS if isinstance(found, dict) else {"what is no table"}
    if unknown or "kind" not in found:
        raise Invalid(f"{path}: a rule has {', '.join(sorted(PARTS))}, and a kind at least")
    return dict(found)


def _parsed(text: str) -> Any:
    """A number, true, false, null or a list where it reads as such, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _show(found: Rehearsal, zone: Any, days: int) -> None:
    console = output.out()
    if found.reminders or found.per_day:
        console.print(f"would remind {count_text(found.count)} times in the next {days} days")
        for day, number in sorted(found.per_day.items()):
            console.print(f"  {day}  {count_text(number)}")
        return
    console.print(
        f"would have fired [bold]{count_text(found.count)}[/] times in {days} days on"
        f" {count_text(len(found.of_vehicles))} of {count_text(found.vehicles)} vehicles"
        f" ({count_text(found.samples)} samples, {duration_text(found.alarm_s)} of alarm)"
    )
    if found.cut:
        console.print("[yellow]not all was looked at[/]: there are more samples than are read")
    for fault in found.faults:
        console.print(f"[red]{escape(fault)}[/]")
    for each in found.of_vehicles[:MOST_VEHICLES]:
        console.print(f"  {each.vin}  {count_text(each.firings)} × {duration_text(each.alarm_s)}")
    for firing in found.firings[:MOST_FIRINGS]:
        reached = UNKNOWN if firing.value is None else f"{firing.value:g}"
        span = (instant_text(at, zone) for at in (firing.raised_at, firing.cleared_at))
        console.print(f"  [dim]{' – '.join(span)}  {firing.vin}  {reached}[/]")


def _short(parameter: Any) -> str:
    return ",".join(map(str, parameter)) if isinstance(parameter, list) else str(parameter)


def _connected(command: str) -> Connection[Any]:
    url = get_settings().database_url.get_secret_value()
    return db.connect(url, application_name=f"guanche alerts {command}")
