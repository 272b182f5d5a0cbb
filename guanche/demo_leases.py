"""The demo's customers and leases, made the way people make them: act by act, on the day of each.

Decides nothing of its own: who leases what stands in `seed_customers.py` and `seed_leases.py`. Safe
to run again: a fleet whose depots have customers is left as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from psycopg import Connection

from fleet.customers import service as customers
from fleet.hand_overs import service as hand_overs
from fleet.leasing import service as leasing
from fleet.lives import service as lives
from fleet.local_days import begin_of, local_day
from fleet.registry import service as registry
from guanche.demo_customers import Known, seed_customer
from guanche.seed import PLATFORM
from guanche.seed_customers import customers_of
from guanche.seed_leases import (
    DEPOSIT_FEN,
    RENTS_FEN,
    SeedLease,
    SeedLine,
    leases_of,
    list_rent_fen,
)
from guanche.seed_models import MODELS
from guanche.seed_papers import SeedVehicle
from kit.sealed import SealingKey
from schemas.access import SYSTEM

LATE_PAPERS: Final = "随车证照补办中，已书面告知承租人"
SWAPPED_DAYS_AGO: Final = 20
OUT_STEPS: Final = 7
BACK_STEPS: Final = 6
KM_A_DAY: Final = 68.0
CLAUSES: Final[dict[str, str]] = {
    "deposit": "第5条",
    "late_fee": "第8条",
    "early_end": "第11条",
    "termination": "第12条",
    "lock": "第13条",
    "repossession": "第14条",
    "sub_letting": "第10条",
}


@dataclass(frozen=True, slots=True)
class Driven:
    """What the odometers say now; before, every vehicle went as far each day."""

    odometers: Mapping[str, float]
    now: datetime

    def km_at(self, vin: str, at: datetime) -> Decimal | None:
        """What this one's said at an instant, if it is known."""
        if vin not in self.odometers:
            return None
        driven = KM_A_DAY * ((self.now - at) / timedelta(days=1))
        return Decimal(max(1.0, self.odometers[vin] - driven)).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class Coming:
    """Who leases in some days, by depot, and the vehicles that are free there."""

    known: Mapping[str, Sequence[Known]]
    spare: Mapping[str, Sequence[str]]


def seed_leases(
    conn: Connection[Any],
    book: Sequence[tuple[SeedVehicle, str]],
    *,
    odometers: Mapping[str, float],
    key: SealingKey,
    now: datetime,
) -> Coming | None:
    """Let the vehicles of the book that are let; who leases next. Run in one transaction.

    `book` names the depot of each vehicle, `odometers` what those that are known will say now.
    None: the depots have customers already.
    """
    if customers.list_customers(conn, SYSTEM, {}, after=None, limit=1):
        return None
    today = local_day(now)
    _seed_prices(conn, now)
    leases = leases_of(book, today)
    depots = sorted({lease.depot for lease in leases})
    known = {
        depot: [seed_customer(conn, seed, key, now) for seed in customers_of(depot, today)]
        for depot in depots
    }
    spare = {
        depot: [
            vehicle.vin
            for vehicle, at in book
            if at == depot
            and vehicle.stage == "in_stock"
            and not vehicle.pooled
            and vehicle.staged_days_ago > SWAPPED_DAYS_AGO
        ]
        for depot in depots
    }
    for lease in leases:
        of_depot = known[lease.depot]
        customer = of_depot[lease.customer % len(of_depot)]
        _live_through(conn, lease, customer, spare, Driven(odometers, now))
    return Coming(known, spare)


def _seed_prices(conn: Connection[Any], now: datetime) -> None:
    for model in MODELS:
        for kind in RENTS_FEN:
            leasing.set_price(
                conn,
                SYSTEM,
                model_code=model.code,
                lease_kind=kind,
                rent_fen=list_rent_fen(kind, model.gvw_kg),
                per="day" if kind == "short" else "month",
                deposit_fen=DEPOSIT_FEN[kind],
                valid_from_on=local_day(now) - timedelta(days=365),
                organisation_code=PLATFORM,
                now=now,
            )


def terms_of(lease: SeedLease) -> leasing.Terms:
    """What was agreed."""
    own = lease.kind == "lease_to_own"
    return leasing.Terms.model_validate(
        {
            "kind": lease.kind,
            "starts_on": lease.starts_on,
            "term": {"count": lease.count, "unit": lease.unit},
            "billing": "once" if lease.kind == "short" else "anchor_month",
            "lines": [_line(no, line, lease) for no, line in enumerate(lease.lines, 1)],
            "early_end": {"kind": "share_of_remaining_rent", "pct": 30}
            if lease.kind == "long"
            else {"kind": "none"},
            "buy_out": {"down_payment_fen": 1_380_000, "price_fen": 10_000} if own else None,
            "insured_by": "lessor",
            "violation_hold_fen": 200_000,
            "clauses": CLAUSES,
        }
    )


def _line(no: int, line: SeedLine, lease: SeedLease) -> dict[str, Any]:
    included_km = 2_000 if lease.customer % 4 == 0 else 3_000
    agreed = {"included_km": included_km, "extra_fen_per_km": 50}
    return {
        "no": no,
        "model_code": line.model_code,
        "vin": line.vin,
        "rent_fen": line.rent_fen,
        "per": lease.unit,
        "deposit_fen": line.deposit_fen,
        "mileage": agreed if lease.kind == "long" else None,
    }


def _live_through(
    conn: Connection[Any],
    lease: SeedLease,
    customer: Known,
    spare: dict[str, list[str]],
    driven: Driven,
) -> None:
    """Drafted and signed on the day before, handed out, and what became of it."""
    now = driven.now
    begin = begin_of(lease.starts_on) + timedelta(hours=10)
    day_before = begin - timedelta(days=1)
    lease_no = leasing.draft_lease(
        conn,
        SYSTEM,
        customer_no=customer.customer_no,
        terms=terms_of(lease),
        reference=lease.reference,
        now=day_before,
    ).lease.lease_no
    leasing.sign_lease(conn, SYSTEM, lease_no=lease_no, now=day_before)
    for no, line in enumerate(lease.lines, 1):
        at = begin + timedelta(minutes=20 * no)
        _hand_out(conn, lease_no, no, vin=line.vin, to=customer, at=at, driven=driven)
    days = timedelta(days=1)
    match lease.fate:
        case "swapped" if spare[lease.depot]:
            vins = (lease.lines[0].vin, spare[lease.depot].pop())
            at = now - SWAPPED_DAYS_AGO * days
            _swap(conn, lease_no, vins, customer=customer, at=at, driven=driven)
        case "resting":
            leasing.suspend_lease(
                conn,
                SYSTEM,
                lease_no=lease_no,
                from_on=local_day(now - 5 * days),
                credited=True,
                reason="客户仓库搬迁，双方同意停租",
                now=now - 5 * days,
            )
        case "returned":
            for no, line in enumerate(lease.lines, 1):
                at = now - 4 * days
                km = driven.km_at(line.vin, at)
                _take_back(conn, lease_no, no, at, odometer_km=km, worn=no > 1)
        case "terminated":
            leasing.terminate_lease(
                conn,
                SYSTEM,
                lease_no=lease_no,
                by="lessor",
                clause=CLAUSES["termination"],
                reason="经催告仍未支付租金",
                now=now - 6 * days,
            )
            for no, line in enumerate(lease.lines, 1):
                at = now - 3 * days
                km = driven.km_at(line.vin, at)
                _take_back(conn, lease_no, no, at, odometer_km=km, worn=False)
        case "bought_out":
            leasing.buy_out(conn, SYSTEM, lease_no=lease_no, now=now)
        case "over_term":
            last_minute = begin_of(lease.starts_on + lease.count * days) - timedelta(minutes=1)
            for line in lease.lines:
                _read_odometer(conn, line.vin, last_minute, driven)
        case _:
            pass


def _read_odometer(conn: Connection[Any], vin: str, at: datetime, driven: Driven) -> None:
    km = driven.km_at(vin, at)
    if km is not None:
        lives.write_odometer(
            conn,
            SYSTEM,
            vehicle=registry.get_vehicle(conn, SYSTEM, vin=vin),
            odometer_km=km,
            read_at=at,
            source="hand",
            note="租期届满抄表",
        )


def _hand_out(
    conn: Connection[Any],
    lease_no: str,
    line_no: int,
    *,
    vin: str,
    to: Known,
    at: datetime,
    driven: Driven,
) -> None:
    hand_overs.hand_out(
        conn,
        SYSTEM,
        lease_no=lease_no,
        line_no=line_no,
        vin=vin,
        record=_record(at, to, steps=OUT_STEPS, odometer_km=driven.km_at(vin, at)),
        override=hand_overs.Override(LATE_PAPERS),
        now=at,
    )


def _record(
    at: datetime,
    customer: Known | None,
    *,
    steps: int,
    odometer_km: Decimal | None,
    findings: Iterable[hand_overs.Finding] = (),
) -> hand_overs.Record:
    return hand_overs.Record(
        handed_at=at,
        driver=customer.drivers[0] if customer else None,
        checks=[hand_overs.Check(no, "ok") for no in range(1, steps + 1)],
        odometer_km=odometer_km,
        soc_pct=Decimal(92),
        received_by=customer.seed.contact if customer else "场站值班员",
        findings=tuple(findings),
    )


def _swap(
    conn: Connection[Any],
    lease_no: str,
    vins: tuple[str, str],
    *,
    customer: Known,
    at: datetime,
    driven: Driven,
) -> None:
    back_km, out_km = (driven.km_at(vin, at) for vin in vins)
    hand_overs.swap(
        conn,
        SYSTEM,
        lease_no=lease_no,
        line_no=1,
        vin=vins[1],
        back=_record(at, None, steps=BACK_STEPS, odometer_km=back_km),
        out=_record(at, customer, steps=OUT_STEPS, odometer_km=out_km),
        reason="空调故障，换车保障运营",
        work=hand_overs.NewWork("repair", "空调不制冷，换车后维修"),
        override=hand_overs.Override(LATE_PAPERS),
        now=at,
    )


def _take_back(
    conn: Connection[Any],
    lease_no: str,
    line_no: int,
    at: datetime,
    *,
    odometer_km: Decimal | None,
    worn: bool,
) -> None:
    findings = (
        hand_overs.Finding("damage", "右后门", "凹陷约 20 cm，漆面破损", estimate_fen=85_000),
        hand_overs.Finding("wear", "驾驶座", "座面正常磨损"),
        hand_overs.Finding("dirt", "货箱", "油污，需专业清洗"),
    )
    hand_overs.take_back(
        conn,
        SYSTEM,
        lease_no=lease_no,
        line_no=line_no,
        record=_record(
            at,
            None,
            steps=BACK_STEPS,
            odometer_km=odometer_km,
            findings=findings if worn else (),
        ),
        work=hand_overs.NewWork("repair", "退车验损：右后门钣金") if worn else None,
        now=at,
    )


def seed_coming(conn: Connection[Any], coming: Coming, now: datetime) -> None:
    """The leases of the days to come, depot by depot. Run in one transaction."""
    for depot, known in coming.known.items():
        _seed_coming(conn, known, coming.spare[depot], now)


def _seed_coming(
    conn: Connection[Any], known: Sequence[Known], spare: Sequence[str], now: datetime
) -> None:
    """What is only on paper yet: a draft that waits for approval, one signed, one cancelled."""
    today = local_day(now)
    for place, (customer, days_ahead) in enumerate(zip(known, (12, 7, 3), strict=False)):
        model = MODELS[place % len(MODELS)]
        line = SeedLine(spare[0] if place == 1 and spare else "", model.code, 480_000, 800_000)
        lease = SeedLease(
            customer.seed.depot, place, f"{customer.seed.reference}-{place}", "long",
            today + timedelta(days=days_ahead), 12, (line,), "running",
        )  # fmt: skip
        asked = terms_of(lease)
        rent_fen = 150_000 if place == 0 else line.rent_fen  # the first far below the list
        named = {"vin": line.vin or None, "model_code": None if line.vin else model.code}
        only = asked.lines[0].model_copy(update={**named, "rent_fen": rent_fen})
        terms = asked.model_copy(update={"lines": (only,)})
        drafted = leasing.draft_lease(
            conn,
            SYSTEM,
            customer_no=customer.customer_no,
            terms=terms,
            now=now,
        )
        lease_no = drafted.lease.lease_no
        if place == 0:
            leasing.request_approval(conn, SYSTEM, lease_no=lease_no, now=now)
        else:
            leasing.sign_lease(conn, SYSTEM, lease_no=lease_no, now=now)
        if place == 2:
            leasing.cancel_lease(
                conn, SYSTEM, lease_no=lease_no, reason="客户改用自有车辆", now=now
            )
