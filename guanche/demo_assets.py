"""The demo's vehicle book: models, papers, stages, work in progress, as a company would have them.

Decides nothing of its own: what is on record comes from `seed_papers.py` and is written the way
sheets and people write it. Safe to run again: a fleet that has models is left as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from psycopg import Connection

from fleet.checklists import service as checklists
from fleet.compliance import service as compliance
from fleet.lives import service as lives
from fleet.local_days import begin_of, local_day
from fleet.maintenance import service as maintenance
from fleet.models import service as models
from fleet.registry import service as registry
from fleet.service import service as work
from guanche.demo_leases import seed_coming, seed_leases
from guanche.demo_money import bill_today, seed_money
from guanche.demo_vault import seed_contracts, seed_violations
from guanche.seed import PLATFORM, RosterEntry
from guanche.seed_models import MODELS, PLAN
from guanche.seed_papers import PLACES, SeedVehicle, papers_of
from kit.files import FileStore
from kit.sealed import SealingKey
from schemas.access import SYSTEM

CARE_CODE: Final = "idle-care"
VIOLATIONS: Final = 8
JOINED_DAYS: Final = 88
"""Stages begin within the time the vehicles are on record for."""
WORK: Final[tuple[Mapping[str, Any], ...]] = (
    {"kind": "repair", "title": "空调不制冷", "priority": "normal", "workshop": "南山新能源维修"},
    {
        "kind": "accident",
        "title": "右后门剐蹭，定损维修",
        "priority": "high",
        "workshop": "平安合作厂",
    },
    {"kind": "maintenance", "title": "半年常规保养", "maintenance_codes": ["service"]},
    {"kind": "repair", "title": "慢充口故障，充电中断", "priority": "urgent"},
    {
        "kind": "battery_check",
        "title": "续航下降，检测电池",
        "maintenance_codes": ["battery-check"],
    },
)
LINES: Final = (
    ("part", "压缩机总成", Decimal(1), "件", 186_000),
    ("labour", "拆装工时", Decimal("3.5"), "小时", 12_000),
)


def seed_assets(
    conn: Connection[Any],
    roster: Sequence[RosterEntry],
    now: datetime,
    *,
    odometers: Mapping[str, float] | None = None,
    key: SealingKey | None = None,
    files: FileStore | None = None,
) -> int:
    """Give the roster's vehicles their books; how many got theirs. Run in one transaction.

    With a key to seal customers' papers with, they are let by leases; without one they are let, and
    nobody says to whom. With files, some leases have their contract on paper. `odometers`: what
    each VIN's will say when it begins to tell.
    """
    if models.known_models(conn, [model.code for model in MODELS]):
        return 0
    today = local_day(now)
    book = [papers_of(place, entry.vin, today) for place, entry in enumerate(roster)]
    _seed_models(conn, now)
    _seed_vehicles(conn, book, now)
    _seed_papers(conn, book, now)
    _seed_permits(conn, book, today, now)
    _seed_stages(conn, book, now, by_lease=key is not None)
    _seed_maintenance(conn, book, today, now)
    _seed_work(conn, book, today, now)
    compliance.refresh_papers(conn, vehicle_ids=None, now=now)
    if key is not None:
        known = registry.known_vehicles(conn, [one.vin for one in book])
        coming = seed_leases(
            conn,
            [(one, known[one.vin]["operator"]) for one in book],
            odometers=odometers or {},
            key=key,
            now=now,
        )
        seed_violations(conn, [one.vin for one in book if one.stage == "let"][:VIOLATIONS], now)
        if files is not None:
            seed_contracts(conn, files=files, key=key, now=now)
        if coming is not None:  # else somebody's own customers are there
            seed_money(conn, now=now)
            seed_coming(conn, coming, now)
            bill_today(conn, now=now)
        # Hand-overs of the past have derived what fell due on their day; now it is today again.
        compliance.refresh_papers(conn, vehicle_ids=None, now=now)
        maintenance.refresh_maintenance(conn, vehicle_ids=None, now=now)
    return len(book)


def _seed_models(conn: Connection[Any], now: datetime) -> None:
    for model in MODELS:
        facts = model._asdict()
        code = facts.pop("code")
        facts.pop("price_fen")
        models.create_model(
            conn, SYSTEM, code=code, facts=models.ModelFacts(**facts), head_code=PLATFORM, now=now
        )
        plan = maintenance.get_plan(conn, SYSTEM, model_code=code)
        items = [
            maintenance.PlanItem(item.code, item.title, item.every_months, item.every_km)
            for item in PLAN
        ]
        maintenance.set_plan(
            conn, SYSTEM, model_code=code, version=plan.version, items=items, now=now
        )
    for draft in checklists.DEFAULT_CHECKLISTS:
        checklists.publish_checklist(conn, SYSTEM, draft=draft, head_code=PLATFORM, now=now)


def _seed_vehicles(conn: Connection[Any], book: Sequence[SeedVehicle], now: datetime) -> None:
    rows = [
        {
            "vin": one.vin,
            "model_code": one.model.code,
            "tags": list(one.tags),
            "purchased_on": one.purchased_on,
            "price_fen": one.model.price_fen,
            "depreciation_method": "straight_line",
            "useful_life_months": 60,
            "residual_pct": Decimal(5),
        }
        for one in book
    ]
    registry.save_vehicles(conn, SYSTEM, rows, now=now)
    for one in book:
        if one.pooled:
            _offer(conn, one, now)


def _offer(conn: Connection[Any], one: SeedVehicle, now: datetime) -> None:
    """The platform takes the vehicle back and offers it to all below."""
    registry.assign_operator(conn, SYSTEM, vin=one.vin, organisation_code=PLATFORM, at=now, now=now)
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=one.vin)
    lives.change_placing(
        conn,
        SYSTEM,
        vin=one.vin,
        version=vehicle.version,
        depot_code=None,
        tags=one.tags,
        pooled=True,
        now=now,
    )


def _seed_papers(conn: Connection[Any], book: Sequence[SeedVehicle], now: datetime) -> None:
    licences = [
        compliance.LicenceRow(
            one.vin,
            one.model.body_type,
            one.use_nature,
            one.registered_on,
            one.registered_on,
            one.motor_no,
            one.model.gvw_kg,
            2,
        )
        for one in book
    ]
    compliance.save_licences(conn, SYSTEM, rows=licences, now=now)
    inspections = [
        compliance.InspectionRow(
            one.vin,
            "line" if number else "printed",
            done_on,
            True,
            valid_to_on,
            PLACES[place % len(PLACES)] if number else None,
            cost_fen=28_000 if number else None,
        )
        for place, one in enumerate(book)
        for number, (done_on, valid_to_on) in enumerate(one.inspections)
    ]
    compliance.save_inspections(conn, SYSTEM, rows=inspections, now=now)
    policies = [
        compliance.PolicyRow(
            one.vin,
            policy.kind,  # type: ignore[arg-type]
            policy.policy_no,
            policy.insurer,
            begin_of(policy.from_on),
            begin_of(policy.until_on),
            use_nature=policy.use_nature,
            premium_fen=policy.premium_fen,
        )
        for one in book
        for policy in one.policies
    ]
    compliance.save_policies(conn, SYSTEM, rows=policies, now=now)


def _seed_permits(
    conn: Connection[Any], book: Sequence[SeedVehicle], today: date, now: datetime
) -> None:
    for place, one in enumerate(book):
        if one.permit_reviewed_to_on is None:
            continue
        permit = compliance.Permit(
            permit_no=f"粤交运管深字4403{place:08d}",
            holder="青帆新能源物流车平台",
            issued_on=max(one.registered_on, today - timedelta(days=700)),
            reviewed_to_on=one.permit_reviewed_to_on,
            technical_to_on=today + timedelta(days=15 + place),
        )
        compliance.record_permit(conn, SYSTEM, vin=one.vin, permit=permit, now=now)


def _seed_stages(
    conn: Connection[Any], book: Sequence[SeedVehicle], now: datetime, *, by_lease: bool
) -> None:
    """To where it stands now, as long ago as the book says; what is in stock came back then."""
    for one in book:
        if one.stage == "let" and by_lease:
            continue
        since = now - timedelta(days=min(one.staged_days_ago, JOINED_DAYS - 1))
        if one.stage == "in_service":  # work takes it there
            continue
        if one.stage == "in_stock":
            let_at = now - timedelta(days=JOINED_DAYS)
            _move(conn, one, "let", reason="起租", at=let_at, now=now)
            _move(conn, one, "in_stock", reason="退车", at=since, now=now)
        else:
            _move(conn, one, one.stage, reason="期初导入", at=since, now=now)


def _move(
    conn: Connection[Any],
    one: SeedVehicle,
    stage: str,
    *,
    reason: str,
    at: datetime,
    now: datetime,
) -> None:
    registry.change_stage(
        conn,
        SYSTEM,
        vehicle=registry.get_vehicle(conn, SYSTEM, vin=one.vin),
        stage=stage,  # type: ignore[arg-type]
        reason=reason,
        at=at,
        now=now,
    )


def _seed_maintenance(
    conn: Connection[Any], book: Sequence[SeedVehicle], today: date, now: datetime
) -> None:
    """What was done last: mostly in time, every ninth vehicle is late."""
    for place, one in enumerate(book):
        if one.stage in ("in_stock", "for_sale") and place % 3:
            done_on = today - timedelta(days=place % 25)
            maintenance.record_done(
                conn, SYSTEM, vin=one.vin, code=CARE_CODE, done_on=done_on, now=now
            )
        for item in PLAN:
            late = place % 9 == 0 and item.code == "service"
            days = 30 * item.every_months
            done_on = today - timedelta(days=days + 25 if late else place * 7 % days)
            if done_on > one.registered_on:
                maintenance.record_done(
                    conn, SYSTEM, vin=one.vin, code=item.code, done_on=done_on, now=now
                )


def _seed_work(
    conn: Connection[Any], book: Sequence[SeedVehicle], today: date, now: datetime
) -> None:
    for place, one in enumerate(one for one in book if one.stage == "in_service"):
        wanted = work.NewWorkOrder(
            vin=one.vin,
            due_on=today + timedelta(days=place % 6 - 2),
            takes_off_road=True,
            **WORK[place % len(WORK)],
        )
        order = work.open_work_order(conn, SYSTEM, wanted=wanted, now=now).order
        if place % 2:
            work.move_work_order(conn, SYSTEM, number=order.number, state="in_progress", now=now)
        for kind, title, quantity, unit, price_fen in LINES[: place % 3]:
            work.add_line(
                conn,
                SYSTEM,
                number=order.number,
                kind=kind,  # type: ignore[arg-type]
                title=title,
                quantity=quantity,
                unit=unit,
                unit_price_fen=price_fen,
                now=now,
            )
