"""Where a vehicle was and how its signals went, between two times."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import Field

from api.deps import Call
from api.models.history import SignalsOut, TrackOut
from api.models.text import Instant, VinPath
from api.operation import Operations
from api.routes.positions import Crs
from fleet.usage import service as usage
from fleet.usage.signals import MAX_BUCKETS, MAX_SIGNALS, SIGNALS
from fleet.usage.spans import MAX_SPAN

operations = Operations("history")

_MANY_NAMES: Final = 100
"""More names than there are signals; the service says that eight are enough."""

FromAt = Annotated[
    Instant,
    Query(
        description="Begin, RFC 3339 with offset (a + in a URL is written %2B).",
        examples=["2026-11-21T00:00:00+08:00"],
    ),
]
UntilAt = Annotated[
    Instant,
    Query(
        description=f"End, not included; at most {MAX_SPAN.days} days after the begin.",
        examples=["2026-11-22T00:00:00+08:00"],
    ),
]
MaxPoints = Annotated[
    int, Query(ge=2, le=10_000, description="Points at most. Fewer are told where fewer suffice.")
]
ToleranceM = Annotated[
    float,
    Query(
        ge=0,
        le=10_000,
        description="How far a point may lie from the line before it is told [m]; 0: every point"
        " if there is room.",
    ),
]
Signals = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Query(
        min_length=1,
        max_length=_MANY_NAMES,
        description=f"Up to {MAX_SIGNALS} of: {', '.join(SIGNALS)}. Give the parameter several"
        " times.",
        examples=[["soc_pct", "speed_kmh"]],
    ),
]
BucketS = Annotated[
    int | None,
    Query(
        ge=1,
        le=86_400 * MAX_SPAN.days,
        description=f"Length of a bucket; at most {MAX_BUCKETS} of them. Left out: as fits a"
        " chart.",
    ),
]


@operations.get("/vehicles/{vin}/track")
def read_track(
    call: Call,
    vin: VinPath,
    from_at: FromAt,
    until_at: UntilAt,
    max_points: MaxPoints = 1_000,
    tolerance_m: ToleranceM = 0.0,
    crs: Crs = "wgs84",
) -> TrackOut:
    """Where a vehicle went, as far as it was yours then.

    Told by few points, so chosen that the line is near all others and every stop keeps its begin
    and its end. Each look is written to the audit trail.
    """
    track = usage.read_track(
        call.conn,
        call.actor,
        vin=vin,
        from_at=from_at,
        until_at=until_at,
        max_points=max_points,
        tolerance_m=tolerance_m,
        datum=crs,
        now=call.now,
    )
    return TrackOut.of(track)


@operations.get("/vehicles/{vin}/signals")
def read_signals(
    call: Call,
    vin: VinPath,
    signals: Signals,
    from_at: FromAt,
    until_at: UntilAt,
    bucket_s: BucketS = None,
) -> SignalsOut:
    """How signals of a vehicle went: lowest, mean and highest reading of each bucket."""
    history = usage.signal_history(
        call.conn,
        call.actor,
        vin=vin,
        signals=signals,
        from_at=from_at,
        until_at=until_at,
        bucket_s=bucket_s,
    )
    return SignalsOut.of(history)
