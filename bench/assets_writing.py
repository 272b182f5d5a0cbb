"""Writes the vehicle book of the assets' bench into an empty database, and says how long it took.

What sheets bring in goes the way sheets go: the bulk writers of the slices, `BATCH` rows at once.
Stages, permits and maintenance have none for many at a time and are written by SQL; what falls due
is derived by the slices afterwards. Leaves out what is on record (`assets_book.py`).
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from psycopg import Connection

from bench.api_fleet import ROOT
from bench.assets_book import Booked, Done, done_of, reference_of, work_due_on, work_of
from bench.assets_oracle import issued_on
from bench.rig import SQL
from fleet.compliance import service as compliance
from fleet.local_days import begin_of
from fleet.maintenance import service as maintenance
from fleet.models import service as models
from fleet.registry import service as registry
from fleet.service import service as work
from guanche.seed_models import MODELS, PLAN
from guanche.seed_papers import PLACES
from schemas.access import SYSTEM

BATCH: Final = 5_000
"""Vehicles whose rows are written at once."""
HEARD_AGO: Final = timedelta(seconds=30)

Writer = Callable[[Connection[Any], Sequence[Booked], date, datetime], None]


def write_book(
    conn: Connection[Any], book: Sequence[Booked], *, today: date, now: datetime
) -> None:
    """Everything on record of these vehicles, which are registered already, and what falls due."""
    write_models(conn, now)
    for writer in WRITERS:
        for start in range(0, len(book), BATCH):
            with conn.transaction():
                writer(conn, book[start : start + BATCH], today, now)
    with conn.transaction():
        maintenance.refresh_maintenance(conn, vehicle_ids=None, now=now)
    with conn.transaction():
        compliance.refresh_papers(conn, vehicle_ids=None, now=now)


def write_models(conn: Connection[Any], now: datetime) -> None:
    """The catalogue and the plan of every model."""
    plan = [
        maintenance.PlanItem(item.code, item.title, item.every_months, item.every_km)
        for item in PLAN
    ]
    with conn.transaction():
        for model in MODELS:
            facts = model._asdict()
            code = facts.pop("code")
            facts.pop("price_fen")
            made = models.ModelFacts(**facts)
            models.create_model(conn, SYSTEM, code=code, facts=made, head_code=ROOT, now=now)
            version = maintenance.get_plan(conn, SYSTEM, model_code=code).version
            maintenance.set_plan(
                conn, SYSTEM, model_code=code, version=version, items=plan, now=now
            )


def _write_vehicles(
    conn: Connection[Any], some: Sequence[Booked], _today: date, now: datetime
) -> None:
    rows = [
        {
            "vin": one.vin,
            "model_code": one.papers.model.code,
            "tags": list(one.papers.tags),
            "purchased_on": one.papers.purchased_on,
            "price_fen": one.papers.model.price_fen,
            "depreciation_method": "straight_line",
            "useful_life_months": 60,
            "residual_pct": Decimal(5),
        }
        for one in some
    ]
    registry.save_vehicles(conn, SYSTEM, rows, now=now)


def _write_stages(
    conn: Connection[Any], some: Sequence[Booked], today: date, _now: datetime
) -> None:
    stocked = [one for one in some if one.papers.stage == "in_stock"]
    others = [one for one in some if one.papers.stage != "in_stock"]
    for vehicles, statements in (
        (stocked, (SQL.set_stock_since,)),
        (others, (SQL.end_stock, SQL.begin_stages)),
    ):
        row = {
            "vins": [one.vin for one in vehicles],
            "staged_at": [begin_of(today - timedelta(one.staged_days_ago)) for one in vehicles],
            "stages": [one.papers.stage for one in vehicles],
        }
        for statement in statements:
            conn.execute(statement, row)


def _write_licences(
    conn: Connection[Any], some: Sequence[Booked], _today: date, now: datetime
) -> None:
    rows = [
        compliance.LicenceRow(
            vin=one.vin,
            vehicle_type=one.papers.model.body_type,
            use_nature=one.papers.use_nature,
            registered_on=one.papers.registered_on,
            issued_on=one.papers.registered_on,
            motor_no=one.papers.motor_no,
            gvw_kg=one.papers.model.gvw_kg,
            seats=2,
        )
        for one in some
    ]
    compliance.save_licences(conn, SYSTEM, rows=rows, now=now)


def _write_inspections(
    conn: Connection[Any], some: Sequence[Booked], _today: date, now: datetime
) -> None:
    rows = [
        compliance.InspectionRow(
            vin=one.vin,
            form="line" if number else "printed",
            inspected_on=done_on,
            passed=True,
            valid_to_on=valid_to_on,
            place=PLACES[one.place % len(PLACES)] if number else None,
            cost_fen=28_000 if number else None,
        )
        for one in some
        for number, (done_on, valid_to_on) in enumerate(one.papers.inspections)
    ]
    compliance.save_inspections(conn, SYSTEM, rows=rows, now=now)


def _write_policies(
    conn: Connection[Any], some: Sequence[Booked], _today: date, now: datetime
) -> None:
    rows = [
        compliance.PolicyRow(
            vin=one.vin,
            kind=policy.kind,  # type: ignore[arg-type]
            # Numbers drawn by chance meet in so large a fleet: the place makes them unlike.
            policy_no=f"{policy.policy_no}{one.place:06d}",
            insurer=policy.insurer,
            covered_from_at=begin_of(policy.from_on),
            covered_until_at=begin_of(policy.until_on),
            use_nature=policy.use_nature,
            premium_fen=policy.premium_fen,
        )
        for one in some
        for policy in one.papers.policies
    ]
    compliance.save_policies(conn, SYSTEM, rows=rows, now=now)


def _write_permits(
    conn: Connection[Any], some: Sequence[Booked], today: date, now: datetime
) -> None:
    heavy = [one for one in some if one.papers.permit_reviewed_to_on is not None]
    row = {
        "vins": [one.vin for one in heavy],
        "permit_nos": [f"粤交运管深字4403{one.place:08d}" for one in heavy],
        "issued_on": [issued_on(one, today) for one in heavy],
        "reviewed_to_on": [one.papers.permit_reviewed_to_on for one in heavy],
        "now": now,
    }
    conn.execute(SQL.insert_permits, row)


def _write_maintenance(
    conn: Connection[Any], some: Sequence[Booked], today: date, now: datetime
) -> None:
    done: list[Done] = [each for one in some for each in done_of(one, today)]
    row = {
        "vins": [each.vin for each in done],
        "codes": [each.code for each in done],
        "done_on": [each.done_on for each in done],
        "odometer_km": [each.odometer_km for each in done],
        "now": now,
    }
    conn.execute(SQL.insert_maintenance_done, row)


def _write_work(conn: Connection[Any], some: Sequence[Booked], today: date, now: datetime) -> None:
    work.save_work_orders(conn, SYSTEM, list(work_of(some, today)), now=now)
    in_hand = {reference_of(one, over=False): work_due_on(one, today) for one in some}
    row = {"references": list(in_hand), "due_on": list(in_hand.values())}
    conn.execute(SQL.set_work_due, row)


def _write_states(
    conn: Connection[Any], some: Sequence[Booked], _today: date, now: datetime
) -> None:
    row = {
        "vins": [one.vin for one in some],
        "odometer_km": [one.odometer_km for one in some],
        "soc_pct": [one.soc_pct for one in some],
        "at": now - HEARD_AGO,
    }
    conn.execute(SQL.insert_told_states, row)


WRITERS: Final[tuple[Writer, ...]] = (
    _write_vehicles,
    _write_stages,
    _write_maintenance,
    _write_licences,
    _write_inspections,
    _write_policies,
    _write_permits,
    _write_work,
    _write_states,
)
"""In their order: licences come after the models they complete."""
