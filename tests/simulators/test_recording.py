"""Which CSV files can be replayed, and how the rest is told what is wrong with it."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kit.errors import Invalid
from simulators.recording import (
    BadRecording,
    Recorded,
    Recording,
    distance_km,
    guess_columns,
    parse_column_map,
    read_recording,
)

T0_US = 1_769_443_022_000_000  # 2026-01-26T15:57:02Z

BUSES = """\
"id","vehicle_id","timestamp","latitude","longitude","bearing","direction"
1,"4716","2026-01-26 15:57:24",53.445026,-2.923543,53,outbound
2,"4716","2026-01-26 15:57:02",53.44451,-2.925173,,outbound
3,"4800","2026-01-26 15:57:02",53.4,-2.9,180,inbound
"""


def recorded(tmp_path: Path, text: str, **wanted: Any) -> Recording:
    path = tmp_path / "tracks.csv"
    path.write_text(text, encoding="utf-8")
    return read_recording(path, **wanted)


def test_a_recording_is_read_in_the_order_of_time(tmp_path: Path) -> None:
    recording = recorded(tmp_path, BUSES, device_prefix="BUS")
    assert recording.rows == [
        Recorded(T0_US, "BUS4716", {"lat": 53.44451, "lon": -2.925173, "seq": 0}),
        Recorded(T0_US, "BUS4800", {"lat": 53.4, "lon": -2.9, "heading_deg": 180.0, "seq": 0}),
        Recorded(
            T0_US + 22_000_000,
            "BUS4716",
            {"lat": 53.445026, "lon": -2.923543, "heading_deg": 53.0, "seq": 0},
        ),
    ]
    assert recording.device_ids == ["BUS4716", "BUS4800"]
    assert (recording.first_us, recording.span_s) == (T0_US, 22.0)
    assert recording.columns == {
        "device": "vehicle_id",
        "ts": "timestamp",
        "lat": "latitude",
        "lon": "longitude",
        "heading_deg": "bearing",
    }


@pytest.mark.parametrize(
    ("text", "expected_us"),
    [
        pytest.param("2026-01-26 15:57:02", T0_US, id="naive, in the default zone"),
        pytest.param("2026-01-26T15:57:02Z", T0_US, id="UTC"),
        pytest.param("2026-01-26T23:57:02+08:00", T0_US, id="with offset"),
        pytest.param("2026-01-26T15:57:02.1239", T0_US + 123_000, id="cut to milliseconds"),
        pytest.param("1769443022", T0_US, id="seconds since 1970"),
        pytest.param("1769443022500", T0_US + 500_000, id="milliseconds since 1970"),
        pytest.param("2026-01-26", T0_US - 57_422_000_000, id="a date"),
    ],
)
def test_times(tmp_path: Path, text: str, expected_us: int) -> None:
    assert recorded(tmp_path, f"device,ts\nA,{text}\n").first_us == expected_us


def test_naive_times_are_read_in_the_given_zone(tmp_path: Path) -> None:
    text = "device,ts\nA,2026-01-26 23:57:02\n"
    assert recorded(tmp_path, text, zone=ZoneInfo("Asia/Shanghai")).first_us == T0_US


def test_rows_of_one_device_and_time_get_numbers(tmp_path: Path) -> None:
    text = "device,ts\nA,1769443022\nA,1769443022\nB,1769443022\nA,1769443023\n"
    rows = recorded(tmp_path, text).rows
    assert [(row.device_id, row.reading["seq"]) for row in rows] == [
        ("A", 0),
        ("A", 1),
        ("B", 0),
        ("A", 0),
    ]


def test_fields_of_every_kind(tmp_path: Path) -> None:
    text = (
        "device,ts,seq,fix,gear,signal_dbm,soc_pct,charge_state\n"
        "A,1769443022,7,FALSE,D,-71,55.5,not_charging\n"
        "A,1769443023,8,1,3,-70.0,,\n"
    )
    assert [row.reading for row in recorded(tmp_path, text).rows] == [
        {
            "seq": 7,
            "fix": False,
            "gear": "D",
            "signal_dbm": -71,
            "soc_pct": 55.5,
            "charge_state": "not_charging",
        },
        {"seq": 8, "fix": True, "gear": "3", "signal_dbm": -70},
    ]


def test_columns_of_any_name_can_be_mapped(tmp_path: Path) -> None:
    text = "who,when,v\nA,1769443022,36\n"
    columns = {"device": "who", "ts": "when", "speed_kmh": "v"}
    assert recorded(tmp_path, text, columns=columns).rows[0].reading == {
        "speed_kmh": 36.0,
        "seq": 0,
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "not a CSV file", id="empty file"),
        pytest.param("device,ts\n", "no rows below the header", id="header alone"),
        pytest.param("device,ts\nA,1769443022,9\n", "not a CSV file", id="a cell too many"),
        pytest.param(
            "imei,when\nA,1\n",
            "which column is ts? Say so, such as ts=NAME; there are imei, when",
            id="time not found",
        ),
        pytest.param("a,b\nA,1\n", "which column is device and which ts?", id="nothing found"),
        pytest.param(
            "device,ts\nA,1769443022\nA,yesterday\n",
            "line 3, column 'ts' (ts): 'yesterday' is not a time",
            id="no time",
        ),
        pytest.param("device,ts\nA,\n", "line 2, column 'ts' (ts): empty", id="time missing"),
        pytest.param(
            "device,ts\n,1769443022\n", "line 2, column 'device' (device): empty", id="no device"
        ),
        pytest.param(
            "device,ts\nA/B,1769443022\n",
            "line 2, column 'device' (device): 'A/B' is not a device id",
            id="device id with a slash",
        ),
        pytest.param(
            "device,ts,latitude,lon\nA,1769443022,91,0\n",
            "line 2, column 'latitude' (lat): '91' is outside -90–90 ° WGS-84",
            id="latitude out of range",
        ),
        pytest.param(
            "device,ts,lat,lon\nA,1769443022,1,x\n",
            "line 2, column 'lon' (lon): 'x' is not a number",
            id="not a number",
        ),
        pytest.param(
            "device,ts,altitude\nA,1769443022,nan\n",
            "line 2, column 'altitude' (altitude_m): 'nan' is outside",
            id="not finite",
        ),
        pytest.param(
            "device,ts,lat,lon\nA,1769443022,1,\n",
            "line 2: latitude and longitude come together",
            id="half a position",
        ),
        pytest.param(
            "device,ts,gear\nA,1769443022,X\n", "(gear): 'X' is none of 1, 10", id="choice"
        ),
        pytest.param("device,ts,fix\nA,1769443022,so\n", "neither true nor false", id="flag"),
        pytest.param(
            "device,ts,alarm_level\nA,1769443022,1.5\n", "is not a whole number", id="fraction"
        ),
        pytest.param("device,ts,seq\nA,1769443022,-1\n", "is not a whole number", id="seq below 0"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadRecording) as error:
        recorded(tmp_path, text)
    assert error.value.message.startswith(str(tmp_path / "tracks.csv"))
    assert problem in error.value.message


def test_a_missing_file_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match=r"gone\.csv: No such file"):
        read_recording(tmp_path / "gone.csv")
    with pytest.raises(BadRecording, match="no column 'y' for lat; there are device, ts"):
        recorded(tmp_path, "device,ts\nA,1769443022\n", columns={"lat": "y"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["IMEI", "Time", "Lat", "Lng"], {"device": "IMEI", "ts": "Time", "lat": "Lat",
                                         "lon": "Lng"}),
        (["vehicle-id", "GPS time"], {"device": "vehicle-id", "ts": "GPS time"}),
        (["course", "Alt"], {"heading_deg": "course", "altitude_m": "Alt"}),
        (["speed", "direction"], {}),
        (["soc_pct", "pack_voltage_v"], {"soc_pct": "soc_pct", "pack_voltage_v": "pack_voltage_v"}),
    ],
)  # fmt: skip
def test_headers_are_guessed(header: list[str], expected: dict[str, str]) -> None:
    assert guess_columns(header) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("lat", "'lat' is not field=column"),
        ("lat=", "'lat=' is not field=column"),
        ("speed=v", "no field 'speed'; there are device, ts, seq, lat"),
        ("", "is not field=column"),
    ],
)
def test_wrong_mappings_are_refused(text: str, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        parse_column_map(text)


def test_speed_is_derived_only_when_wanted(tmp_path: Path) -> None:
    text = (
        "device,ts,lat,lon\n"
        "A,1769443022,22.5,114.0\nB,1769443022,30,120\n"
        "A,1769443052,22.5027,114.0\nA,1769443053,30,114.0\n"
    )
    assert all("speed_kmh" not in row.reading for row in recorded(tmp_path, text).rows)
    derived = recorded(tmp_path, text, derive_speed=True).rows
    # 300 m in 30 s; then a jump of 800 km in a second, which is no speed.
    assert [row.reading.get("speed_kmh") for row in derived] == [None, None, 36.0, None]


def test_distance() -> None:
    shenzhen, shanghai = {"lat": 22.543, "lon": 114.058}, {"lat": 31.230, "lon": 121.474}
    assert distance_km(shenzhen, shanghai) == pytest.approx(1_213, abs=5)
    assert distance_km(shenzhen, shenzhen) == 0.0
