"""Makes alerts, silences and an escalation of one organisation, every text with its mark.

The escalation is set for its yard: what it set for itself would be told below it, as it should.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.model import Finding, Links, Subject
from alerts.refusals.service import refuse, refuse_rules
from fleet.identity.service import create_user
from schemas.access import SYSTEM, Actor
from tests.isolation.crawl_world import KEY, LONG_AGO, NOW, Identifiers, Organisation

STORM = 6


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`: `alert`, of `alert_guard`, and five more of its rule; `silence`;
    `alert_refusal`, of a finding, and one of a rule.
    """
    own = replace(
        by, name=f"guard.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    known["alert_guard"] = f"guard.{'spare' if known is one.spare else 'asked'}.{one.mark}"
    create_user(
        conn,
        SYSTEM,
        login=known["alert_guard"],
        name=f"守{one.mark}",
        organisation_code=one.ids["code"],
        roles=["ops"],
        phone=None,
        id_card=None,
        key=KEY,
        now=LONG_AGO,
    )
    one.marks.append(known["alert_guard"])
    found = conn.execute(
        "SELECT id, tenant_id FROM vehicles WHERE vin = %s", [known["vin"]]
    ).fetchone()
    assert found is not None
    findings = [_finding(one, found, known["vin"], no) for no in range(STORM)]
    told = inbox.apply(conn, findings, [], now=NOW).told
    known["alert"] = told[0].alert_no
    one.marks += [each.alert_no for each in told]
    given: dict[str, Any] = {"alert_no": known["alert"], "note": f"注{one.mark}", "now": NOW}
    inbox.assign(conn, own, version=1, assignee=known["alert_guard"], **given)
    inbox.comment(conn, own, **given)
    silence = inbox.silence(
        conn,
        own,
        organisation=one.ids["code"],
        reason=f"静{one.mark}",
        matching=inbox.Matching(vins=(known["vin"],), rules=("over_speed",)),
        until_at=NOW + timedelta(days=30),
        now=NOW,
    )
    known["silence"] = str(silence.key)
    one.marks.append(known["silence"])
    # As the engine keeps it, which is no part of the API.
    refuse_rules(conn, {(one.id, f"r_{one.mark}"): f"因{one.mark}"}, source="telemetry", now=NOW)
    odd, why = _finding(one, found, known["vin"], STORM), f"Odd: 坏{one.mark}"
    refuse(conn, odd, source="telemetry", reason="bad_value", message=why, now=NOW)
    [(known["alert_refusal"],)] = conn.execute(
        "SELECT id FROM alert_refusals WHERE what = 'finding' AND subject_key = %s", [known["vin"]]
    ).fetchall()
    if known is one.ids:
        steps = [inbox.Step("warning", 15, login=known["alert_guard"])]
        inbox.set_escalation(
            conn, own, organisation=known["child"], version=0, steps=steps, now=NOW
        )


def _finding(one: Organisation, vehicle: tuple[int, int], vin: str, no: int) -> Finding:
    vehicle_id, tenant_id = vehicle
    return Finding(
        tenant_id=tenant_id,
        organisation_id=one.id,
        rule_code="over_speed",
        kind="over_speed",
        rule_version=None,
        severity="warning",
        subject=Subject("vehicle", vehicle_id, vin),
        occurrence=f"{no} {one.mark}",
        raised_at=NOW,
        facts={"text": f"告{one.mark}", "speed_kmh": one.odometer_km},
        links=Links(vehicle_id=vehicle_id),
    )
