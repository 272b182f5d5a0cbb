"""`ts`, `seq` and `vin`: the forms the contract takes, and those it refuses."""

import pytest

from .builders import read, read_bytes, refuse, refuse_bytes

NEW_YEAR_US = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("ts", "ts_us"),
    [
        pytest.param(1_767_225_600_000, NEW_YEAR_US, id="ms since 1970"),
        pytest.param(1_767_225_600_000.0, NEW_YEAR_US, id="a whole number written as a float"),
        pytest.param(0, 0, id="1970"),
        pytest.param(-1, -1_000, id="before 1970"),
        pytest.param(2**63, 2**63 * 1_000, id="beyond 64 bits"),
        pytest.param("2026-01-01T00:00:00Z", NEW_YEAR_US, id="Z"),
        pytest.param("2026-01-01T00:00:00z", NEW_YEAR_US, id="small z"),
        pytest.param("2026-01-01t00:00:00Z", NEW_YEAR_US, id="small t"),
        pytest.param("2026-01-01T08:00:00+08:00", NEW_YEAR_US, id="Shanghai"),
        pytest.param("2025-12-31T14:30:00-09:30", NEW_YEAR_US, id="half an hour, west"),
        pytest.param("2026-01-01T00:00:00+00:00", NEW_YEAR_US, id="offset zero"),
        pytest.param("2026-01-01T00:00:00.5Z", NEW_YEAR_US + 500_000, id="tenths"),
        pytest.param("2026-01-01T00:00:00.000001Z", NEW_YEAR_US + 1, id="one microsecond"),
        pytest.param("2026-01-01T00:00:00.123456+00:00", NEW_YEAR_US + 123_456, id="microseconds"),
        pytest.param("1969-12-31T23:59:59.999999Z", -1, id="one microsecond before 1970"),
        pytest.param("2024-02-29T00:00:00Z", 1_709_164_800_000_000, id="leap day"),
        pytest.param("9999-12-31T23:59:59-23:59", 253_402_387_139_000_000, id="last instant"),
        pytest.param("0001-01-01T00:00:00+23:59", -62_135_683_140_000_000, id="first instant"),
    ],
)
def test_ts_is_an_instant(ts: object, ts_us: int) -> None:
    assert read(ts=ts).ts_us == ts_us
    assert read(ts=ts, unknown=1).ts_us == ts_us  # the lenient reading says the same


@pytest.mark.parametrize(
    "ts",
    [
        pytest.param(None, id="null"),
        pytest.param(True, id="true"),
        pytest.param(1.5, id="half a millisecond"),
        pytest.param("", id="empty"),
        pytest.param("2026-01-01T00:00:00", id="no offset"),
        pytest.param("2026-01-01", id="a date"),
        pytest.param("2026-02-30T00:00:00Z", id="30 February"),
        pytest.param("2025-02-29T00:00:00Z", id="29 February of a common year"),
        pytest.param("2026-01-01T24:00:00Z", id="hour 24"),
        pytest.param("2026-01-01T00:60:00Z", id="minute 60"),
        pytest.param("2026-01-01T00:00:00+24:00", id="offset of a day"),
        pytest.param("1767225600000", id="digits as a string"),
        pytest.param("yesterday", id="a word"),
        pytest.param(" 2026-01-01T00:00:00Z", id="leading space"),
        pytest.param("20260101T000000Z", id="basic format, not RFC 3339"),
        pytest.param("\ud800", id="half a surrogate pair"),
        pytest.param("2026-01-01T00:00:00Z\0", id="NUL after it"),
        pytest.param(["2026-01-01T00:00:00Z"], id="array"),
        pytest.param({}, id="object"),
    ],
)
def test_ts_is_refused(ts: object) -> None:
    rejection = refuse(ts=ts)
    assert rejection.reason == "bad_schema"
    assert rejection.detail.startswith("ts: ")


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_ts_is_finite(token: str) -> None:
    rejection = refuse_bytes(f'{{"ts":{token}}}'.encode())
    assert (rejection.reason, rejection.detail[:4]) == ("bad_schema", "ts: ")


def test_ts_is_required() -> None:
    assert refuse_bytes(b"{}")[:2] == ("bad_schema", "ts: required")
    assert refuse_bytes(b'{"seq":1,"soc_pct":50}')[:2] == ("bad_schema", "ts: required")


def test_the_last_of_two_ts_counts() -> None:
    assert read_bytes(b'{"ts":1,"ts":2}').ts_us == 2_000
    assert read_bytes(b'{"ts":1,"ts":2,"unknown":1}').ts_us == 2_000


@pytest.mark.parametrize(
    ("seq", "read_as"),
    [
        pytest.param(None, 0, id="null"),
        pytest.param(0, 0, id="zero"),
        pytest.param(7, 7, id="seven"),
        pytest.param(7.0, 7, id="seven as a float"),
        pytest.param(2**63 - 1, 2**63 - 1, id="largest bigint"),
    ],
)
def test_seq(seq: object, read_as: int) -> None:
    assert read(seq=seq).seq == read_as
    assert read(seq=seq, unknown=1).seq == read_as


def test_seq_is_0_unless_said() -> None:
    assert read().seq == 0


@pytest.mark.parametrize(
    "seq",
    [
        pytest.param(-1, id="negative"),
        pytest.param(2**63, id="no bigint"),
        pytest.param(1.5, id="fraction"),
        pytest.param(True, id="true"),
        pytest.param("1", id="string"),
        pytest.param([], id="array"),
    ],
)
def test_seq_is_refused(seq: object) -> None:
    rejection = refuse(seq=seq)
    assert (rejection.reason, rejection.detail[:5]) == ("bad_schema", "seq: ")


@pytest.mark.parametrize(
    ("vin", "read_as"),
    [("LSGPC52U6AF102554", "LSGPC52U6AF102554"), ("", ""), ("车", "车"), (None, None)],
)
def test_vin_is_any_string(vin: str | None, read_as: str | None) -> None:
    assert read(vin=vin).vin == read_as
    assert read(vin=vin, unknown=1).vin == read_as


@pytest.mark.parametrize("vin", [1, True, [], {}], ids=["number", "true", "array", "object"])
def test_vin_is_refused(vin: object) -> None:
    rejection = refuse(vin=vin)
    assert (rejection.reason, rejection.detail[:5]) == ("bad_schema", "vin: ")
