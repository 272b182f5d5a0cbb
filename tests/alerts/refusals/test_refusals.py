"""One finding that cannot be taken stops no other; it is a row, with the reason."""

import random
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors
from psycopg.rows import dict_row

from alerts.inbox import service as inbox
from alerts.model import Clearing, Finding, Links, Subject
from alerts.refusals import service
from alerts.refusals.jobs import apply_all, try_again
from kit import db
from tests.alerts.inbox.conftest import NOON, VIN_A, VIN_B, Land, at

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def raise_for(conn: Conn, *vins: str, state: str = "P0001") -> None:
    """From now on the database takes no alert of these vehicles."""
    listed = ", ".join(f"'{vin}'" for vin in vins)
    conn.execute(
        "CREATE OR REPLACE FUNCTION not_this_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.subject_key IN ({listed}) THEN"
        f" RAISE EXCEPTION 'not %', NEW.subject_key USING ERRCODE = '{state}'; END IF;"
        " RETURN NEW; END $$".encode()
    )
    conn.execute(
        "CREATE OR REPLACE TRIGGER not_this_one BEFORE INSERT ON alerts"
        " FOR EACH ROW EXECUTE FUNCTION not_this_one()"
    )


def taken(conn: Conn) -> list[tuple[str, str, str]]:
    """Subject, occurrence and state of each alert."""
    rows = conn.execute("SELECT subject_key, occurrence, state FROM alerts ORDER BY 1, 2")
    return rows.fetchall()


def refused(conn: Conn) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM alert_refusals ORDER BY id").fetchall()


def numbered(land: Land, number: int) -> Finding:
    """A finding of a vehicle of that number; the inbox asks nothing of the vehicle itself."""
    subject = Subject("vehicle", 10_000 + number, f"VIN{number}")
    return replace(land.finding(), subject=subject, links=Links())


class TestOneOfMany:
    """The faulty one is found."""

    def test_the_others_are_told_and_it_is_a_row(self, land: Land) -> None:
        raise_for(land.conn, "VIN5")
        done = apply_all(
            land.conn, [numbered(land, n) for n in range(9)], [], source="telemetry", now=NOON
        )
        assert (done.applied.raised, done.refused) == (8, 1)
        assert len(done.applied.told) == 8
        assert [key for key, _, _ in taken(land.conn)] == [f"VIN{n}" for n in range(9) if n != 5]
        [row] = refused(land.conn)
        assert (row["what"], row["source"], row["reason"]) == ("finding", "telemetry", "raised")
        assert row["message"] == "RaiseException: not VIN5"
        assert (row["rule_code"], row["subject_key"], row["occurrence"]) == ("offline", "VIN5", "0")
        assert row["organisation_id"] == land.organisations["east"]
        assert row["matter"]["subject"] == {"kind": "vehicle", "id": 10_005, "key": "VIN5"}
        assert (row["times"], row["settled_at"]) == (1, None)

    def test_wherever_they_are(self, land: Land) -> None:
        rng = random.Random(20_261_122)
        bad = {f"VIN{n}" for n in rng.sample(range(16), 3)}
        raise_for(land.conn, *bad)
        findings = [numbered(land, n) for n in range(16)]
        rng.shuffle(findings)
        done = apply_all(land.conn, findings, [], source="sweep", now=NOON)
        assert (done.applied.raised, done.refused) == (13, 3)
        assert {row["subject_key"] for row in refused(land.conn)} == bad

    @pytest.mark.parametrize(
        ("odd", "reason"),
        [
            pytest.param({"links": Links(vehicle_id=999_999)}, "constraint", id="no such vehicle"),
            pytest.param({"facts": {"note": "a\x00b"}}, "bad_value", id="no text of a database"),
            pytest.param({"rule_version": 2**70}, "bad_value", id="too large a number"),
            pytest.param({"organisation_id": 999_999}, "program", id="no such organisation"),
            pytest.param({"facts": {"odd": object()}}, "program", id="no JSON"),
            pytest.param({"occurrence": ""}, "constraint", id="no occurrence"),
        ],
    )
    def test_whatever_is_wrong_with_it(self, land: Land, odd: dict[str, Any], reason: str) -> None:
        faulty = replace(land.finding(vin=VIN_A), **odd)
        well = land.finding(vin=VIN_B, organisation="west")
        done = apply_all(land.conn, [faulty, well], [], source="telemetry", now=NOON)
        assert (done.applied.raised, done.refused) == (1, 1)
        assert taken(land.conn) == [(VIN_B, "0", "open")]
        [row] = refused(land.conn)
        assert row["reason"] == reason
        known = faulty.organisation_id in land.organisations.values()
        assert row["organisation_id"] == (faulty.organisation_id if known else None)

    def test_the_order_of_one_matter_is_kept(self, land: Land) -> None:
        """Found, over, found again; beside one that is faulty."""
        raise_for(land.conn, "VIN7")
        found = [land.finding(minutes=minute) for minute in (0, 10)]
        over = [land.clearing(minutes=5, occurrence="0")]
        done = apply_all(
            land.conn, [numbered(land, 7), *found], over, source="telemetry", now=at(20)
        )
        assert (done.applied.raised, done.applied.cleared, done.refused) == (2, 1, 1)
        assert taken(land.conn) == [(VIN_A, "0", "resolved"), (VIN_A, "10", "open")]

    def test_a_clearing_that_cannot_be_written(self, land: Land) -> None:
        apply_all(land.conn, [land.finding()], [], source="telemetry", now=NOON)
        land.conn.execute(
            "CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'stays'; END $$;"
            "CREATE TRIGGER stays BEFORE UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION stays()"
        )
        well = land.finding(vin=VIN_B, organisation="west")
        done = apply_all(
            land.conn, [well], [land.clearing(occurrence="0")], source="telemetry", now=at(5)
        )
        assert (done.applied.raised, done.refused) == (1, 1)
        [row] = refused(land.conn)
        assert (row["what"], row["occurrence"]) == ("clearing", "0")


class TestNotToBlame:
    """What passes, and what all would fail for, is the caller's."""

    @pytest.mark.parametrize(
        "state",
        [
            pytest.param("40001", id="serialization"),
            pytest.param("40P01", id="dead-lock"),
            pytest.param("55P03", id="lock time-out"),
            pytest.param("57014", id="cancelled"),
            pytest.param("53100", id="disk full"),
            pytest.param("42703", id="a table of another version"),
            pytest.param("42501", id="no right to"),
        ],
    )
    def test_nothing_is_refused(self, land: Land, state: str) -> None:
        raise_for(land.conn, VIN_A, state=state)
        well = land.finding(vin=VIN_B, organisation="west")
        with pytest.raises(psycopg.Error) as told, land.conn.transaction():
            apply_all(land.conn, [land.finding(), well], [], source="telemetry", now=NOON)
        assert told.value.sqlstate == state
        assert (taken(land.conn), refused(land.conn)) == ([], [])

    def test_a_connection_that_is_cut(self, made: Land, database_url: str) -> None:
        with (
            closing(db.connect(database_url)) as cut,
            closing(db.connect(database_url, autocommit=True)) as cutting,
        ):
            cut.execute("SELECT 1")
            cutting.execute("SELECT pg_terminate_backend(%s)", [cut.info.backend_pid])
            with pytest.raises(psycopg.OperationalError):
                apply_all(cut, [made.finding()], [], source="telemetry", now=NOON)
            assert refused(cutting) == []


class TestAgain:
    """The same refused again is one row; what is taken after all is settled."""

    def test_it_is_counted(self, land: Land) -> None:
        raise_for(land.conn, VIN_A)
        for minute in range(3):
            apply_all(land.conn, [land.finding()], [], source="sweep", now=at(minute))
        [row] = refused(land.conn)
        assert (row["times"], row["refused_at"], row["last_refused_at"]) == (3, NOON, at(2))
        assert service.count_open(land.conn) == 1

    def test_it_is_taken_after_all(self, land: Land) -> None:
        raise_for(land.conn, VIN_A)
        apply_all(land.conn, [land.finding()], [], source="telemetry", now=NOON)
        assert try_again(land.conn, now=at(10)) == {"refused": 1}
        land.conn.execute("DROP TRIGGER not_this_one ON alerts")
        assert try_again(land.conn, now=at(20)) == {"taken": 1}
        assert try_again(land.conn, now=at(30)) == {}
        assert taken(land.conn) == [(VIN_A, "0", "open")]
        [row] = refused(land.conn)
        assert (row["times"], row["settled_at"]) == (2, at(20))
        assert service.list_open(land.conn, limit=10) == []
        raised = land.conn.execute("SELECT raised_at, facts FROM alerts").fetchone()
        assert raised == (NOON, {})

    def test_what_is_over_meanwhile_is_not_tried_again(self, land: Land) -> None:
        raise_for(land.conn, VIN_A)
        apply_all(land.conn, [land.finding()], [], source="telemetry", now=NOON)
        apply_all(
            land.conn, [], [land.clearing(minutes=5, occurrence="0")], source="telemetry", now=at(5)
        )
        land.conn.execute("DROP TRIGGER not_this_one ON alerts")
        assert try_again(land.conn, now=at(10)) == {}
        assert taken(land.conn) == []

    def test_what_is_no_finding_any_more_stays(self, land: Land) -> None:
        odd = replace(land.finding(), facts={"odd": object()})
        apply_all(land.conn, [odd], [], source="telemetry", now=NOON)
        assert try_again(land.conn, now=at(10)) == {}
        [kept] = service.list_open(land.conn, limit=10)
        assert (kept.organisation_code, kept.subject_key, kept.times) == ("east", VIN_A, 1)
        assert kept.matter["written"].startswith("Finding(tenant_id=")


def test_rules_are_kept_until_they_are_well(land: Land) -> None:
    east, west = land.organisations["east"], land.organisations["west"]
    faults = {(east, "odd"): "no number", (west, "odd"): "no number"}
    for minute in (0, 1):
        service.refuse_rules(land.conn, faults, source="telemetry", now=at(minute))
    rows = [
        (row["what"], row["rule_code"], row["message"], row["times"]) for row in refused(land.conn)
    ]
    assert rows == [("rule", "odd", "no number", 2)] * 2
    assert service.settle_rules(land.conn, "sweep", [], now=at(2)) == 0
    assert service.settle_rules(land.conn, "telemetry", [(west, "odd")], now=at(2)) == 1
    assert [each.organisation_code for each in service.list_open(land.conn, limit=9)] == ["west"]


def test_old_ones_go(land: Land) -> None:
    raise_for(land.conn, VIN_A, VIN_B)
    findings = [land.finding(), land.finding(vin=VIN_B, organisation="west")]
    for place, finding in enumerate(findings):
        now = NOON + timedelta(days=place)
        apply_all(land.conn, [finding], [], source="sweep", now=now)
    before = NOON + timedelta(hours=1)
    assert service.delete_old(land.conn, before=before, most=10) == 1
    assert [row["subject_key"] for row in refused(land.conn)] == [VIN_B]


def test_without_the_savepoints_one_stops_all(land: Land) -> None:
    """What it is for: the inbox itself takes all or nothing."""
    raise_for(land.conn, VIN_A)
    findings = [land.finding(), land.finding(vin=VIN_B, organisation="west")]
    nothing: list[Clearing] = []
    with pytest.raises(errors.RaiseException), land.conn.transaction():
        inbox.apply(land.conn, findings, nothing, now=NOON)
