"""Keeps what falls due from papers, and tells what forbids to hand a vehicle over.

What falls due is decided anew from all papers whenever one changes, and once a day; only rows that
differ are written. What forbids a hand-over is decided when asked, to the instant. Leaves out what
is decided (`papers.py`, `blocks.py`), and maintenance (`fleet/maintenance`).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, get_args

from psycopg import Connection

from fleet.compliance import store
from fleet.compliance.blocks import blocks_of
from fleet.compliance.inspections import last_pass
from fleet.compliance.model import Block, Obligation, ObligationKind, Rules, VehiclePapers
from fleet.compliance.papers import decide
from fleet.compliance.records import Drift, DueObligation, PapersOfVehicle
from fleet.compliance.refreshing import ObligationRow, differing, row_of
from fleet.due import days_overdue, due_status
from fleet.figures import (
    BatteryTestLimits,
    InspectionIntervals,
    InspectionOverdue,
    InspectionWindow,
    InsuredUse,
    PermitRules,
    RenewalWindows,
    ScrapRisk,
    ServiceLife,
)
from fleet.local_days import local_day
from fleet.parameters import service as parameters
from fleet.registry import service as registry
from schemas.access import Actor

KINDS: Final = get_args(ObligationKind)
CHUNK: Final = 2_000
"""Vehicles decided about at once: bounds the memory, whatever the fleet."""


def refresh_papers(
    conn: Connection[Any], *, vehicle_ids: Sequence[int] | None, now: datetime
) -> int:
    """Decide anew what falls due of these vehicles and write what differs; how many rows did.

    None: of all vehicles in sight. Only those that are held now are written about. Takes no
    permission: what falls due follows from what was recorded with one. Called by whoever changes
    what it follows from: a paper, a stage, a model, a holder, a figure.
    """
    written = 0
    for chunk in _chunks(conn, vehicle_ids):
        # Of two who record at once, the second decides only after it sees what the first wrote.
        held = store.lock_vehicles(conn, chunk)
        rows, _ = _differing(conn, held, now=now)
        if rows:
            store.save_obligations(conn, rows, refreshed_at=now)
        written += len(rows)
    return written


def refresh_next(conn: Connection[Any], *, after_id: int, now: datetime) -> tuple[int, int] | None:
    """As `refresh_papers`, of the next vehicles by id: the last one, and how many rows differed.

    None: there are no more. So a whole fleet is refreshed in transactions that others need not
    wait for.
    """
    chunk = store.list_vehicle_ids(conn, after_id=after_id, limit=CHUNK)
    if not chunk:
        return None
    return chunk[-1], refresh_papers(conn, vehicle_ids=chunk, now=now)


def find_drift(conn: Connection[Any], *, now: datetime) -> Iterator[Drift]:
    """Where what is kept differs from what follows from the papers, of all vehicles in sight."""
    for chunk in _chunks(conn, None):
        rows, kept = _differing(conn, chunk, now=now)
        vins = {
            papers.vehicle_id: papers.vin
            for papers in store.list_papers(conn, chunk, with_covers=False)
        }
        for row in rows:
            was = kept.get(row.place)
            yield Drift(
                vin=vins[row.vehicle_id],
                kind=row.kind,
                kept=None if was is None or not was.is_open else was.facts_told(),
                follows=row.facts_told() if row.is_open else None,
            )


def hand_over_blocks(
    conn: Connection[Any], actor: Actor, *, vehicle: registry.Vehicle, now: datetime
) -> list[Block]:
    """What forbids to hand the vehicle over at `now`.

    Decided from its papers, not from what is kept. Of a vehicle that is held: whoever had it once
    sees only a part of its papers.
    """
    actor.require("paper.read")
    papers, rules = _read(conn, vehicle, now=now)
    found, _ = blocks_of(decide(papers, rules, now=now), papers, rules, now=now)
    return found


def list_vehicle_obligations(
    conn: Connection[Any], actor: Actor, *, vehicle: registry.Vehicle, on: date
) -> list[DueObligation]:
    """What falls due from the vehicle's papers as it is kept, and how it stands on a day.

    The missing come first, then by day. None of a vehicle that is not held any more.
    """
    actor.require("paper.read")
    rows = store.list_obligations(conn, [vehicle.id], KINDS)
    return _standing([row.obligation() for row in rows if row.is_open], on=on)


def vehicle_papers(
    conn: Connection[Any], actor: Actor, *, vehicle: registry.Vehicle, now: datetime
) -> PapersOfVehicle:
    """Everything of one vehicle: papers, what falls due, what forbids to hand it over.

    Of a vehicle that was the actor's once: the papers in sight, and nothing decided from them.
    """
    actor.require("paper.read")
    papers, rules = _read(conn, vehicle, now=now)
    today = local_day(now, papers.zone)
    due = decide(papers, rules, now=now) if vehicle.held else []
    blocks, warnings = blocks_of(due, papers, rules, now=now) if vehicle.held else ([], [])
    tests = sorted(papers.battery_tests, key=lambda test: test.tested_on)
    return PapersOfVehicle(
        licence=papers.licence,
        inspection=last_pass(papers.inspections, on=today),
        policies=[policy for policy in papers.policies if policy.until_at > now],
        permits=list(papers.permits),
        battery_test=tests[-1] if tests else None,
        obligations=_standing(due, on=today),
        blocks=blocks,
        warnings=warnings,
    )


def rules_on(conn: Connection[Any], *, tenant_id: int, on: date) -> Rules:
    """The figures in force for the tenant on that day."""

    def figures(kind: Any) -> Any:
        return parameters.figures(conn, kind, tenant_id=tenant_id, on=on)

    return Rules(
        intervals=figures(InspectionIntervals),
        window=figures(InspectionWindow),
        overdue=figures(InspectionOverdue),
        scrap=figures(ScrapRisk),
        life=figures(ServiceLife),
        renewal=figures(RenewalWindows),
        insured_use=figures(InsuredUse),
        permit=figures(PermitRules),
        battery=figures(BatteryTestLimits),
    )


def _read(
    conn: Connection[Any], vehicle: registry.Vehicle, *, now: datetime
) -> tuple[VehiclePapers, Rules]:
    [papers] = store.list_papers(conn, [vehicle.id])
    return papers, rules_on(conn, tenant_id=papers.tenant_id, on=local_day(now, papers.zone))


def _differing(
    conn: Connection[Any], vehicle_ids: Sequence[int], *, now: datetime
) -> tuple[list[ObligationRow], dict[Any, ObligationRow]]:
    """The rows to write of these vehicles, and what is kept by its place."""
    rules: dict[tuple[int, date], Rules] = {}
    follows: list[ObligationRow] = []
    for papers in store.list_papers(conn, vehicle_ids, with_covers=False):
        when = papers.tenant_id, local_day(now, papers.zone)
        if when not in rules:
            rules[when] = rules_on(conn, tenant_id=when[0], on=when[1])
        follows += (
            row_of(each, vehicle_id=papers.vehicle_id, tenant_id=papers.tenant_id)
            for each in decide(papers, rules[when], now=now)
        )
    kept = {row.place: row for row in store.list_obligations(conn, vehicle_ids, KINDS)}
    return differing(follows, kept), kept


def _standing(obligations: Sequence[Obligation], *, on: date) -> list[DueObligation]:
    standing = [
        DueObligation(
            obligation=each,
            status=due_status(each.due_on, each.window_from_on, on=on),
            overdue_days=max(0, days_overdue(each.due_on, on=on)) if each.due_on else 0,
        )
        for each in obligations
    ]
    return sorted(
        standing, key=lambda each: (each.obligation.due_on or date.min, each.obligation.kind)
    )


def _chunks(conn: Connection[Any], vehicle_ids: Sequence[int] | None) -> Iterator[Sequence[int]]:
    if vehicle_ids is not None:
        ordered = sorted(set(vehicle_ids))
        yield from (ordered[at : at + CHUNK] for at in range(0, len(ordered), CHUNK))
        return
    after_id = 0
    while chunk := store.list_vehicle_ids(conn, after_id=after_id, limit=CHUNK):
        yield chunk
        after_id = chunk[-1]
