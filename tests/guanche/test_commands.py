"""`migrate`, `status`, `track` and `rejects` on a real database."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from kit import db
from tests.guanche.conftest import Run, SeededFleet, insert_refusal

UNREGISTERED = b'{"ts":"%s","seq":1,"speed_kmh":10}'


def test_migrate_runs_once_and_says_so(run: Run, empty_database_url: str, storage: str) -> None:
    first = run("migrate", GUANCHE_DATABASE_URL=empty_database_url)
    assert first.exit_code == 0, first.output
    assert "ran      0001_registry\n" in first.stdout
    assert {"timescaledb": "TimescaleDB", "postgresql": "plain PostgreSQL"}[storage] in first.stdout
    again = run("migrate")
    assert again.exit_code == 0, again.output
    assert again.stdout.startswith("nothing to run")
    with db.connect(empty_database_url) as conn:
        assert conn.execute("SELECT count(*) FROM telemetry").fetchone() == (0,)


def test_a_database_without_tables_says_what_to_do(run: Run, empty_database_url: str) -> None:
    for arguments in (["status"], ["track", "LGX"], ["rejects", "list"]):
        result = run(*arguments, GUANCHE_DATABASE_URL=empty_database_url)
        assert result.exit_code == 1
        assert "lacks Guanche's tables" in result.stderr
        assert "Run `guanche migrate`." in result.stderr


def test_status_tells_the_fleet(run: Run, seeded: SeededFleet) -> None:
    result = run("status", GUANCHE_DATABASE_URL=seeded.database_url, GUANCHE_HTTP_PORT="1")
    assert result.exit_code == 0, result.output
    assert "1 online of 3 · 1 moving · 0 charging" in result.stdout
    assert "1 vehicle at level 2" in result.stdout
    assert "not running here" in result.stdout


def test_status_as_json(run: Run, seeded: SeededFleet, conn: Connection[Any], storage: str) -> None:
    insert_refusal(conn, raw=b"{", times=3)
    conn.commit()
    result = run(
        "status", "--json", GUANCHE_DATABASE_URL=seeded.database_url, GUANCHE_HTTP_PORT="1"
    )
    document = json.loads(result.stdout)
    assert document["fleet"]["online"] == 1
    assert document["fleet"]["vehicles"] == 3
    assert document["fleet"]["refusals_by_reason"] == {"bad_json": 1}
    assert document["storage"]["kind"] == storage
    assert document["ingest"] is None


def test_watching_status_ends_with_ctrl_c(
    run: Run, seeded: SeededFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def press_ctrl_c(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("kit.clock.sleep", press_ctrl_c)
    result = run("status", "--watch", "--every", "5", GUANCHE_DATABASE_URL=seeded.database_url)
    assert result.exit_code == 0, result.output
    assert looks == [5.0, 5.0]
    assert "1 online of 3" in result.stdout


def test_track_shows_points_and_their_sum(run: Run, seeded: SeededFleet) -> None:
    result = run("track", seeded.roster[0].vin, GUANCHE_DATABASE_URL=seeded.database_url)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("22.55000") == 11
    assert "11 samples, " in result.stdout
    assert "(10 min 00 s)" in result.stdout
    assert "10.00 km over ground, 10.0 km by odometer, at most 60 km/h" in result.stdout
    assert "SOC 80.0 → 79.0 %: 1.0 % used, 0.0 % charged" in result.stdout


def test_track_takes_a_vin_in_any_spelling(run: Run, seeded: SeededFleet) -> None:
    spelled = seeded.roster[0].vin.lower()
    result = run("track", f"{spelled[:8]}-{spelled[8:]}", GUANCHE_DATABASE_URL=seeded.database_url)
    assert "11 samples, " in result.stdout


def test_track_of_a_range_is_half_open(run: Run, seeded: SeededFleet) -> None:
    begin, end = seeded.began_at + timedelta(minutes=2), seeded.began_at + timedelta(minutes=5)
    arguments = ["--from", begin.isoformat(), "--until", end.isoformat(), "--json"]
    vin = seeded.roster[0].vin
    result = run("track", vin, *arguments, GUANCHE_DATABASE_URL=seeded.database_url)
    document = json.loads(result.stdout)
    assert [point["odometer_km"] for point in document["points"]] == [1002, 1003, 1004]
    assert document["summary"]["odometer_km"] == 2
    assert document["complete"] is True


def test_track_says_when_the_limit_cut_it(run: Run, seeded: SeededFleet) -> None:
    vin, url = seeded.roster[0].vin, seeded.database_url
    result = run("track", vin, "--limit", "4", GUANCHE_DATABASE_URL=url)
    assert "4 samples, " in result.stdout
    assert "there are more: --limit 4 was reached" in result.stdout


def test_track_as_csv(run: Run, seeded: SeededFleet) -> None:
    vin, url = seeded.roster[0].vin, seeded.database_url
    rows = list(
        csv.DictReader(io.StringIO(run("track", vin, "--csv", GUANCHE_DATABASE_URL=url).stdout))
    )
    assert len(rows) == 11
    assert rows[0]["ts"] == seeded.began_at.isoformat().replace("+00:00", "Z")
    assert (rows[3]["lat"], rows[3]["odometer_km"], rows[3]["alarm_level"]) == (
        "22.55",
        "1003.0",
        "",
    )


def test_track_as_geojson_puts_longitude_first(run: Run, seeded: SeededFleet) -> None:
    vin, url = seeded.roster[0].vin, seeded.database_url
    feature = json.loads(run("track", vin, "--geojson", GUANCHE_DATABASE_URL=url).stdout)
    assert feature["geometry"]["type"] == "LineString"
    assert feature["geometry"]["coordinates"][0] == [114.05, 22.55]
    assert len(feature["properties"]["times"]) == 11


@pytest.mark.parametrize(
    ("place", "arguments", "advice"),
    [
        pytest.param(0, ["--last", "1min"], "Its latest sample is of", id="heard before"),
        pytest.param(1, [], "This vehicle was never heard.", id="never heard"),
    ],
)
def test_a_track_without_points_says_where_to_look(
    run: Run, seeded: SeededFleet, place: int, arguments: list[str], advice: str
) -> None:
    until = seeded.began_at - timedelta(hours=1)
    vin, url = seeded.roster[place].vin, seeded.database_url
    result = run("track", vin, "--until", until.isoformat(), *arguments, GUANCHE_DATABASE_URL=url)
    assert result.exit_code == 0
    assert "No samples in this range." in result.stdout
    assert advice in result.stdout


def test_an_unknown_vin_is_one_line(run: Run, seeded: SeededFleet) -> None:
    result = run("track", "LNBYGYFJ1SS999999", GUANCHE_DATABASE_URL=seeded.database_url)
    assert result.exit_code == 1
    assert result.stderr == "error no vehicle has the VIN 'LNBYGYFJ1SS999999'\n"


def test_rejects_are_listed_newest_first(
    run: Run, conn: Connection[Any], database_url: str
) -> None:
    now = datetime.now(UTC)
    older = insert_refusal(conn, raw=b"{", received_at=now - timedelta(minutes=5), times=7)
    newer = insert_refusal(conn, raw=b"[", reason="bad_schema", received_at=now)
    conn.commit()
    result = run("rejects", "list", "--json", GUANCHE_DATABASE_URL=database_url)
    assert [(line["id"], line["times"]) for line in json.loads(result.stdout)] == [
        (newer, 1),
        (older, 7),
    ]
    table = run("rejects", "list", "--reason", "bad_json").stdout
    assert "bad_json" in table
    assert "bad_schema" not in table
    assert run("rejects", "list", "--device", "NOBODY").stdout == "None such.\n"


def test_a_refusal_is_shown_with_its_bytes(
    run: Run, conn: Connection[Any], database_url: str
) -> None:
    number = insert_refusal(conn, raw=b'{"vin":"\xff[red]\x00"}', times=2)
    conn.commit()
    result = run("rejects", "show", str(number), GUANCHE_DATABASE_URL=database_url)
    assert result.exit_code == 0, result.output
    assert '{"vin":"\\xff[red]\\x00"}' in result.stdout
    assert "bad_json: for a test" in result.stdout
    assert "2 times" in result.stdout
    document = json.loads(run("rejects", "show", str(number), "--json").stdout)
    assert bytes.fromhex(document["raw_hex"]) == b'{"vin":"\xff[red]\x00"}'


def test_a_refusal_that_does_not_exist(run: Run, database_url: str) -> None:
    result = run("rejects", "show", "4711", GUANCHE_DATABASE_URL=database_url)
    assert (result.exit_code, result.stderr) == (1, "error no refusal 4711\n")


def test_replay_first_dry_then_in_earnest(
    run: Run, seeded: SeededFleet, conn: Connection[Any]
) -> None:
    ts = seeded.began_at.isoformat().encode()
    device = seeded.roster[1].device_id
    insert_refusal(conn, raw=UNREGISTERED % ts, reason="unknown_device", device_serial=device)
    insert_refusal(conn, raw=b"{", device_serial=device)
    conn.commit()
    stored = (
        "SELECT count(*) FROM telemetry t JOIN devices d ON d.id = t.device_id WHERE serial = %s"
    )

    dry = run("rejects", "replay", "--all", "--dry-run", GUANCHE_DATABASE_URL=seeded.database_url)
    assert dry.exit_code == 0, dry.output
    assert "2 tried, 1 would be accepted, 1 new rows" in dry.stdout
    assert "still refused 1: bad_json 1" in dry.stdout
    assert conn.execute(stored, [device]).fetchone() == (0,)
    conn.rollback()

    report = json.loads(run("rejects", "replay", "--device", device, "--json").stdout)
    assert report == {
        "dry_run": False,
        "tried": 2,
        "accepted": 1,
        "stored": 1,
        "refused": {"bad_json": 1},
    }
    assert conn.execute(stored, [device]).fetchone() == (1,)
