"""Does what a story says, through the services, and tells what came of it in lines of text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fleet.hand_overs import service as hand_overs
from fleet.leasing import service as leasing
from fleet.leasing.terms import Terms
from fleet.lives import service as lives
from fleet.registry import service as registry
from fleet.violations import service as violations
from ingest.storage import open_storage
from kit.errors import DomainError
from schemas.access import SYSTEM
from tests.scenarios import money, money_told, telling, watching
from tests.scenarios.story import ZONE, Act
from tests.scenarios.world import World

NUMBER: Final = re.compile(r"\b([A-Z])[0-9]{4}-[0-9A-Z]{6}\b")
COUNTED: Final = re.compile(r"(?<![0-9A-Za-z])([BN][0-9]{4})-[0-9]+-([0-9]{6})(?![0-9A-Za-z])")
"""Of a bill or credit note; the number of its organisation is chance."""
Doing = Callable[[World, Act, dict[str, Any]], list[str]]


def do(world: World, act: Act) -> list[str]:
    """What came of an act; a refusal changes nothing, and is told with its code and rule."""
    facts = dict(act.facts)
    title = facts.pop("title", None)
    try:
        with world.conn.transaction():
            told = DOINGS[act.do](world, act, facts)
    except DomainError as refusal:
        told = telling.refusal(refusal)
        facts.clear()
    assert not facts, f"{act.do} at {act.at}: nobody asked for {sorted(facts)}"
    return [telling.heading(act, title), "", *(named(world, line) for line in told), ""]


def named(world: World, line: str) -> str:
    """By the names of the story: plates for VINs, A and B for leases. Other numbers are chance."""
    for vin, plate in world.plates.items():
        line = line.replace(vin, plate)
    for name, lease_no in world.leases.items():
        line = line.replace(lease_no, f"lease {name}")
    for name, payment_no in world.payments.items():
        line = line.replace(payment_no, f"R({name})")
    return COUNTED.sub(r"\1-\2", NUMBER.sub(r"\1…", line))


def _sign(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """Draft and sign; the lines name vehicles by their plates."""
    terms = terms_of(world, facts.pop("terms"))
    customer_no = world.customer_nos[facts.pop("customer")]
    somebody = world.somebody(act.by)
    made = leasing.draft_lease(
        world.conn, somebody, customer_no=customer_no, terms=terms, now=act.now
    )
    lease_no = made.lease.lease_no
    if facts.pop("approved", False):
        leasing.request_approval(world.conn, somebody, lease_no=lease_no, now=act.now)
        other = replace(world.somebody("manager"), name="another.manager")
        leasing.decide_approval(
            world.conn, other, lease_no=lease_no, approve=True, note=None, now=act.now
        )
    signed = leasing.sign_lease(world.conn, somebody, lease_no=lease_no, now=act.now)
    world.leases[act.lease] = lease_no
    return telling.signed(signed, in_full=facts.pop("cautions_in_full", False))


def _hand_out(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    plate = facts.pop("vehicle")
    reason = facts.pop("override", None)
    key = hand_overs.hand_out(
        world.conn,
        world.somebody(act.by),
        lease_no=world.leases[act.lease],
        line_no=facts.pop("line", 1),
        vin=world.vins[plate],
        starts_on=facts.pop("starts_on", None),
        override=None if reason is None else hand_overs.Override(reason),
        record=record_of(world, facts),
        now=act.now,
    )
    return telling.handed(world, key, act)


def _swap(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    work = facts.pop("work", None)
    back, out = facts.pop("back", {}), facts.pop("out", {})
    keys = hand_overs.swap(
        world.conn,
        world.somebody(act.by),
        lease_no=world.leases[act.lease],
        line_no=facts.pop("line", 1),
        vin=world.vins[facts.pop("vehicle")],
        back=record_of(world, back),
        out=record_of(world, out),
        reason=facts.pop("reason"),
        work=None if work is None else hand_overs.NewWork("repair", work),
        now=act.now,
    )
    return [line for key in keys for line in telling.handed(world, key, act)]


def _take_back(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    work = facts.pop("work", None)
    key = hand_overs.take_back(
        world.conn,
        world.somebody(act.by),
        lease_no=world.leases[act.lease],
        line_no=facts.pop("line", 1),
        record=record_of(world, facts),
        work=None if work is None else hand_overs.NewWork("repair", work),
        now=act.now,
    )
    return telling.handed(world, key, act)


def _amend(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """The terms as they are, with what is said to be other."""
    lease_no = world.leases[act.lease]
    lease = leasing.get_lease(world.conn, SYSTEM, lease_no=lease_no)
    present = lease.terms.model_dump(mode="json")
    changed = facts.pop("terms", {})
    lines = changed.pop("lines", [])
    for line in lines:
        [was] = [each for each in present["lines"] if each["no"] == line["no"]]
        was.update(line)
    detail = leasing.amend_lease(
        world.conn,
        world.somebody(act.by),
        lease_no=lease_no,
        effective_on=facts.pop("effective_on"),
        terms=Terms.model_validate(present | changed),
        reason=facts.pop("reason"),
        now=act.now,
    )
    return telling.standing(detail)


def _changing(name: str, *asked: str, **usual: Any) -> Doing:
    """An act of `leasing` that takes these facts."""

    def doing(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
        given = usual | {each: facts.pop(each) for each in asked if each in facts}
        done = getattr(leasing, name)(
            world.conn,
            world.somebody(act.by),
            lease_no=world.leases[act.lease],
            **given,
            now=act.now,
        )
        return telling.standing(done)

    return doing


def _terminate(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """`by_party` ends it; who writes it down is `by`."""
    done = leasing.terminate_lease(
        world.conn,
        world.somebody(act.by),
        lease_no=world.leases[act.lease],
        by=facts.pop("by_party"),
        clause=facts.pop("clause", None),
        reason=facts.pop("reason"),
        now=act.now,
    )
    return telling.standing(done)


def _violation(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    entry = violations.NewViolation(
        violation_no=facts.pop("number"),
        vin=world.vins[facts.pop("vehicle")],
        occurred_at=instant(facts.pop("occurred_at")),
        description=facts.pop("description"),
        fine_fen=facts.pop("fine_fen", None),
        points=facts.pop("points", None),
        noticed_on=facts.pop("noticed_on", None),
    )
    done = violations.record_violations(
        world.conn, world.somebody(act.by), entries=[entry], now=act.now
    )
    return [telling.violation(world, one) for one in done.violations]


def _send(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """What a vehicle sends, as ingest writes it."""
    vehicle = registry.get_vehicle(world.conn, SYSTEM, vin=world.vins[facts.pop("vehicle")])
    open_storage(world.conn, chunk_hours=24).ensure(world.conn, act.now)
    row = {
        "vehicle_id": vehicle.id,
        "operator_id": vehicle.holder_id,
        "ts": act.now,
        "odometer_km": facts.pop("odometer_km"),
        "speed_kmh": facts.pop("speed_kmh", 0),
    }
    world.conn.execute(
        "INSERT INTO devices (serial, owner_id, tenant_id) VALUES ('T1', %(operator_id)s,"
        " %(operator_id)s) ON CONFLICT DO NOTHING",
        row,
    )
    world.conn.execute(
        "INSERT INTO telemetry (vehicle_id, device_id, operator_id, ts, seq, received_at,"
        " odometer_km, speed_kmh) SELECT %(vehicle_id)s, min(id), %(operator_id)s, %(ts)s, 1,"
        " %(ts)s, %(odometer_km)s, %(speed_kmh)s FROM devices",
        row,
    )
    world.conn.execute(
        "INSERT INTO vehicle_state (vehicle_id, operator_id, ts, received_at, online,"
        " last_heard_at, odometer_km, speed_kmh) VALUES (%(vehicle_id)s, %(operator_id)s, %(ts)s,"
        " %(ts)s, true, %(ts)s, %(odometer_km)s, %(speed_kmh)s) ON CONFLICT (vehicle_id) DO UPDATE"
        " SET ts = excluded.ts, odometer_km = excluded.odometer_km,"
        " speed_kmh = excluded.speed_kmh, last_heard_at = excluded.last_heard_at",
        row,
    )
    lives.note_odometers(world.conn, now=act.now)  # as every night
    return [f"- odometer {row['odometer_km']} km, {row['speed_kmh']} km/h"]


def _show(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """What the book and what hangs on it say."""
    told: list[str] = []
    shown, asks = {**telling.SHOWN, **money_told.SHOWN}, {**telling.ASKS, **money_told.ASKS}
    asked: set[str] = set()
    for what in facts.pop("what"):
        if told and what in money_told.SHOWN:
            told.append("")
        mine = {name: facts[name] for name in asks.get(what, ()) if name in facts}
        told += shown[what](world, act, **mine)
        asked |= mine.keys()
    for name in asked:
        del facts[name]
    return told


DOINGS: Final[Mapping[str, Doing]] = {
    "sign": _sign,
    "hand_out": _hand_out,
    "swap": _swap,
    "take_back": _take_back,
    "amend": _amend,
    "extend": _changing("extend_lease", "ends_on", "reason", ends_on=None),
    "suspend": _changing("suspend_lease", "from_on", "line_no", "credited", "reason"),
    "resume": _changing("resume_lease", "on", "line_no"),
    "terminate": _terminate,
    "buy_out": _changing("buy_out"),
    "cancel": _changing("cancel_lease", "reason"),
    "violation": _violation,
    "send": _send,
    "show": _show,
    **money.DOINGS,
    **watching.DOINGS,
}


def terms_of(world: World, told: Mapping[str, Any]) -> Terms:
    """Terms whose lines name vehicles by their plates."""
    lines = [
        {name: part for name, part in line.items() if name != "vehicle"}
        | ({"vin": world.vins[line["vehicle"]]} if "vehicle" in line else {})
        for line in told["lines"]
    ]
    return Terms.model_validate({**told, "lines": lines})


def record_of(world: World, facts: dict[str, Any]) -> hand_overs.Record:
    """What is written down when a vehicle changes hands; takes from `facts` what it knows."""
    handed_at = facts.pop("handed_at", None)
    driver = facts.pop("driver", None)
    findings = [hand_overs.Finding(**finding) for finding in facts.pop("findings", ())]
    odometer_km, soc_pct = facts.pop("odometer_km", None), facts.pop("soc_pct", None)
    return hand_overs.Record(
        handed_at=None if handed_at is None else instant(handed_at),
        driver=None if driver is None else world.drivers[driver],
        odometer_km=None if odometer_km is None else Decimal(odometer_km),
        soc_pct=None if soc_pct is None else Decimal(soc_pct),
        findings=findings,
        received_by=facts.pop("received_by", None),
    )


def instant(told: datetime) -> datetime:
    """An instant of the wall clock in Shanghai."""
    return told.replace(tzinfo=ZONE)
