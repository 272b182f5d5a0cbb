"""Figures of law and of practice, over HTTP."""

from typing import Annotated, Final

from fastapi import Path, Query

from api.deps import Call
from api.exports import Export, zone_of
from api.labels import Words
from api.models.parameters import FiguresIn, ParameterHistory, ParameterOut
from api.models.text import Day
from api.operation import Operations
from fleet.compliance import service as compliance
from fleet.local_days import local_day
from fleet.parameters import service as parameters

operations = Operations("parameters")

ParameterName = Annotated[
    str,
    Path(max_length=64, description="Name of the parameter.", examples=["inspection.early_window"]),
]
On = Annotated[Day | None, Query(description="The day the figures are in force [today].")]
EXPORT: Final = Export(
    Words("法规参数", "parameters"),
    {
        "name": Words("参数", "Parameter"),
        "meaning": Words("英文含义", "Meaning"),
        "chinese": Words("含义", "Meaning in Chinese"),
        "valid_from_on": Words("生效日期", "In force from"),
        "content": Words("内容", "Content"),
        "source": Words("依据", "Source"),
        "own": Words("本企业设定", "Own"),
    },
)


@operations.get("/parameters", exported=EXPORT)
def list_parameters(call: Call, on: On = None) -> list[ParameterOut]:
    """Every parameter and what it holds on a day, by name."""
    day = on or local_day(call.now, str(zone_of(call)))
    rows = parameters.list_parameters(call.conn, call.actor, on=day)
    return [ParameterOut.of(row) for row in rows]


@operations.get("/parameters/{name}")
def get_parameter(call: Call, name: ParameterName) -> ParameterHistory:
    """Everything that was ever written of a parameter: everybody's, and your own."""
    rows = parameters.list_history(call.conn, call.actor, name=name)
    return ParameterHistory.of(name, rows)


@operations.post("/parameters/{name}", status=201, idempotent="parameter.change")
def set_parameter(call: Call, name: ParameterName, body: FiguresIn) -> ParameterOut:
    """Set your own figures from a day on, at the head of the tenant. Asks for a step-up.

    They count until others are set; a correction is set for the same day once more. What falls due
    is decided again at once.
    """
    set_ = parameters.set_figures(
        call.conn,
        call.actor,
        name=name,
        valid_from_on=body.valid_from_on,
        content=body.content,
        source=body.source,
        now=call.now,
    )
    if set_.touches_obligations:
        compliance.refresh_papers(call.conn, vehicle_ids=None, now=call.now)
    return ParameterOut.of(set_.figures)
