"""Records written straight into the tables, and sweeps on a clock of the test's own.

head ─ east ─ yard      in Shanghai; the vehicles are head's
     └ west
ny                      another tenant, in New York, with summer time
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from alerts.obligations.service import Swept, sweep
from alerts.rules.book import RuleBook
from alerts.rules.service import all_rules
from fleet.orgs.service import create_organisation
from schemas.access import SYSTEM

VIN: Final = "LSGPC52U6AF102554"
OTHER_VIN: Final = "LDC613P23A1305189"
NY_VIN: Final = "LNBYGYFJ1SS000001"
LONG_AGO: Final = datetime(2024, 1, 1, tzinfo=UTC)
Fired = tuple[str, str]


def day(text: str) -> date:
    """A day of 2026, "11-21", or of any year."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def at(text: str, hour: int = 9, zone: str = "Asia/Shanghai") -> datetime:
    """An hour of that day, nine in the morning unless said."""
    on = day(text)
    return datetime(on.year, on.month, on.day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


class World:
    """Writes what fleet would have written, sweeps, and says what fired."""

    def __init__(self, conn: Connection[Any]) -> None:
        self.conn = conn
        self.numbered = 0
        for code, parent in (
            ("head", None), ("east", "head"), ("yard", "east"), ("west", "head"), ("ny", None),
        ):  # fmt: skip
            create_organisation(
                conn, SYSTEM, code=code, name=code, parent_code=parent, now=LONG_AGO
            )
        conn.execute("UPDATE organisations SET time_zone = 'America/New_York' WHERE code = 'ny'")
        self.organisations = dict(conn.execute("SELECT code, id FROM organisations").fetchall())
        self.vehicles: dict[str, int] = {}
        for vin, owner, operator in (
            (VIN, "head", "east"), (OTHER_VIN, "head", "west"), (NY_VIN, "ny", "ny"),
        ):  # fmt: skip
            self.vehicle(vin, owner, operator)

    # Records

    def insert(self, table: str, **row: Any) -> int:
        """One row; its id, where it has one."""
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING *").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        )
        found = self.conn.execute(query, row).fetchone()
        assert found is not None
        return int(found[0]) if isinstance(found[0], int) else 0

    def of(self, code: str) -> dict[str, int]:
        """Whose a row is."""
        tenant = "ny" if code == "ny" else "head"
        return {
            "tenant_id": self.organisations[tenant],
            "organisation_id": self.organisations[code],
        }

    def number(self, letter: str) -> str:
        """Another number as people call things, "L2601-AAAAAB"."""
        self.numbered += 1
        return f"{letter}2601-" + f"{self.numbered:06d}".translate(
            str.maketrans("0123456789", "ABCDEFGHJK")
        )

    def vehicle(self, vin: str, owner: str, operator: str, *, model: str = "EC35") -> int:
        tenant = self.of(owner)["tenant_id"]
        vehicle_id = self.insert(
            "vehicles", tenant_id=tenant, owner_id=self.organisations[owner], vin=vin, model=model
        )
        self.insert(
            "vehicle_operators",
            tenant_id=tenant,
            vehicle_id=vehicle_id,
            organisation_id=self.organisations[operator],
            operated_period=f"[{LONG_AGO.isoformat()},)",
        )
        self.vehicles[vin] = vehicle_id
        return vehicle_id

    def hand_to(self, operator: str, when: datetime, vin: str = VIN) -> None:
        """From then on another organisation operates the vehicle."""
        row = {"vehicle_id": self.vehicles[vin], "at": when}
        self.conn.execute(
            "UPDATE vehicle_operators SET operated_period = tstzrange(lower(operated_period),"
            " %(at)s) WHERE vehicle_id = %(vehicle_id)s AND upper_inf(operated_period)",
            row,
        )
        self.insert(
            "vehicle_operators",
            **self.of(operator),
            vehicle_id=self.vehicles[vin],
            operated_period=f"[{when.isoformat()},)",
        )

    def paper(
        self,
        kind: str,
        due_on: date | None,
        *,
        vin: str = VIN,
        known_at: datetime = LONG_AGO,
        reference: str = "",
        tenant: str = "head",
        **given: Any,
    ) -> None:
        """What falls due of the vehicle by its records, as compliance and maintenance keep it."""
        row = {
            "tenant_id": self.organisations[tenant],
            "vehicle_id": self.vehicles[vin],
            "kind": kind,
            "reference": reference,
            "is_open": True,
            "due_on": due_on,
            "facts": Jsonb(given.pop("facts", {})),
            "refreshed_at": known_at,
        } | given
        self.conn.execute(
            "DELETE FROM obligations WHERE vehicle_id = %(vehicle_id)s AND kind = %(kind)s"
            " AND reference = %(reference)s",
            row,
        )
        self.insert("obligations", **row)

    def withdraw_paper(self, kind: str, vin: str = VIN) -> None:
        """It falls due no longer."""
        self.conn.execute(
            "UPDATE obligations SET is_open = false WHERE vehicle_id = %s AND kind = %s",
            [self.vehicles[vin], kind],
        )

    def insured(self, from_at: datetime, until_at: datetime, vin: str = VIN) -> None:
        """A compulsory policy covers [from, until)."""
        self.numbered += 1
        self.insert(
            "insurance_policies",
            **self.of("east"),
            vehicle_id=self.vehicles[vin],
            kind="compulsory",
            policy_no=f"P{self.numbered}",
            insurer="人保",
            covered_period=f"[{from_at.isoformat()},{until_at.isoformat()})",
            recorded_by="lin",
            recorded_at=LONG_AGO,
        )

    def stage(self, stage: str, since_at: datetime, vin: str = VIN) -> None:
        """How the vehicle is used."""
        self.insert(
            "vehicle_stages",
            **self.of("east"),
            vehicle_id=self.vehicles[vin],
            stage=stage,
            staged_period=f"[{since_at.isoformat()},)",
            changed_by="lin",
        )

    def heard(self, ts: datetime, vin: str = VIN, **readings: Any) -> None:
        """What its terminal said last."""
        self.conn.execute("DELETE FROM vehicle_state WHERE vehicle_id = %s", [self.vehicles[vin]])
        self.insert("vehicle_state", vehicle_id=self.vehicles[vin], ts=ts, **readings)

    def read(self, when: datetime, km: float, vin: str = VIN, hours: float | None = None) -> None:
        """Somebody read the odometer."""
        self.insert(
            "odometer_readings",
            **self.of("east"),
            vehicle_id=self.vehicles[vin],
            read_at=when,
            odometer_km=km,
            running_hours=hours,
            source="hand",
            recorded_by="lin",
        )

    def customer(self, code: str = "east") -> int:
        return self.insert(
            "customers",
            **self.of(code),
            customer_no=self.number("C"),
            kind="company",
            name="客户",
            created_by="lin",
            created_at=LONG_AGO,
        )

    def lease(
        self,
        ends_on: date | None,
        *,
        code: str = "east",
        starts_on: date = date(2026, 1, 31),
        state: str = "active",
        out: Sequence[str] = (VIN,),
        out_at: datetime | None = None,
        **given: Any,
    ) -> int:
        """A lease with its vehicles out."""
        began_at = at(starts_on.isoformat(), 0)
        lease_id = self.insert(
            "leases",
            **self.of(code),
            lease_no=self.number("L"),
            customer_id=self.customer(code),
            kind="long",
            state=state,
            terms=Jsonb(given.pop("terms", {"lines": []})),
            starts_on=starts_on,
            ends_on=ends_on,
            signed_at=began_at,
            started_at=began_at,
            created_by="lin",
            created_at=LONG_AGO,
            **given,
        )
        for line_no, vin in enumerate(out, 1):
            self.insert(
                "lease_segments",
                **self.of(code),
                lease_id=lease_id,
                line_no=line_no,
                vehicle_id=self.vehicles[vin],
                let_period=f"[{(out_at or began_at).isoformat()},)",
                from_event_no=1,
            )
        return lease_id

    def come_back(self, lease_id: int, when: datetime) -> None:
        """Its vehicles were returned."""
        self.conn.execute(
            "UPDATE lease_segments SET let_period = tstzrange(lower(let_period), %s)"
            " WHERE lease_id = %s",
            [when, lease_id],
        )

    def bill(
        self,
        due_on: date,
        *,
        kind: str = "rent",
        code: str = "east",
        issued_on: date | None = None,
        fen: int = 300_000,
    ) -> int:
        """An issued bill, all of it open."""
        self.numbered += 1
        issued = issued_on or due_on - timedelta(days=20)
        mine = self.of(code) | {"customer_id": self.customer(code)}
        bill_id = self.insert(
            "bills",
            **mine,
            kind=kind,
            purpose=f"{kind}:{self.numbered}",
            state="issued",
            bill_no=f"B2026-{mine['organisation_id']}-{self.numbered:06d}",
            due_on=due_on,
            issue_on=issued,
            issued_on=issued,
            issued_at=LONG_AGO,
            issued_by="lin",
            total_fen=fen,
            vat_fen=0,
            principal_fen=fen,
            interest_fen=0,
            cost_fen=0,
            snapshot=Jsonb({}),
            snapshot_sha256=bytes(32),
            lines_sha256=bytes(32),
            drafted_by="lin",
            drafted_at=LONG_AGO,
        )
        self.insert(
            "bill_balances",
            **mine,
            bill_id=bill_id,
            due_on=due_on,
            open_principal_fen=fen,
            open_interest_fen=0,
            open_cost_fen=0,
            vat_due_on=due_on,
        )
        return bill_id

    def paid(self, bill_id: int, on: date | None) -> None:
        """All of it is paid; None: the payment bounced."""
        self.conn.execute(
            "UPDATE bill_balances x SET settled_on = %(on)s, open_principal_fen ="
            " CASE WHEN %(on)s::date IS NULL THEN b.principal_fen ELSE 0 END"
            " FROM bills b WHERE b.id = x.bill_id AND b.id = %(bill_id)s",
            {"on": on, "bill_id": bill_id},
        )

    def rule(self, kind: str, code: str = "head", **given: Any) -> None:
        """What an organisation sets of a rule, the newest counts."""
        shipped = next(r for r in self.book().enabled(kind))
        parameters = shipped.parameters.model_dump(mode="json") | given.pop("parameters", {})
        row: dict[str, Any] = {
            **self.of(code),
            "code": kind,
            "kind": kind,
            "enabled": True,
            "severity": shipped.severity,
            "parameters": Jsonb(parameters),
            "scope": Jsonb(given.pop("scope", {})),
            "changed_by": "lin",
            "changed_at": LONG_AGO,
            "version": 1,
        } | given
        self.conn.execute(
            "DELETE FROM alert_rules"
            " WHERE organisation_id = %(organisation_id)s AND code = %(code)s",
            row,
        )
        self.insert("alert_rules", **row)

    # Sweeps

    def book(self) -> RuleBook:
        return all_rules(self.conn)

    def sweep(self, now: datetime) -> Swept:
        return sweep(self.conn, self.book(), now=now)

    def fires(self) -> list[str]:
        """All reminders ever, in the order they were written: rule and name."""
        rows = self.conn.execute(
            "SELECT f.rule_code || ' ' || k.fire_key"
            " || CASE WHEN k.fire_key <> f.fire_key THEN ' (missed)' ELSE '' END"
            " FROM alert_fires f"
            " CROSS JOIN unnest(missed_keys || f.fire_key) WITH ORDINALITY AS k (fire_key, place)"
            " ORDER BY f.id, k.place"
        ).fetchall()
        return [name for (name,) in rows]

    def told(self, now: datetime) -> list[str]:
        """What a sweep tells, without what it only catches up."""
        before = len(self.fires())
        self.sweep(now)
        return [each for each in self.fires()[before:] if not each.endswith("(missed)")]

    def alerts(self) -> list[tuple[str, str, str, str]]:
        """Organisation, occurrence, severity and state of all alerts, the first first."""
        return [
            (str(code), str(occurrence), str(severity), str(state))
            for code, occurrence, severity, state in self.conn.execute(
                "SELECT o.code, a.occurrence, a.severity, a.state FROM alerts a"
                " JOIN organisations o ON o.id = a.organisation_id ORDER BY a.id"
            ).fetchall()
        ]

    def facts(self) -> dict[str, Any]:
        """What the newest alert says, without the sweep's own note."""
        [(facts,)] = self.conn.execute(
            "SELECT facts - 'told' FROM alerts ORDER BY id DESC LIMIT 1"
        ).fetchall()
        return dict(facts)

    def because(self) -> list[tuple[str, str | None]]:
        """Why alerts ended, and which day something is due now."""
        return [
            (str(why), None if then is None else str(then))
            for why, then in self.conn.execute(
                "SELECT facts ->> 'because', facts ->> 'now_due_on' FROM alert_events"
                " WHERE kind = 'cleared' ORDER BY id"
            ).fetchall()
        ]


def days_told(world: World, days: Sequence[str], hour: int = 9) -> dict[str, list[str]]:
    """What a sweep tells on each of these days, those without anything left out."""
    told = {each: world.told(at(each, hour)) for each in days}
    return {each: names for each, names in told.items() if names}


__all__ = ["NY_VIN", "OTHER_VIN", "VIN", "World", "at", "day", "days_told"]
