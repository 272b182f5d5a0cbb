"""What is decided without a database: spans, signals, buckets, masks and maps."""

from datetime import datetime, timedelta
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.usage.errors import (
    PeriodEmpty,
    PeriodTooLong,
    SignalUnknown,
    TooManyBuckets,
    TooManySignals,
)
from fleet.usage.positions import Bbox, PositionColumns, on_map
from fleet.usage.selection import KIND_OF_SORT, SORTS, STATE_SORTS, VehicleFilter
from fleet.usage.signals import (
    MAX_BUCKETS,
    ROUND_BUCKETS_S,
    SIGNALS,
    USUAL_BUCKETS,
    as_series,
    check_signals,
    choose_bucket_s,
)
from fleet.usage.spans import MAX_SPAN, check_span
from fleet.usage.tracks import MAX_SAMPLES, PlacedSample, tell_way
from kit.datum import from_wgs84

from .conftest import at


def test_a_month_is_read_at_once() -> None:
    check_span(at(0), at(0) + MAX_SPAN)
    with pytest.raises(PeriodTooLong) as raised:
        check_span(at(0), at(0) + MAX_SPAN + timedelta(microseconds=1))
    assert (raised.value.facts, raised.value.field) == ({"max_days": 31}, "until_at")


@pytest.mark.parametrize("until_at", [at(8), at(7)], ids=["at its begin", "before it"])
def test_a_period_has_a_length(until_at: datetime) -> None:
    with pytest.raises(PeriodEmpty):
        check_span(at(8), until_at)


def test_signals_are_the_numbers_that_are_no_place() -> None:
    assert {"soc_pct", "speed_kmh", "alarm_level", "signal_dbm"} <= SIGNALS.keys()
    assert not {"lat", "lon", "heading_deg", "fix", "gear", "alarm_bits"} & SIGNALS.keys()


def test_a_signal_asked_twice_is_told_once() -> None:
    assert check_signals(["soc_pct", "speed_kmh", "soc_pct"]) == ["soc_pct", "speed_kmh"]


@pytest.mark.parametrize("name", ["lat", "vehicle_id", "soc_pct; DROP TABLE vehicles", ""])
def test_what_is_no_signal_is_told(name: str) -> None:
    with pytest.raises(SignalUnknown) as raised:
        check_signals(["soc_pct", name])
    assert raised.value.facts["signal"] == name


def test_eight_signals_are_enough() -> None:
    names = list(SIGNALS)
    assert check_signals(names[:8]) == names[:8]
    with pytest.raises(TooManySignals):
        check_signals(names[:9])


def test_buckets_are_counted_up() -> None:
    span = timedelta(seconds=60 * MAX_BUCKETS)
    assert choose_bucket_s(span, 60) == 60
    with pytest.raises(TooManyBuckets) as raised:
        choose_bucket_s(span + timedelta(microseconds=1), 60)
    assert raised.value.facts == {"max_buckets": 2_000, "least_bucket_s": 61}


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=MAX_SPAN))
def test_unless_asked_a_bucket_is_round_and_fits_a_chart(span: timedelta) -> None:
    bucket_s = choose_bucket_s(span, None)
    assert bucket_s in ROUND_BUCKETS_S
    assert span.total_seconds() / bucket_s <= USUAL_BUCKETS
    shorter = [each for each in ROUND_BUCKETS_S if each < bucket_s]
    assert all(span.total_seconds() / each > USUAL_BUCKETS for each in shorter)


def test_a_bucket_without_a_reading_is_left_out() -> None:
    rows = [
        (at(8), 60.0, 61.00001, 62.0, 3, None, None, None, 0),
        (at(9), 59.0, 59.5, 60.0, 2, 0.0, 20.0, 40.0, 2),
    ]
    soc, speed = as_series(["soc_pct", "speed_kmh"], rows)
    assert (soc.unit, soc.from_at, soc.low) == ("%", [at(8), at(9)], [60.0, 59.0])
    assert (soc.mean, soc.high, soc.readings) == ([61.0, 59.5], [62.0, 60.0], [3, 2])
    assert (speed.unit, speed.from_at, speed.mean) == ("km/h", [at(9)], [20.0])


def test_a_filter_knows_whether_it_asks_the_state() -> None:
    assert not VehicleFilter(organisation_code="east", search="x", former=True).asks_state
    for wanted in (
        VehicleFilter(state="offline"),
        VehicleFilter(online=False),
        VehicleFilter(soc_min_pct=0.0),
        VehicleFilter(soc_below_pct=0.0),
        VehicleFilter(alarm_min=0),
    ):
        assert wanted.asks_state
    assert set(KIND_OF_SORT) == set(SORTS)
    assert {"vin", "plate"} == set(SORTS) - STATE_SORTS


SHENZHEN = (114.057868, 22.543099)
BEIJING = (116.403988, 39.914266)


def columns() -> PositionColumns:
    return PositionColumns(
        vin=["S", "B"],
        plate=["粤B1", None],
        lon=[SHENZHEN[0], BEIJING[0]],
        lat=[SHENZHEN[1], BEIJING[1]],
        heading_deg=[87.04, None],
        speed_kmh=[41.29999923706055, None],
        soc_pct=[62.5, None],
        online=[True, False],
        alarm_level=[0, None],
        age_s=[4, None],
    )


def test_a_map_shows_its_own_datum() -> None:
    shown = on_map(columns(), datum="bd09", bbox=None, masked=False)
    assert (shown.lon[1], shown.lat[1]) == (116.416616, 39.921966)
    assert (shown.vin, shown.plate) == (["S", "B"], ["粤B1", None])
    assert (shown.heading_deg[0], shown.speed_kmh[0], shown.soc_pct[0]) == (87.0, 41.3, 62.5)
    unknown = (shown.heading_deg[1], shown.speed_kmh[1], shown.soc_pct[1])
    assert all(each is not None and isnan(each) for each in unknown), "NaN is null in JSON"
    assert (shown.online, shown.alarm_level, shown.age_s) == ([True, False], [0, None], [4, None])


def test_a_frame_is_of_the_map_s_datum_with_its_borders() -> None:
    shown = on_map(columns(), datum="gcj02", bbox=None, masked=False)
    lon, lat = from_wgs84(*SHENZHEN, "gcj02")
    exactly = Bbox(lon, lat, lon, lat)
    within = on_map(columns(), datum="gcj02", bbox=exactly, masked=False)
    assert within == PositionColumns._make(column[:1] for column in shown)
    around = Bbox(SHENZHEN[0], SHENZHEN[1], SHENZHEN[0] + 0.001, SHENZHEN[1] + 0.001)
    assert on_map(columns(), datum="wgs84", bbox=around, masked=False).vin == ["S"]
    assert on_map(columns(), datum="gcj02", bbox=around, masked=False).vin == []


def test_a_masked_position_is_rough_and_has_no_heading() -> None:
    shown = on_map(columns(), datum="wgs84", bbox=None, masked=True)
    assert (shown.lon, shown.lat) == ([114.06, 116.40], [22.54, 39.91])
    assert shown.heading_deg == [None, None]
    assert shown.speed_kmh[0] == 41.3


def test_a_masked_position_is_rough_before_the_datum() -> None:
    """Else the squares of three datums, laid over one another, would tell more than one."""
    shown = on_map(columns(), datum="gcj02", bbox=None, masked=True)
    lon, lat = from_wgs84(114.06, 22.54, "gcj02")
    assert (shown.lon[0], shown.lat[0]) == (round(lon, 6), round(lat, 6))


def test_no_frame_finds_a_masked_position() -> None:
    exactly = Bbox(*SHENZHEN, SHENZHEN[0] + 0.0001, SHENZHEN[1] + 0.0001)
    assert on_map(columns(), datum="wgs84", bbox=exactly, masked=False).vin == ["S"]
    assert on_map(columns(), datum="wgs84", bbox=exactly, masked=True).vin == []
    rough = Bbox(114.06, 22.54, 114.06, 22.54)
    assert on_map(columns(), datum="wgs84", bbox=rough, masked=True).vin == ["S"]


def test_an_empty_map_is_empty() -> None:
    nothing = PositionColumns(*([] for _ in PositionColumns._fields))
    assert on_map(nothing, datum="gcj02", bbox=Bbox(0, 0, 1, 1), masked=True) == nothing


def sample(second: int, lon: float = SHENZHEN[0], speed_kmh: float | None = 40.0) -> tuple:  # type: ignore[type-arg]
    ts = at(8) + timedelta(seconds=second)
    return (ts, lon, SHENZHEN[1], 87.0, speed_kmh, 18342.6, 62.29999923706055, 0)


def test_a_way_of_nothing_is_empty() -> None:
    way = tell_way([], max_points=10, tolerance_m=0.0, datum="wgs84")
    assert (way.points, way.points_read, way.truncated) == ([], 0, False)


def test_a_way_keeps_its_points_as_they_were() -> None:
    way = tell_way([sample(0), sample(10)], max_points=10, tolerance_m=0.0, datum="bd09")
    lon, lat = from_wgs84(*SHENZHEN, "bd09")
    place = (round(lon, 6), round(lat, 6))
    assert way.points == [
        PlacedSample(at(8), *place, 87.0, 40.0, 18342.6, 62.3, 0),
        PlacedSample(at(8) + timedelta(seconds=10), *place, 87.0, 40.0, 18342.6, 62.3, 0),
    ]
    assert (way.points_read, way.error_m, way.stops_lost) == (2, 0.0, 0)


def test_a_straight_way_is_told_by_its_ends_and_a_stop_by_both_of_its_own() -> None:
    drive = [sample(10 * n, SHENZHEN[0] + n / 1_000) for n in range(50)]
    stop = [sample(500 + 10 * n, SHENZHEN[0] + 0.049, 0.0) for n in range(30)]
    on = [sample(800 + 10 * n, SHENZHEN[0] + 0.049 + n / 1_000) for n in range(1, 50)]
    way = tell_way([*drive, *stop, *on], max_points=1_000, tolerance_m=5.0, datum="wgs84")
    seconds = [(point.ts - at(8)).total_seconds() for point in way.points]
    assert seconds == [0, 500, 790, 1290]
    assert (way.points_read, way.stops_lost) == (129, 0)
    assert way.error_m < 5.0


def test_more_samples_than_are_read_end_a_way_early() -> None:
    samples = [sample(second) for second in range(MAX_SAMPLES + 1)]
    way = tell_way(samples, max_points=2, tolerance_m=0.0, datum="wgs84")
    assert (way.points_read, way.truncated) == (MAX_SAMPLES, True)
    assert way.points[-1].ts == at(8) + timedelta(seconds=MAX_SAMPLES - 1)
    whole = tell_way(samples[1:], max_points=2, tolerance_m=0.0, datum="wgs84")
    assert (whole.points_read, whole.truncated) == (MAX_SAMPLES, False)
