"""Puts the application together: the routes, the gate, the errors, the document.

Leaves out how it is served (`guanche/commands/api.py`).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from psycopg import Connection
from psycopg_pool import ConnectionPool

from api import document, errors, live, manual
from api.deps import AppState
from api.gate import Gate, on_the_loop
from api.housekeeping import kept_tidy
from api.import_worker import sheets_worked_on
from api.metrics import ApiMetrics
from api.routes import ALL_ROUTES, health
from api.serving import readers_leave_first
from api.turns import Turns
from kit.db import KEEPALIVE, OPTIONS
from kit.files import open_files, open_vault_copy
from kit.sealed import SealingKey
from kit.settings import Settings

STATEMENT_TIMEOUT = "15s"
POOL_TIMEOUT_S = 10.0


class ApiNotConfigured(Exception):
    """A setting the API cannot do without is missing."""


def open_pool(settings: Settings) -> ConnectionPool[Connection[Any]]:
    """Connections as the API's own role, opened when first needed.

    Raises:
        ApiNotConfigured: GUANCHE_API_DATABASE_URL is not set.
    """
    if settings.api_database_url is None:
        raise ApiNotConfigured("GUANCHE_API_DATABASE_URL is not set")
    return ConnectionPool(
        settings.api_database_url.get_secret_value(),
        min_size=2,
        max_size=settings.api_connections,
        timeout=POOL_TIMEOUT_S,
        open=False,
        name="guanche api",
        kwargs={
            **KEEPALIVE,
            "application_name": "guanche api",
            "options": f"{OPTIONS} -c statement_timeout={STATEMENT_TIMEOUT}"
            " -c idle_in_transaction_session_timeout=60s -c lock_timeout=10s",
        },
    )


def read_key(settings: Settings) -> SealingKey:
    """The installation's key.

    Raises:
        ApiNotConfigured: GUANCHE_SECRET_KEY is not set, or is none.
    """
    if settings.secret_key is None:
        raise ApiNotConfigured(
            "GUANCHE_SECRET_KEY is not set; `guanche config --new-key` makes one"
        )
    try:
        return SealingKey.from_text(settings.secret_key.get_secret_value())
    except ValueError as error:
        raise ApiNotConfigured(f"GUANCHE_SECRET_KEY: {error}") from None


def create_app(
    settings: Settings, *, on_start: Callable[[AppState], None] = lambda _state: None
) -> FastAPI:
    """The whole application. Its connections live as long as it is served.

    Raises:
        ApiNotConfigured: a setting is missing.
    """
    metrics = ApiMetrics()
    turns = Turns(settings.api_connections // 2)
    state = AppState(
        settings,
        open_pool(settings),
        read_key(settings),
        metrics,
        turns,
        open_files(settings),
        open_vault_copy(settings),
    )

    @asynccontextmanager
    async def serving(app: FastAPI) -> AsyncIterator[None]:
        state.pool.open()
        try:
            on_start(state)
            with kept_tidy(state), sheets_worked_on(state), readers_leave_first(app):
                yield
        finally:
            live.close(app)
            state.pool.close()

    app = FastAPI(
        title="Guanche 管车",
        version=version("guanche"),
        description=document.DESCRIPTION,
        openapi_tags=document.TAGS,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=serving,
        redirect_slashes=False,
    )
    app.state.guanche = state
    for kind, handle in errors.HANDLERS.items():
        app.add_exception_handler(kind, on_the_loop(handle))
    for operations in ALL_ROUTES:
        app.include_router(operations.router)
    app.include_router(health.router)
    document.complete(app)
    manual.install(app)
    stand_at_the_gate(app, metrics)
    return app


def stand_at_the_gate(app: FastAPI, metrics: ApiMetrics) -> None:
    """Put the gate around all of it; middleware stands inside of what answers faults."""
    build = app.build_middleware_stack
    app.build_middleware_stack = lambda: Gate(build(), metrics)  # type: ignore[method-assign]
