"""How durations, instants and zones are read and written."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from guanche.commands import output
from kit.errors import Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("15min", timedelta(minutes=15)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        ("250ms", timedelta(milliseconds=250)),
    ],
)
def test_a_length_of_time_is_read(text: str, expected: timedelta) -> None:
    assert output.parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "24", "h", "-1h", "1 fortnight", "24h?", "9" * 400 + "d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="not a length of time"):
        output.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-11-21", datetime(2026, 11, 20, 16, tzinfo=UTC), id="a date, local"),
        pytest.param("2026-11-21T08:30", datetime(2026, 11, 21, 0, 30, tzinfo=UTC), id="no offset"),
        pytest.param("2026-11-21T08:30:00Z", datetime(2026, 11, 21, 8, 30, tzinfo=UTC), id="utc"),
        pytest.param(
            "2026-11-21T08:30+02:00", datetime(2026, 11, 21, 6, 30, tzinfo=UTC), id="an offset"
        ),
    ],
)
def test_an_instant_is_read(text: str, expected: datetime) -> None:
    assert output.parse_instant(text, SHANGHAI) == expected


def test_what_is_no_instant_is_refused() -> None:
    with pytest.raises(Invalid, match="'yesterday' is not a time"):
        output.parse_instant("yesterday", SHANGHAI)


@pytest.mark.parametrize("name", ["Asia/Shenzhen", "", "../etc/passwd", "Asia"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="is not a time zone"):
        output.parse_zone(name)


def test_instants_are_written_in_the_zone() -> None:
    assert (
        output.instant_text(datetime(2026, 11, 20, 16, 0, 1, tzinfo=UTC), SHANGHAI)
        == "2026-11-21 00:00:01"
    )
    assert output.instant_text(None, SHANGHAI) == "–"
