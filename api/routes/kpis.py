"""The figures of the business over HTTP: live or of a past day, each with its definition."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.kpis import IdleOut, IdleVehicleOut, UtilisationOut
from api.models.kpis_earnings import ProfitOut, RevenueOut, VehicleProfitOut
from api.models.kpis_money import (
    AgedCustomerOut,
    AgeingOut,
    CollectionOut,
    CreditsOut,
    CustomerCreditOut,
    DepositLiabilityOut,
)
from api.models.ledger import Month
from api.models.text import Day, Instant
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of
from fleet.kpis import service as kpis

operations = Operations("kpis")

OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation [your own]: and below.")
]
OfMonth = Annotated[
    Month | None,
    Query(description="A month, YYYY-MM [the present one]; or else from_on and until_on."),
]
FromOn = Annotated[Day | None, Query(description="The first day.")]
UntilOn = Annotated[Day | None, Query(description="The day after the last; at most tomorrow.")]
On = Annotated[Day | None, Query(description="At the end of this day [today].")]
KnownAt = Annotated[
    Instant | None, Query(description="As it was known then: what was recorded later is not there.")
]

DAYS: Final = {
    "fleet_days": Words("车队车日", "Fleet days"),
    "leased_days": Words("出租车日", "Leased days"),
}
PROFIT: Final = Export(
    Words("单车收益", "profit per vehicle"),
    DAYS
    | {
        "rent_fen": Words("租金收入", "Rent"),
        "recharges_fen": Words("附加收入", "Recharges"),
        "purchases_fen": Words("购车款收入", "Purchases"),
        "shares_fen": Words("应收分成", "Shares received"),
        "depreciation_fen": Words("折旧", "Depreciation"),
        "insurance_fen": Words("保险", "Insurance"),
        "inspection_fen": Words("年审", "Inspection"),
        "repair_fen": Words("维修保养", "Repair"),
        "other_fen": Words("其他成本", "Other costs"),
        "energy_fen": Words("能源", "Energy"),
        "finance_fen": Words("资金成本", "Finance"),
        "commission_fen": Words("应付分成", "Shares owed"),
        "not_known": Words("未知项目", "Not known"),
        "profit_fen": Words("收益", "Profit"),
    },
    {
        "not_known": {
            "depreciation": Words("折旧", "depreciation"),
            "insurance": Words("保险", "insurance"),
            "inspection": Words("年审", "inspection"),
            "repair": Words("维修保养", "repair"),
            "other": Words("其他成本", "other"),
            "energy": Words("能源", "energy"),
            "finance": Words("资金成本", "finance"),
            "commission": Words("应付分成", "commission"),
        }
    },
)
AGEING: Final = Export(
    Words("应收账龄", "receivables by age"),
    {
        "customer_no": Words("客户编号", "Customer no"),
        "open_fen": Words("应收余额", "Open"),
        "overdue_fen": Words("逾期金额", "Overdue"),
        "buckets": Words("账龄分段", "Buckets"),
        "deposits_fen": Words("应收押金", "Deposits asked for"),
    },
)
CREDITS: Final = Export(
    Words("客户余额", "credit of customers"),
    {
        "customer_no": Words("客户编号", "Customer no"),
        "credit_fen": Words("余额", "Credit"),
    },
)
IDLE: Final = Export(
    Words("闲置车辆", "idle vehicles"),
    {
        "since_on": Words("闲置起始日", "Since"),
        "days": Words("闲置天数", "Days"),
        "sellable": Words("可租", "Sellable"),
    },
    {
        "stage": {
            "in_stock": Words("在库", "in stock"),
            "let": Words("出租", "let"),
            "in_service": Words("维修", "in service"),
            "for_sale": Words("待处置", "for sale"),
        }
    },
)


@operations.get("/kpis/utilisation")
def get_utilisation(
    call: Call,
    organisation: OfOrganisation = None,
    month: OfMonth = None,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    known_at: KnownAt = None,
) -> UtilisationOut:
    """出租率: leased vehicle-days of the fleet's; and without days on which none could be let."""
    asked = _span(call, organisation, month, from_on, until_on, known_at)
    return UtilisationOut.of(kpis.utilisation(call.conn, call.actor, **asked))


@operations.get("/kpis/collection")
def get_collection(
    call: Call,
    organisation: OfOrganisation = None,
    month: OfMonth = None,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    on: On = None,
    known_at: KnownAt = None,
) -> CollectionOut:
    """收缴率: money allocated to bills due in the span, of what was due; and cumulative."""
    asked = _span(call, organisation, month, from_on, until_on, known_at)
    return CollectionOut.of(kpis.collection(call.conn, call.actor, on=on, **asked))


@operations.get("/kpis/ageing")
def get_ageing(
    call: Call, organisation: OfOrganisation = None, on: On = None, known_at: KnownAt = None
) -> AgeingOut:
    """应收账龄: what is open at the end of a day, by the days since it was due."""
    asked = _day(call, organisation, on, known_at)
    return AgeingOut.of(kpis.ageing(call.conn, call.actor, **asked))


@operations.get("/kpis/ageing/customers", exported=AGEING)
def list_aged_customers(
    call: Call,
    organisation: OfOrganisation = None,
    on: On = None,
    known_at: KnownAt = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[AgedCustomerOut]:
    """应收账龄 customer by customer, by number."""
    asked = _day(call, organisation, on, known_at) | _page(after, limit)
    told = kpis.ageing(call.conn, call.actor, by="customer", **asked)
    items = [AgedCustomerOut.of(part, told.labels) for part in told.parts]
    return Page(items=items, next=_next(items[-1].customer_no) if told.more else None)


@operations.get("/kpis/deposits")
def get_deposit_liability(
    call: Call, organisation: OfOrganisation = None, on: On = None, known_at: KnownAt = None
) -> DepositLiabilityOut:
    """押金负债: deposits received, applied, refunded and held at the end of a day."""
    asked = _day(call, organisation, on, known_at)
    return DepositLiabilityOut.of(kpis.deposits(call.conn, call.actor, **asked))


@operations.get("/kpis/credits")
def get_credit(
    call: Call, organisation: OfOrganisation = None, on: On = None, known_at: KnownAt = None
) -> CreditsOut:
    """预收/余额: receipts that settle no bill yet, at the end of a day."""
    asked = _day(call, organisation, on, known_at)
    return CreditsOut.of(kpis.credit(call.conn, call.actor, **asked))


@operations.get("/kpis/credits/customers", exported=CREDITS)
def list_customer_credit(
    call: Call,
    organisation: OfOrganisation = None,
    on: On = None,
    known_at: KnownAt = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[CustomerCreditOut]:
    """预收/余额 customer by customer, by number."""
    asked = _day(call, organisation, on, known_at) | _page(after, limit)
    told = kpis.credit(call.conn, call.actor, by="customer", **asked)
    items = [CustomerCreditOut.of(part) for part in told.parts]
    return Page(items=items, next=_next(items[-1].customer_no) if told.more else None)


@operations.get("/kpis/profit")
def get_profit(
    call: Call,
    organisation: OfOrganisation = None,
    month: OfMonth = None,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    known_at: KnownAt = None,
) -> ProfitOut:
    """单车收益 of all vehicles together; of how many something is not known."""
    asked = _span(call, organisation, month, from_on, until_on, known_at)
    return ProfitOut.of(kpis.profit(call.conn, call.actor, **asked))


@operations.get("/kpis/profit/vehicles", exported=PROFIT)
def list_vehicle_profits(
    call: Call,
    organisation: OfOrganisation = None,
    month: OfMonth = None,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    known_at: KnownAt = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[VehicleProfitOut]:
    """单车收益 vehicle by vehicle, by VIN; what nobody wrote down is null."""
    asked = _span(call, organisation, month, from_on, until_on, known_at) | _page(after, limit)
    told = kpis.profit_of_vehicles(call.conn, call.actor, **asked)
    items = [VehicleProfitOut.of(row) for row in told.vehicles]
    return Page(items=items, next=_next(items[-1].vin) if told.more else None)


@operations.get("/kpis/idle")
def get_idle(
    call: Call, organisation: OfOrganisation = None, on: On = None, known_at: KnownAt = None
) -> IdleOut:
    """闲置天数: vehicles without a lease at the end of a day, sellable and not."""
    asked = _day(call, organisation, on, known_at)
    return IdleOut.of(kpis.idle(call.conn, call.actor, limit=0, **asked))


@operations.get("/kpis/idle/vehicles", exported=IDLE)
def list_idle_days(
    call: Call,
    organisation: OfOrganisation = None,
    on: On = None,
    known_at: KnownAt = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[IdleVehicleOut]:
    """闲置天数 vehicle by vehicle, by VIN."""
    asked = _day(call, organisation, on, known_at) | _page(after, limit)
    told = kpis.idle(call.conn, call.actor, **asked)
    items = [IdleVehicleOut.of(vehicle) for vehicle in told.vehicles]
    return Page(items=items, next=_next(items[-1].vin) if told.more else None)


@operations.get("/kpis/revenue")
def get_revenue(
    call: Call,
    organisation: OfOrganisation = None,
    month: OfMonth = None,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    known_at: KnownAt = None,
) -> RevenueOut:
    """营业收入 by month, operator and model: earned by day, net of VAT and of credit notes."""
    asked = _span(call, organisation, month, from_on, until_on, known_at)
    return RevenueOut.of(kpis.revenue(call.conn, call.actor, **asked))


def _span(
    call: Call,
    organisation: str | None,
    month: str | None,
    from_on: date | None,
    until_on: date | None,
    known_at: datetime | None,
) -> dict[str, Any]:
    return {
        "organisation": organisation,
        "month_on": None if month is None else date.fromisoformat(f"{month}-01"),
        "from_on": from_on,
        "until_on": until_on,
        "known_at": known_at and known_at.astimezone(UTC),
        "now": call.now,
    }


def _day(
    call: Call, organisation: str | None, on: date | None, known_at: datetime | None
) -> dict[str, Any]:
    known = known_at and known_at.astimezone(UTC)
    return {"organisation": organisation, "on": on, "known_at": known, "now": call.now}


def _page(after: str | None, limit: int) -> dict[str, Any]:
    return {"after": key_of(after), "limit": limit}


def _next(key: str) -> str:
    return cursor_of(key)
