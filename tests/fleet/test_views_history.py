"""Tracks and signals out of real storage."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.registry.errors import VehicleNotFound
from fleet.usage import tracks
from fleet.usage.errors import PeriodEmpty, PeriodTooLong, SignalUnknown, TooManyBuckets
from fleet.usage.service import read_track, signal_history
from fleet.usage.signals import SIGNALS, SignalHistory
from fleet.usage.tracks import Track
from schemas.access import PermissionMissing

from .conftest import at
from .seen import NOW, VINS, Fleet, build_fleet


@pytest.fixture
def head(conn: Connection[Any], app_conn: Connection[Any]) -> Fleet:
    """The fleet of `seen.py`, looked at by head."""
    return build_fleet(conn, app_conn)


def track_of(fleet: Fleet, **asked: Any) -> Track:
    usual: dict[str, Any] = {"vin": VINS["B"], "from_at": at(8), "until_at": at(10), "now": NOW}
    with fleet.as_member("head") as conn:
        return read_track(conn, fleet.actor("head"), **usual | asked)


def signals_of(fleet: Fleet, *names: str, **asked: Any) -> SignalHistory:
    usual: dict[str, Any] = {"vin": VINS["B"], "from_at": at(8), "until_at": at(10)}
    with fleet.as_member("head") as conn:
        return signal_history(conn, fleet.actor("head"), signals=names, **usual | asked)


def test_a_track_is_half_open_and_in_order(head: Fleet) -> None:
    for ts, seq in [(at(9), 0), (at(8), 1), (at(8), 0), (at(10), 0), (at(7, 59), 0)]:
        head.sample("B", ts, seq=seq, lat=22.5, lon=114.0 + seq / 10)
    head.sample("A", at(8, 30), lat=22.5, lon=114.0)
    way = track_of(head, vin=VINS["B"].lower()).way
    assert [(point.ts, point.lon) for point in way.points] == [
        (at(8), 114.0),
        (at(8), 114.1),
        (at(9), 114.0),
    ]
    assert (way.points_read, way.truncated) == (3, False)


def test_a_track_tells_what_was_measured(head: Fleet) -> None:
    head.sample(
        "B",
        at(8),
        lat=22.543099,
        lon=114.057868,
        heading_deg=87.25,
        speed_kmh=36.7,
        odometer_km=1234.567,
        soc_pct=62.3,
        alarm_level=2,
    )
    track = track_of(head, datum="gcj02")
    (point,) = track.way.points
    assert (track.vin, track.datum) == (VINS["B"], "gcj02")
    assert (track.from_at, track.until_at) == (at(8), at(10))
    assert (point.lon, point.lat) == pytest.approx((114.062976, 22.540369), abs=2e-4)
    assert point[3:] == (87.25, 36.7, 1234.567, 62.3, 2)


def test_only_good_positions_make_a_track(head: Fleet) -> None:
    head.sample("B", at(8), lat=22.5, lon=114.0)
    head.sample("B", at(8, 10), lat=22.5, lon=114.1, fix=False)
    head.sample("B", at(8, 20), lat=22.5, lon=114.2, fix=None)
    head.sample("B", at(8, 30), soc_pct=50.0)
    assert [point.lon for point in track_of(head).way.points] == [114.0]


def test_a_track_stops_reading_at_its_limit(head: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    for minute in range(5):
        head.sample("B", at(8, minute), lat=22.5, lon=114.0 + minute / 10)
    monkeypatch.setattr(tracks, "MAX_SAMPLES", 3)
    monkeypatch.setattr("fleet.usage.service.MAX_SAMPLES", 3)
    way = track_of(head).way
    assert [point.ts for point in way.points] == [at(8, 0), at(8, 1), at(8, 2)]
    assert (way.points_read, way.truncated) == (3, True)
    rest = track_of(head, from_at=way.points[-1].ts).way
    assert [point.ts for point in rest.points] == [at(8, 2), at(8, 3), at(8, 4)]
    assert not rest.truncated


def test_a_track_is_told_by_few_points(head: Fleet) -> None:
    for minute in range(60):
        head.sample("B", at(8, minute), lat=22.5 + minute % 2 / 100, lon=114.0 + minute / 100)
    way = track_of(head, max_points=10).way
    assert (len(way.points), way.points_read) == (10, 60)
    assert (way.points[0].ts, way.points[-1].ts) == (at(8), at(8, 59))
    assert way.error_m > 100
    coarse = track_of(head, tolerance_m=5_000.0).way
    assert (len(coarse.points), coarse.error_m < 5_000.0) == (2, True)


def test_what_cannot_be_read_at_once_is_refused(head: Fleet) -> None:
    with pytest.raises(PeriodTooLong):
        track_of(head, until_at=at(8) + timedelta(days=31, seconds=1))
    with pytest.raises(PeriodEmpty):
        track_of(head, until_at=at(8))
    with pytest.raises(PeriodTooLong):
        signals_of(head, "soc_pct", until_at=at(8) + timedelta(days=31, seconds=1))
    with pytest.raises(PeriodEmpty):
        signals_of(head, "soc_pct", until_at=at(7))
    with pytest.raises(TooManyBuckets):
        signals_of(head, "soc_pct", bucket_s=3)
    with pytest.raises(SignalUnknown):
        signals_of(head, "lon")
    with pytest.raises(VehicleNotFound):
        track_of(head, vin=VINS["X"])
    with pytest.raises(VehicleNotFound):
        signals_of(head, "soc_pct", vin=VINS["X"])


def test_history_takes_its_verbs(head: Fleet) -> None:
    sales = head.member("head", "sales")
    period: dict[str, Any] = {"vin": VINS["B"], "from_at": at(8), "until_at": at(10)}
    with head.as_member("head") as conn:
        with pytest.raises(PermissionMissing):
            read_track(conn, sales, now=NOW, **period)
        with pytest.raises(PermissionMissing):
            signal_history(conn, sales, signals=["soc_pct"], **period)


def test_a_bucket_has_lowest_mean_and_highest(head: Fleet) -> None:
    for ts, soc_pct, speed_kmh in [
        (at(8), 62.3, 0.0),
        (at(8, 9), 62.0, None),
        (at(8, 10), 61.9, 30.0),
        (at(9, 59), 50.0, None),
    ]:
        head.sample("B", ts, soc_pct=soc_pct, speed_kmh=speed_kmh)
    head.sample("B", at(7, 59), soc_pct=99.0)
    head.sample("B", at(10), soc_pct=1.0)
    head.sample("A", at(8), soc_pct=0.0)
    history = signals_of(head, "speed_kmh", "soc_pct", bucket_s=600)
    speed, soc = history.series
    assert (history.vin, history.bucket_s) == (VINS["B"], 600)
    assert (soc.name, soc.unit, soc.from_at) == ("soc_pct", "%", [at(8), at(8, 10), at(9, 50)])
    assert (soc.low, soc.mean) == ([62.0, 61.9, 50.0], [62.15, 61.9, 50.0])
    assert (soc.high, soc.readings) == ([62.3, 61.9, 50.0], [2, 1, 1])
    assert (speed.from_at, speed.low, speed.high) == ([at(8), at(8, 10)], [0.0, 30.0], [0.0, 30.0])


def test_buckets_begin_where_the_period_begins(head: Fleet) -> None:
    head.sample("B", at(8, 7), soc_pct=60.0)
    head.sample("B", at(8, 8), soc_pct=59.0)
    history = signals_of(head, "soc_pct", from_at=at(8, 3), bucket_s=300)
    assert history.series[0].from_at == [at(8, 3), at(8, 8)]
    assert signals_of(head, "soc_pct").bucket_s == 30


def test_every_signal_has_a_history(head: Fleet) -> None:
    readings: dict[str, Any] = {name: max(field.low or 0, 1) for name, field in SIGNALS.items()}
    head.sample("B", at(8), **readings)
    names = list(SIGNALS)
    told = [*signals_of(head, *names[:8]).series, *signals_of(head, *names[8:]).series]
    assert [one.name for one in told] == names
    assert [one.readings for one in told] == [[1]] * len(names)
