"""The command `guanche`: which commands there are and how they are grouped in its help.

A command's module is imported when it runs, so that help appears at once. Leaves out: what a
command does (`guanche/commands/`) and how errors are told (`guanche/commands/edge.py`).
"""

from typing import Annotated

import typer

from guanche.commands.edge import CommandGroup, Entry, unwrapped

RUN = "Run the system"
LOOK = "Look at the fleet"
TRY = "Try and measure"
CHECK = "Check and repair"

COMMANDS = (
    Entry("migrate", RUN, "Bring the database's tables and storage up to date."),
    Entry("ingest", RUN, "Store what the broker delivers, until told to stop."),
    Entry("api", RUN, "Serve the HTTP API, until told to stop."),
    Entry("alerts", RUN, "Watch, remind and notify; look at alerts, try rules and channels."),
    Entry("user", RUN, "Add people, make their one-time links, disable and unlock them."),
    Entry("status", LOOK, "Vehicles online, freshness, refusals, alarms, storage."),
    Entry("track", LOOK, "Where a vehicle has been, with distance and charge used."),
    Entry("demo", TRY, "A whole running system in one command, nothing installed."),
    Entry(
        "simulate", TRY, "Publish the telemetry of a simulated fleet of electric vans in Shenzhen."
    ),
    Entry("replay", TRY, "Publish recorded movement from a CSV file, in real or scaled time."),
    Entry("bench", TRY, "Measure throughput and latency on this machine."),
    Entry("doctor", CHECK, "Find out what is wrong and what to do about it."),
    Entry("rejects", CHECK, "List, show and replay refused telemetry."),
    Entry("audit", CHECK, "Verify, export and read the audit trail."),
    Entry("case-file", CHECK, "Hand out all that is kept of a lease, and prove such a file whole."),
    Entry("contracts", CHECK, "Read kept contracts again, byte by byte."),
    Entry("files", CHECK, "Delete the bytes of files that are not to be kept."),
    Entry("leases", CHECK, "Derive the book of every lease anew from its events."),
    Entry("money", CHECK, "Bill what is due; tell what of money does not follow."),
    Entry("papers", CHECK, "Derive anew what falls due from papers, or tell what differs."),
    Entry("config", CHECK, "Show the effective settings and where each comes from."),
)

HELP = unwrapped("""
管车 Guanche runs a company that leases logistics EVs: telemetry from MQTT without losing a sample,
vehicles and their papers, leases, money, alerts, and an HTTP API over them.

Settings are environment variables [bold]GUANCHE_*[/] or lines of a file [bold].env[/];
[bold]guanche config[/] lists them.
""")

EPILOG = """
[bold]Begin here[/]

$ guanche demo                          [dim]see it run, nothing installed[/]

$ guanche doctor                        [dim]check your own database and broker[/]

$ guanche COMMAND --help                [dim]options with their units, and examples[/]
"""

app = typer.Typer(
    name="guanche",
    cls=CommandGroup.of(COMMANDS),
    help=HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  (only when asked)

        typer.echo(f"guanche {version('guanche')}")
        raise typer.Exit


@app.callback()
def main(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error, not one line.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Options that come before the command; `--debug` is read by the edge."""
