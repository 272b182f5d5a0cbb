"""For whoever runs it: is it alive, is it ready, how does it do."""

from typing import Literal

import psycopg
from fastapi import APIRouter, Request
from fastapi.responses import Response
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, Field

from api import store
from api.deps import AppState
from api.document import problems_of
from api.gate import on_the_loop

router = APIRouter(
    tags=["service"],
    responses={status: problems_of("GET", public=True)[status] for status in (400, 413, 500)},
)


class Health(BaseModel):
    """Whether it works, and if not, why."""

    status: Literal["ok", "failing"]
    reasons: list[str] = Field(default_factory=list, description="What is wrong, in words.")


@router.get("/healthz", operation_id="read_health", openapi_extra={"security": []})
@on_the_loop
def read_health() -> Health:
    """The process is alive. Says nothing of the database, nor of whether it has a thread free."""
    return Health(status="ok")


@router.get(
    "/readyz",
    operation_id="read_readiness",
    openapi_extra={"security": []},
    responses={503: {"model": Health, "description": "Not now; the reasons say why."}},
)
def read_readiness(request: Request, response: Response) -> Health:
    """The database answers, is up to date, and lets this process see no more than it should."""
    state: AppState = request.app.state.guanche
    try:
        with state.pool.connection(timeout=2.0) as conn:
            found = store.read_readiness(conn)
    except (psycopg.Error, PoolTimeout):
        reasons = ["the database does not answer"]
    else:
        reasons = store.faults_of(found)
    if reasons:
        response.status_code = 503
        return Health(status="failing", reasons=reasons)
    return Health(status="ok")


@router.get(
    "/metrics",
    operation_id="read_metrics",
    response_class=Response,
    openapi_extra={"security": []},
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
@on_the_loop
def read_metrics(request: Request) -> Response:
    """Counters in Prometheus' text format."""
    state: AppState = request.app.state.guanche
    return Response(state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
