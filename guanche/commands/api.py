"""`guanche api`: the HTTP API as one or several processes."""

import gc
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from api import store
from api.app import ApiNotConfigured, create_app, open_pool, read_key
from api.deps import AppState
from guanche.commands.migrate import MIGRATIONS
from guanche.commands.stopping import stopped_by_signals
from kit.errors import DomainError
from kit.log import configure_logging, get_logger
from kit.migrate import read_migrations
from kit.settings import Settings, get_settings

GRACEFUL_S = 5
"""A reader that never reads is cut off after this."""

log = get_logger("api")


class ApiCannotStart(DomainError):
    """What the API needs is missing or wrong; the message says what to do."""

    code = "api_cannot_start"


def check(settings: Settings) -> None:
    """Find out before serving whether the database lets us see neither too much nor too little.

    Raises:
        ApiCannotStart: a setting is missing, the role is the wrong one, tables are missing.
        psycopg.OperationalError: the database cannot be reached.
    """
    try:
        read_key(settings)
        with open_pool(settings) as pool:
            pool.wait(timeout=10)
            with pool.connection() as conn:
                found = store.read_readiness(conn)
    except ApiNotConfigured as error:
        raise ApiCannotStart(str(error)) from None
    faults = store.faults_of(found)
    newest = read_migrations(MIGRATIONS)[-1].number
    if found.migration is None or found.migration < newest:
        faults.append(f"the tables are at {found.migration}, not {newest}: run `guanche migrate`")
    if faults:
        raise ApiCannotStart("; ".join(faults))


def build() -> FastAPI:
    """The application of one process; uvicorn calls this in each."""
    settings = get_settings()
    configure_logging(log_format=settings.log_format, level=settings.log_level)

    def told(_state: AppState) -> None:
        log.info("api_ready", address=f"http://{settings.api_host}:{settings.api_port}")

    app = create_app(settings, on_start=told)
    # Full collections would walk what stays for ever: 40 ms, every few answers, for nothing.
    gc.collect()
    gc.freeze()
    return app


def api(
    *,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, help="How many share the port.")
    ] = 1,
) -> None:
    """Serve the HTTP API, until told to stop.

    Connects as a role that owns nothing (GUANCHE_API_DATABASE_URL) and refuses to start as any
    other. The manual is at [bold]/api/v1/docs[/]; health at [bold]/healthz[/] and
    [bold]/readyz[/], counters at [bold]/metrics[/]. Behind a proxy set GUANCHE_API_PUBLIC_URL and
    GUANCHE_API_TRUSTED_PROXIES.

    [bold]Examples[/]

    $ guanche user create li.na --name 李娜 --organisation qingfan --role owner

    $ guanche api

    $ GUANCHE_API_PORT=8443 guanche api --processes 4
    """
    settings = get_settings()
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    check(settings)
    with stopped_by_signals():  # uvicorn raises the signal again when it has ended in order
        uvicorn.run(
            f"{__name__}:build",
            factory=True,
            host=settings.api_host,
            port=settings.api_port,
            workers=processes,
            loop="uvloop",
            http="httptools",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACEFUL_S,
        )
