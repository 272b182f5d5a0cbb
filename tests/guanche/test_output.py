"""How durations, instants and zones are read and written."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO, TextIOWrapper
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from guanche.cli import app
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


def test_a_pipe_gets_a_row_as_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    table = output.table("log-in", "organisation", wrapped=("log-in", "organisation"))
    table.add_row("a" * 70, "青帆" * 30)
    output.out().print(table)
    assert f"{'a' * 70}  {'青帆' * 30}" in capsys.readouterr().out


def test_a_width_that_was_asked_for_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert output.out().width == 80


def test_columns_that_are_not_wrapped_stay_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    table = output.table("VIN", "detail", wrapped=("detail",))
    table.add_row("LNBYGYFJ1SS000001", "出租车辆" * 4)
    output.out().print(table)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == " LNBYGYFJ1SS000001  出租车辆  "
    assert {cell_len(line) for line in lines} == {30}


def test_a_terminal_without_the_character_gets_a_question_mark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    result = CliRunner(charset="ascii").invoke(app, ["config"], prog_name="guanche")
    assert result.exit_code == 0, result.output
    assert "GUANCHE_MQTT_CA_FILE" in result.stdout
    assert "?" in result.stdout


def test_json_loses_no_character_in_a_poor_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    poor = TextIOWrapper(BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", poor)
    output.write_json({"name": "青帆"})
    poor.flush()
    assert json.loads(poor.buffer.getvalue()) == {"name": "青帆"}
