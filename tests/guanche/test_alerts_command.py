"""`guanche alerts` on a real database."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from alerts.inbox.service import apply
from alerts.notify import service as notify
from alerts.scheduling import service as scheduling
from kit import clock
from kit.sealed import SealingKey, new_key_text
from schemas.access import SYSTEM
from tests.alerts.inbox.conftest import NOON, VIN_A, Land, land
from tests.guanche.conftest import Run, SeededFleet

__all__ = ["land"]
Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


@pytest.fixture
def told(run: Run, land: Land, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Land:
    """Two matters of two operators; the settings point here."""
    found = [
        land.finding("towed", severity="critical", facts={"speed_kmh": 21.6}),
        land.finding("over_speed", 5, rule_version=3),
    ]
    apply(land.conn, found, [], now=NOON)
    land.conn.commit()
    monkeypatch.setenv("GUANCHE_DATABASE_URL", database_url)
    return land


def listed(run: Run, *options: str) -> list[dict[str, Any]]:
    result = run("alerts", "list", "--json", *options)
    assert result.exit_code == 0, result.output
    document: list[dict[str, Any]] = json.loads(result.stdout)
    return document


def test_alerts_are_listed_and_filtered(run: Run, told: Land) -> None:
    assert [each["kind"] for each in listed(run)] == ["over_speed", "towed"]
    assert [each["kind"] for each in listed(run, "--severity", "critical")] == ["towed"]
    assert listed(run, "--organisation", "west") == []
    assert [each["kind"] for each in listed(run, "--kind", "towed", "--vehicle", VIN_A)] == [
        "towed"
    ]
    shown = run("alerts", "list", "--limit", "1", "--zone", "UTC").stdout
    assert "Over-speed" in shown
    assert "11-22 12:05" in shown
    assert "there are more than 1" in shown
    nothing = run("alerts", "list", "--organisation", "west")
    assert nothing.stdout.startswith("no alerts")


def test_what_cannot_be_asked_for_is_told(run: Run, told: Land) -> None:
    unknown = run("alerts", "list", "--kind", "rent")
    assert unknown.exit_code == 2
    assert "no kind 'rent'; there are alarm_bits," in unknown.stderr
    assert run("alerts", "list", "--severity", "huge").exit_code == 2
    nobody = run("alerts", "show", "A2611-AAAAAAAA")
    assert nobody.exit_code == 1
    assert "A2611-AAAAAAAA" in nobody.stderr


def test_one_is_shown_and_acknowledged(run: Run, told: Land) -> None:
    [alert] = listed(run, "--kind", "towed")
    done = run("alerts", "ack", alert["alert_no"], "--note", "已派人处理")
    assert (done.exit_code, done.stdout) == (0, "1 acknowledged of 1\n")
    again = run("alerts", "ack", alert["alert_no"])
    assert again.stdout == "0 acknowledged of 1\n"
    shown = run("alerts", "show", alert["alert_no"], "--zone", "UTC").stdout
    assert "speed_kmh                21.6" in shown
    assert "已派人处理" in shown
    document = json.loads(run("alerts", "show", alert["alert_no"], "--json").stdout)
    assert document["alert"]["state"] == "acknowledged"
    assert document["alert"]["acknowledged_by"].startswith("guanche alerts (")


def test_nobody_acts_until_somebody_does(run: Run, told: Land) -> None:
    nobody = run("alerts", "status")
    assert nobody.exit_code == 1
    assert nobody.stdout.startswith("nobody acts")
    scheduling.claim(told.conn, role="engine", holder="here:1:2", lease_s=60)
    scheduling.enter_jobs(told.conn, {"sweep": 300}, now=clock.now())
    told.conn.commit()
    somebody = run("alerts", "status", "--json")
    assert somebody.exit_code == 0
    document = json.loads(somebody.stdout)
    assert (document["acts"], document["leader"]["holder"]) == (True, "here:1:2")
    assert [job["name"] for job in document["jobs"]] == ["sweep"]
    assert "here:1:2" in run("alerts", "status").stdout


def test_rules_say_who_set_them(run: Run, told: Land) -> None:
    rules = json.loads(run("alerts", "rules", "--organisation", "east", "--json").stdout)
    [speed] = [rule for rule in rules if rule["code"] == "over_speed"]
    assert (speed["set_by"], speed["parameters"]["raise_at"]) == (None, 90.0)
    unknown = run("alerts", "rules", "--organisation", "nowhere")
    assert unknown.exit_code == 1
    assert "nowhere" in unknown.stderr


def test_a_rule_is_tried_on_what_was_stored(
    run: Run, seeded: SeededFleet, conn: Conn, tmp_path: Path
) -> None:
    conn.execute(
        "UPDATE telemetry t SET operator_id = p.organisation_id FROM vehicle_operators p"
        " WHERE p.vehicle_id = t.vehicle_id"
    )
    conn.commit()
    given = ("--organisation", "qingfan", "--days", "1", "--json")
    at: dict[str, str] = {"GUANCHE_DATABASE_URL": seeded.database_url}
    settings = ("--set", "raise_at=1", "--set", "clear_below=0.5", "--set", "for_s=0")
    tried = run("alerts", "test-rule", "over_speed", *settings, *given, **at)
    assert tried.exit_code == 0, tried.output
    document = json.loads(tried.stdout)
    assert [each["vin"] for each in document["of_vehicles"]] == [seeded.roster[0].vin]
    rule = tmp_path / "rule.toml"
    rule.write_text('kind = "over_speed"\n[parameters]\nraise_at = 400\nclear_below = 300\n')
    none = json.loads(run("alerts", "test-rule", str(rule), *given, **at).stdout)
    assert (none["count"], none["samples"]) == (0, document["samples"])
    shown = run("alerts", "test-rule", str(rule), *given[:-1], **at).stdout
    assert shown.startswith("would have fired 0 times in 1 days on 0 of ")


@pytest.mark.parametrize(
    ("arguments", "told_so"),
    [
        (["nothing"], "no kind 'nothing'"),
        (["over_speed", "--set", "raise_at"], "'raise_at' is not a setting"),
        (["missing.toml"], "missing.toml: "),
        (["custom", "--set", "expression=sped_kmh > 3.0"], "did you mean speed_kmh?"),
    ],
    ids=["no kind", "no setting", "no file", "a mistake in an expression"],
)
def test_what_cannot_be_tried_is_told(
    run: Run, told: Land, arguments: list[str], told_so: str
) -> None:
    result = run("alerts", "test-rule", *arguments, "--organisation", "east")
    assert result.exit_code != 0
    assert told_so in result.stderr


def test_a_rule_file_names_what_it_may_have(run: Run, told: Land, tmp_path: Path) -> None:
    (tmp_path / "rule.json").write_text('{"kind": "towed", "paramters": {}}')
    result = run("alerts", "test-rule", "rule.json", "--organisation", "east")
    assert "a rule has kind, name, parameters, scope, severity" in result.stderr


def test_a_channel_is_tried(run: Run, told: Land) -> None:
    channel, _ = notify.create_channel(
        told.conn,
        SYSTEM,
        sealing=SealingKey.from_text(new_key_text()),
        organisation="east",
        own=False,
        name="ops",
        kind="email",
        target={"address": "ops@example.com"},
        now=NOON - timedelta(days=1),
    )
    told.conn.commit()
    tried = run("alerts", "test-channel", str(channel.key), "--no-wait")
    assert tried.exit_code == 0, tried.output
    assert tried.stdout.rstrip().endswith("waiting")
    assert run("alerts", "test-channel", "ops").exit_code == 2


def test_the_process_wants_its_key(run: Run, told: Land) -> None:
    result = run("alerts", "run")
    assert result.exit_code == 2
    assert "GUANCHE_SECRET_KEY is not set; `guanche config --new-key` makes one" in result.stderr
