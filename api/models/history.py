"""Where a vehicle was and how its signals went, over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fleet.usage.signals import SignalHistory, SignalSeries
from fleet.usage.tracks import PlacedSample, Track
from kit.datum import Datum

POINT_EXAMPLE: dict[str, Any] = {
    "ts": "2026-11-20T23:10:05Z",
    "lon": 114.0579,
    "lat": 22.5431,
    "heading_deg": 87.0,
    "speed_kmh": 41.0,
    "odometer_km": 18342.6,
    "soc_pct": 62.5,
    "alarm_level": 0,
}
PERIOD_EXAMPLE: dict[str, Any] = {
    "vin": "LSGPC52U6AF102554",
    "from_at": "2026-11-20T16:00:00Z",
    "until_at": "2026-11-21T16:00:00Z",
}


class TrackPointOut(BaseModel):
    """Where the vehicle was at `ts`, and how it did. Null is unknown."""

    ts: datetime = Field(description="When the sample was taken, by the terminal's clock.")
    lon: float = Field(description="Longitude on a map of `crs`, in degrees.")
    lat: float = Field(description="Latitude on a map of `crs`, in degrees.")
    heading_deg: float | None
    speed_kmh: float | None
    odometer_km: float | None
    soc_pct: float | None
    alarm_level: int | None

    @classmethod
    def of(cls, sample: PlacedSample) -> "TrackPointOut":
        """As the service gives it."""
        return cls.model_construct(**sample._asdict())


class TrackOut(BaseModel):
    """The way of a vehicle, told by some of its samples: the ends of stops, and turns between."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": PERIOD_EXAMPLE
            | {
                "crs": "wgs84",
                "points": [POINT_EXAMPLE],
                "points_read": 8640,
                "error_m": 3.7,
                "stops_lost": 0,
                "truncated": False,
            }
        }
    )

    vin: str
    from_at: datetime
    until_at: datetime = Field(description="Not included.")
    crs: Datum
    points: list[TrackPointOut] = Field(description="In the order of time.")
    points_read: int = Field(
        description="Samples with a position in the period, of which the points are some."
    )
    error_m: float = Field(
        description="None of those left out lies farther from the line through the points."
    )
    stops_lost: int = Field(
        description="Stops of two minutes or more whose ends found no room; ask for more points."
    )
    truncated: bool = Field(
        description="The period holds more than 50,000 samples: the track ends early. Ask again"
        " from the `ts` of the last point."
    )

    @classmethod
    def of(cls, track: Track) -> "TrackOut":
        """As the service gives it."""
        way = track.way
        return cls.model_construct(
            vin=track.vin,
            from_at=track.from_at,
            until_at=track.until_at,
            crs=track.datum,
            points=[TrackPointOut.of(sample) for sample in way.points],
            points_read=way.points_read,
            error_m=round(way.error_m, 1),
            stops_lost=way.stops_lost,
            truncated=way.truncated,
        )


class SignalOut(BaseModel):
    """One signal over time: one list a quantity, all of one length.

    A bucket begins at its `from_at`; those without a reading are left out.
    """

    name: str = Field(examples=["soc_pct"])
    unit: str = Field(description="Empty: it has none.", examples=["%"])
    from_at: list[datetime]
    min: list[float]
    avg: list[float] = Field(description="The mean of the readings, each counting the same.")
    max: list[float]
    count: list[int] = Field(description="Readings in the bucket.")

    @classmethod
    def of(cls, series: SignalSeries) -> "SignalOut":
        """As the service gives it."""
        return cls.model_construct(
            name=series.name,
            unit=series.unit,
            from_at=series.from_at,
            min=series.low,
            avg=series.mean,
            max=series.high,
            count=series.readings,
        )


class SignalsOut(BaseModel):
    """Signals of a vehicle in [from_at, until_at), in buckets."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": PERIOD_EXAMPLE
            | {
                "bucket_s": 300,
                "signals": [
                    {
                        "name": "soc_pct",
                        "unit": "%",
                        "from_at": ["2026-11-20T16:00:00Z", "2026-11-20T16:05:00Z"],
                        "min": [62.0, 61.5],
                        "avg": [62.233, 61.75],
                        "max": [62.5, 62.0],
                        "count": [30, 30],
                    }
                ],
            }
        }
    )

    vin: str
    from_at: datetime = Field(description="The first bucket begins here.")
    until_at: datetime = Field(description="Not included.")
    bucket_s: int = Field(description="The length of a bucket.")
    signals: list[SignalOut] = Field(description="In the order asked for.")

    @classmethod
    def of(cls, history: SignalHistory) -> "SignalsOut":
        """As the service gives it."""
        return cls.model_construct(
            vin=history.vin,
            from_at=history.from_at,
            until_at=history.until_at,
            bucket_s=history.bucket_s,
            signals=[SignalOut.of(series) for series in history.series],
        )
