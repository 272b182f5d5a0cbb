"""Makes papers and what falls due of one organisation, every text with its mark."""

from dataclasses import replace
from datetime import date
from typing import Any

from psycopg import Connection

from fleet.compliance import service as compliance
from schemas.access import Actor
from tests.isolation.crawl_world import LONG_AGO, Identifiers, Organisation

ON = date(2025, 3, 3)


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """Beside the vehicles in `known`, which `owner` owns and `one` operates; `by` may do all.

    Called twice for each organisation: for what others ask about, and for its own changes. What it
    makes is named in `known`, and every text that must not leak in `one.marks`.
    """
    own = replace(  # who wrote it down stands on what goes with a vehicle
        by, name=f"papers.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    _papers(conn, one, known, by=own)
    _numbered(conn, one, known, by=own)


def _papers(conn: Connection[Any], one: Organisation, known: Identifiers, *, by: Actor) -> None:
    """A licence, an inspection and a battery test."""
    vin, mark = known["vin"], one.mark
    compliance.put_licence(
        conn,
        by,
        vin=vin,
        licence=compliance.Licence(
            f"货车{mark}", "营运", date(2019, 5, 10), motor_no=f"电机{mark}", version=0
        ),
        now=LONG_AGO,
    )
    inspection = compliance.Inspection(
        "line", ON, passed=True, valid_to_on=date(2026, 5, 31), place=f"站{mark}", note=f"注{mark}"
    )
    compliance.record_inspection(
        conn, by, vin=vin, inspection=inspection, cost_fen=7_700_000 + one.number, now=LONG_AGO
    )
    test = compliance.BatteryTest(ON, "normal", place=f"测{mark}")
    compliance.record_battery_test(conn, by, vin=vin, test=test, now=LONG_AGO)


def _numbered(conn: Connection[Any], one: Organisation, known: Identifiers, *, by: Actor) -> None:
    """A policy and a permit."""
    mark = one.mark
    place = "ids" if known is one.ids else "spare"
    known["policy_no"], known["permit_no"] = f"P-{mark}-{place}", f"R-{mark}-{place}"
    compliance.record_policy(
        conn,
        by,
        vin=known["vin"],
        kind="compulsory",
        policy_no=known["policy_no"],
        terms=compliance.PolicyTerms(
            insurer=f"险{mark}",
            covered_from=ON,
            covered_until=date(2199, 3, 2),
            covers=(compliance.InsuredSum(f"车损{mark}", 1),),
        ),
        premium_fen=8_800_000 + one.number,
        now=LONG_AGO,
    )
    compliance.record_permit(
        conn,
        by,
        vin=known["vin"],
        permit=compliance.Permit(known["permit_no"], f"持{mark}", ON),
        now=LONG_AGO,
    )
