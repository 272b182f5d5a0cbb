"""What goes by age, and what stays however old it is."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from psycopg import Connection

from alerts import jobs
from alerts.inbox import service as inbox
from alerts.model import Clearing
from alerts.retention import service
from alerts.retention.service import Kept, deletions
from alerts.rules.service import all_rules
from alerts.scheduling import service as scheduling
from kit import clock
from schemas.access import SYSTEM
from tests.alerts.inbox.conftest import NOON, VIN_B, Land
from tests.alerts.notify.conftest import Office, office, settings

__all__ = ["office"]

Conn = Connection[Any]
KEPT: Final = Kept(alerts_days=100, messages_days=10, refusals_days=5)
TABLES: Final = ("alerts", "alert_fires", "alert_events")


def prune(conn: Conn, now: datetime) -> dict[str, int]:
    """Delete all that is old; how much of each."""
    done: dict[str, int] = {}
    for name, delete in deletions(KEPT, now=now).items():
        number = delete(conn)
        if number:
            done[name] = number
    return done


def left(conn: Conn, *tables: str) -> dict[str, int]:
    counted = {}
    for table in tables:
        row = conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert row is not None
        counted[table] = row[0]
    return counted


def later(days: float) -> datetime:
    return NOON + timedelta(days=days)


class TestAlerts:
    """Of alerts what was settled long ago."""

    def cleared(self, land: Land, because: str | None = None, **said: Any) -> None:
        """One that came and went a minute later."""
        finding = land.finding(**said)
        inbox.apply(land.conn, [finding], [], now=NOON)
        facts = {} if because is None else {"because": because}
        over = Clearing(
            finding.organisation_id,
            finding.rule_code,
            "vehicle",
            finding.subject.id,
            NOON + timedelta(minutes=1),
            finding.occurrence,
            facts,
        )
        inbox.apply(land.conn, [], [over], now=NOON + timedelta(minutes=1))

    def test_it_goes_with_its_fires_and_events(self, conn: Conn) -> None:
        land = Land(conn)
        self.cleared(land)
        inbox.apply(conn, [land.finding(vin=VIN_B, organisation="west")], [], now=NOON)
        assert prune(conn, later(99.9)) == {}
        assert left(conn, *TABLES) == {"alerts": 2, "alert_fires": 2, "alert_events": 1}
        trail = left(conn, "audit_entries")
        assert prune(conn, later(100.1)) == {"alerts": 1}
        assert left(conn, *TABLES) == {"alerts": 1, "alert_fires": 1, "alert_events": 0}
        assert conn.execute("SELECT subject_key, state FROM alerts").fetchall() == [(VIN_B, "open")]
        assert left(conn, "audit_entries") == trail

    def test_what_may_be_told_again_stays(self, conn: Conn) -> None:
        """Called resolved by hand, it holds still: its fires say that it was told."""
        land = Land(conn)
        inbox.apply(conn, [land.finding()], [], now=NOON)
        row = conn.execute("SELECT alert_no FROM alerts").fetchone()
        assert row is not None
        inbox.resolve(conn, SYSTEM, alert_no=row[0], version=1, resolution="known", now=NOON)
        assert prune(conn, later(1_000)) == {}
        assert inbox.apply(conn, [land.finding()], [], now=later(1_000)).repeated == 1
        over = land.clearing(minutes=60 * 24 * 1_000, occurrence="0")
        inbox.apply(conn, [], [over], now=later(1_000))
        assert prune(conn, later(1_099)) == {}
        assert prune(conn, later(1_101)) == {"alerts": 1}

    @pytest.mark.parametrize(
        ("because", "goes"),
        [("settled", True), ("moved", True), ("rule_off", False), ("out_of_scope", False)],
    )
    def test_of_a_rule_that_was_switched_off_nobody_knows(
        self, conn: Conn, because: str, goes: bool
    ) -> None:
        self.cleared(Land(conn), because)
        assert prune(conn, later(1_000)) == ({"alerts": 1} if goes else {})

    def test_what_explains_another_goes_after_it(self, conn: Conn) -> None:
        land = Land(conn)
        self.cleared(land)
        self.cleared(land, rule="low_soc_parked")
        conn.execute(
            "UPDATE alerts SET inhibited_by_id = (SELECT min(id) FROM alerts)"
            " WHERE rule_code = 'low_soc_parked'"
        )
        assert [prune(conn, later(200)), prune(conn, later(200))] == [{"alerts": 1}] * 2
        assert left(conn, "alerts") == {"alerts": 0}

    def test_so_many_at_once_the_oldest_first(
        self, conn: Conn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        land = Land(conn)
        for minute in range(5):
            self.cleared(land, minutes=minute - 10)
        monkeypatch.setattr(service, "PORTION", 2)
        conn.execute("UPDATE alerts SET resolved_at = resolved_at + id * interval '1 day'")
        assert prune(conn, later(1_000)) == {"alerts": 2}
        rows = conn.execute("SELECT occurrence FROM alerts ORDER BY id").fetchall()
        assert [occurrence for (occurrence,) in rows] == ["-8", "-7", "-6"]


class TestMessages:
    """Of messages what is sent or given up, and tells of nothing that lasts."""

    MESSAGES: Final = ("notification_messages", "notification_items", "notification_attempts")

    def test_it_goes_with_its_attempts_once_all_is_over(self, office: Office) -> None:
        office.subscribe(office.channel(), tells_resolved=True)
        tolds = [office.alert(), office.alert()]
        office.tell(*tolds)
        assert len(office.told_after(minutes=1)) == 1
        conn = office.conn
        assert prune(conn, office.wait(days=11)) == {}, "it was not sent"
        conn.execute(
            "UPDATE notification_messages SET state = 'sent', sent_at = created_at, attempts = 1;"
            "INSERT INTO notification_attempts SELECT id, 1, tenant_id, organisation_id,"
            " created_at, created_at, 'sent', NULL FROM notification_messages"
        )
        office.resolve(tolds[0])
        assert prune(conn, office.clock) == {}, "one of the two is open, and its end is to be told"
        assert left(conn, *self.MESSAGES) == dict(zip(self.MESSAGES, (1, 2, 1), strict=True))
        office.resolve(tolds[1])
        assert prune(conn, office.clock) == {"messages": 1}
        assert left(conn, *self.MESSAGES) == dict.fromkeys(self.MESSAGES, 0)
        assert left(conn, "alerts") == {"alerts": 2}

    def test_what_was_dropped_goes_once_it_is_over(self, office: Office) -> None:
        office.subscribe(office.channel())
        told = office.alert()
        office.tell(told)
        office.conn.execute("UPDATE notification_channels SET enabled = false")
        assert office.told_after(minutes=1) == []
        assert prune(office.conn, office.wait(days=11)) == {}
        office.resolve(told)
        assert prune(office.conn, office.clock) == {"items": 1}

    def test_alerts_stay_as_long_as_messages_that_tell_of_them(self, office: Office) -> None:
        office.subscribe(office.channel())
        told = office.alert(cleared_at=office.clock)
        office.tell(told)
        office.told_after(minutes=1)
        office.resolve(told)
        assert prune(office.conn, office.wait(days=200)) == {}
        office.conn.execute("UPDATE notification_messages SET state = 'dead'")
        assert prune(office.conn, office.clock) == {"messages": 1, "alerts": 1}


def test_a_job_deletes_portion_by_portion(conn: Conn, monkeypatch: pytest.MonkeyPatch) -> None:
    land = Land(conn)
    findings = [land.finding(minutes=minute) for minute in range(5)]
    over = [land.clearing(minutes=minute + 0.5, occurrence=f"{minute}") for minute in range(5)]
    inbox.apply(conn, findings, over, now=NOON)
    conn.execute(
        "UPDATE alerts SET resolved_at = now() - interval '400 days',"
        " cleared_at = now() - interval '400 days'"
    )
    for module in (service, jobs):
        monkeypatch.setattr(module, "PORTION", 2)
    turn = scheduling.claim(conn, role="engine", holder="here", lease_s=60)
    conn.commit()
    assert turn is not None
    portions: list[int] = []
    conn.autocommit = True
    context = jobs.Context(
        settings(alert_retention_days=300), turn, all_rules, lambda: portions.append(1)
    )
    done = jobs.PRUNE.run(conn, context, clock.now())
    assert {name: number for name, number in done.items() if number} == {"alerts": 5}
    assert len(portions) == 3 + 3, "three of alerts, one of each other"
    assert left(conn, *TABLES) == dict.fromkeys(TABLES, 0)
