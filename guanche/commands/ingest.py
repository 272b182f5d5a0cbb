"""`guanche ingest`: the gateway as a process."""

import typer

from ingest.gateway import run
from kit.log import configure_logging
from kit.settings import get_settings


def ingest() -> None:
    """Store what the broker delivers, until told to stop.

    One process holds one persistent broker session and acknowledges a message only after its
    samples are committed. Stop it with SIGTERM or Ctrl-C: it finishes its batch and exits with 0.
    Counters are served at [bold]/metrics[/] and health at [bold]/healthz[/]
    (GUANCHE_HTTP_HOST, GUANCHE_HTTP_PORT).

    [bold]Examples[/]

    $ guanche ingest

    $ GUANCHE_LOG_FORMAT=json GUANCHE_HTTP_PORT=0 guanche ingest
    """
    settings = get_settings()
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    raise typer.Exit(run(settings))
