"""`guanche alerts` on a real database."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from rich.cells import cell_len

from alerts.inbox.service import apply
from alerts.notify import service as notify
from alerts.refusals import service as refusals
from alerts.refusals.jobs import apply_all
from alerts.rehearsal.model import Firing, Rehearsal
from alerts.rules.service import set_rule
from alerts.scheduling import service as scheduling
from guanche.commands import alerts_trying as trying
from kit import clock
from kit.sealed import SealingKey, new_key_text
from schemas.access import SYSTEM
from tests.alerts.inbox.conftest import NOON, VIN_A, VIN_B, Land, land
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


def test_how_grave_an_alert_is_can_be_read_without_colours(run: Run, told: Land) -> None:
    wide = run("alerts", "list").stdout
    assert [word for word in ("critical", "warning") if word in wide] == ["critical", "warning"]
    assert "organisation" in wide
    narrow = run("alerts", "list", COLUMNS="80").stdout
    assert "critical" in narrow
    assert "organisation" not in narrow
    assert max(cell_len(line) for line in narrow.splitlines()) <= 80


def test_json_has_no_numbers_of_the_inside(run: Run, told: Land) -> None:
    [alert] = listed(run, "--kind", "towed")
    shown = json.loads(run("alerts", "show", alert["alert_no"], "--json").stdout)
    inside = {"id", "tenant_id", "organisation_id"}
    for found in (alert, shown["alert"], *shown["events"]):
        assert inside.isdisjoint(found)
    assert (alert["alert_no"], alert["organisation_code"]) == (shown["alert"]["alert_no"], "east")


def test_what_cannot_be_asked_for_is_told(run: Run, told: Land) -> None:
    unknown = run("alerts", "list", "--kind", "rent")
    assert unknown.exit_code == 2
    assert "no kind 'rent'; there are alarm_bits," in unknown.stderr
    assert run("alerts", "list", "--severity", "huge").exit_code == 2
    nowhere = run("alerts", "list", "--organisation", "nowhere")
    assert nowhere.exit_code == 1
    assert nowhere.stderr == "error no organisation has the code 'nowhere'\n"
    nobody = run("alerts", "show", "A2611-AAAAAAAA")
    assert nobody.exit_code == 1
    assert "A2611-AAAAAAAA" in nobody.stderr


def test_one_is_shown_and_acknowledged(run: Run, told: Land) -> None:
    [alert] = listed(run, "--kind", "towed")
    done = run("alerts", "ack", alert["alert_no"], "--note", "已派人处理")
    assert (done.exit_code, done.stdout) == (0, "1 acknowledged of 1\n")
    again = run("alerts", "ack", alert["alert_no"])
    assert (again.exit_code, again.stdout) == (0, "0 acknowledged of 1\n")
    assert f"{alert['alert_no']}: it is acknowledged already by guanche alerts (" in again.stderr
    unknown = run("alerts", "ack", "A2611-AAAAAAAA")
    assert (unknown.exit_code, unknown.stdout) == (1, "0 acknowledged of 1\n")
    assert unknown.stderr == "A2611-AAAAAAAA: no alert has this number\n"
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
    assert run("alerts", "status").stdout.startswith("acting  here, process 1\n")


def test_what_could_not_be_taken_is_named(run: Run, told: Land) -> None:
    odd = replace(told.finding(vin=VIN_B, organisation="west"), occurrence="")
    done = apply_all(told.conn, [odd], [], source="telemetry", now=NOON)
    east = told.organisations["east"]
    refusals.refuse_rules(told.conn, {(east, "odd_one"): "no [number]"}, source="sweep", now=NOON)
    told.conn.commit()
    assert done.refused == 1
    shown = run("alerts", "status").stdout
    assert "2 refused" in shown
    assert "odd_one" in shown
    assert "no [number]" in shown
    document = json.loads(run("alerts", "status", "--json").stdout)
    assert document["refused"] == 2
    found = {each["what"]: each for each in document["refusals"]}
    assert (found["rule"]["organisation_code"], found["rule"]["rule_code"]) == ("east", "odd_one")
    finding = found["finding"]
    assert (finding["subject_key"], finding["reason"], finding["times"]) == (VIN_B, "constraint", 1)
    assert finding["matter"]["rule_code"] == "offline"


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
    once = run("alerts", "test-rule", "over_speed", *settings, *given[:-1], **at).stdout
    assert once.startswith("would have fired once in 1 days on 1 of ")
    assert "from, Asia/Shanghai" in once


@pytest.mark.parametrize(
    ("arguments", "told_so"),
    [
        (["nothing"], "no kind 'nothing'"),
        (["over_speed", "--set", "raise_at"], "'raise_at' is not a setting"),
        (["missing.toml"], "missing.toml: "),
        (["over_speed", "--set", "rais_at=9"], "over_speed has no parameter 'rais_at'; it has "),
        (["custom", "--set", "expression=sped_kmh > 3.0"], "did you mean speed_kmh?"),
    ],
    ids=["no kind", "no setting", "no file", "no parameter", "a mistake in an expression"],
)
def test_what_cannot_be_tried_is_told(
    run: Run, told: Land, arguments: list[str], told_so: str
) -> None:
    result = run("alerts", "test-rule", *arguments, "--organisation", "east")
    assert result.exit_code != 0
    assert told_so in result.stderr


def test_a_rule_is_tried_as_it_holds(run: Run, told: Land) -> None:
    """Also one beside those of its kind; what is set on the command line comes on top."""
    given: dict[str, Any] = {"severity": None, "scope": {}, "name": None, "enabled": True}
    for code, kind, parameters in (
        ("motorway", "over_speed", {"raise_at": 120, "clear_below": 110}),
        ("low_soc_parked", None, {"raise_at": 40, "clear_above": 50}),
    ):
        given |= {"code": code, "kind": kind, "parameters": parameters}
        set_rule(told.conn, SYSTEM, organisation="east", version=0, now=NOON, **given)
    told.conn.commit()
    for code, *settings in (["motorway"], ["low_soc_parked", "--set", "raise_at=30"]):
        result = run("alerts", "test-rule", code, "--organisation", "east", *settings)
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith("would have fired 0 times in 7 days on 0 of ")
    tried = ("low_soc_parked", "--organisation", "east", "--set", "clear_above=39")
    low = run("alerts", "test-rule", *tried)
    assert "clear_above must not be below raise_at" in low.stderr, "40, as east has set it"


def test_reminders_to_come_are_told_also_where_there_are_none(run: Run, told: Land) -> None:
    shown = run("alerts", "test-rule", "inspection_due", "--organisation", "east")
    assert shown.stdout == "would remind 0 times in the next 7 days\n"


def test_a_trial_is_json_throughout(storage: str) -> None:
    at = NOON - timedelta(hours=1)
    firing = Firing(1, VIN_A, 2, at, None, 21.6, '{"speed_kmh":21.6}')
    found = Rehearsal("towed", at, NOON, firings=(firing,), per_day={NOON.date(): 3})
    document = json.loads(json.dumps(trying._document(found), default=str))
    assert document["per_day"] == {"2026-11-22": 3}
    assert document["firings"][0]["facts"] == {"speed_kmh": 21.6}


@pytest.mark.parametrize(
    ("filed", "told_so"),
    [
        (("a.json", '{"kind": ["towed"]}'), "no kind ['towed']"),
        (("a.json", '{"kind": "towed", "parameters": [1]}'), "parameters is a table"),
        (("a.json", '{"kind": "towed", "scope": null}'), "scope is a table"),
        (("a.json", '{"kind": "towed", "severity": "bad"}'), "severity is one of info, warning,"),
        (("a.toml", 'kind = "towed"\nparameters.for_s = 2026-01-01'), "not JSON serializable"),
    ],
    ids=["no name of a kind", "a list", "nothing", "no severity", "a date"],
)
def test_a_rule_file_is_looked_over(
    run: Run, told: Land, tmp_path: Path, filed: tuple[str, str], told_so: str
) -> None:
    name, text = filed
    (tmp_path / name).write_text(text)
    result = run("alerts", "test-rule", name, "--organisation", "east")
    assert result.exit_code == 2
    assert told_so in " ".join(result.stderr.split())


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
