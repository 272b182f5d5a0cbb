"""The figures of the business over HTTP, each with its definition. Shares are told in per cent."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from fleet.kpis.ratios import as_pct
from fleet.kpis.service import (
    AgedOf,
    Ageing,
    CollectedOf,
    Collection,
    CreditOf,
    Credits,
    DaysOf,
    Deposits,
    DepositsOf,
    Figure,
    Idle,
    IdleVehicle,
    Profit,
    Revenue,
    RevenueOf,
    Utilisation,
    VehicleProfit,
)

Pct = Annotated[
    str | None, Field(description="Per cent with two places; null where there is nothing to share.")
]
NotKnown = Annotated[int | None, Field(description="Null: nobody wrote it down, or not for you.")]


class DefinitionOut(BaseModel):
    """What a figure is, and which rows it is computed from."""

    code: str
    name: str
    chinese_name: str
    meaning: str
    chinese: str
    computed_from: list[str]


class FigureOut(BaseModel):
    """What every figure tells: its definition, of whom, as known when."""

    definition: DefinitionOut
    organisation: str | None = Field(description="It and all below it.")
    time_zone: str = Field(description="In which its days begin.")
    known_at: datetime = Field(description="Nothing recorded later is counted.")


def figure_of(figure: Figure) -> dict[str, Any]:
    """What every figure tells."""
    return {
        "definition": DefinitionOut(
            **{**asdict(figure.definition), "computed_from": list(figure.definition.computed_from)}
        ),
        "organisation": figure.asked.organisation_code,
        "time_zone": figure.asked.zone,
        "known_at": figure.asked.known_at,
    }


class DaysOut(BaseModel):
    """Vehicle-days of an organisation, or of all (null)."""

    organisation: str | None
    vehicles: int
    fleet_days: int
    leased_days: int
    not_to_be_let_days: int = Field(
        description="Without a lease: in repair, off the road, not registered, for sale."
    )
    utilisation_pct: Pct
    utilisation_of_lettable_pct: Pct

    @classmethod
    def of(cls, days: DaysOf) -> "DaysOut":
        """As the service gives it."""
        return cls(
            organisation=days.code,
            vehicles=days.vehicles,
            fleet_days=days.fleet_days,
            leased_days=days.leased_days,
            not_to_be_let_days=days.away_days,
            utilisation_pct=as_pct(days.utilisation),
            utilisation_of_lettable_pct=as_pct(days.utilisation_of_lettable),
        )


class UtilisationOut(FigureOut):
    """出租率 of the days [from_on, until_on)."""

    from_on: date
    until_on: date
    total: DaysOut
    organisations: list[DaysOut]

    @classmethod
    def of(cls, figure: Utilisation) -> "UtilisationOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            from_on=figure.span.from_on,
            until_on=figure.span.until_on,
            total=DaysOut.of(figure.total),
            organisations=[DaysOut.of(each) for each in figure.organisations],
        )


class CollectedOut(BaseModel):
    """Bills due, what was taken off them and what was collected."""

    organisation: str | None
    bills: int
    billed_fen: int
    credited_fen: int
    due_fen: int = Field(description="Billed less credited.")
    collected_fen: int
    from_deposits_fen: int = Field(description="Of it, out of deposits.")
    written_off_fen: int
    collection_pct: Pct

    @classmethod
    def of(cls, part: CollectedOf) -> "CollectedOut":
        """As the service gives it."""
        return cls(
            organisation=part.code,
            bills=part.bills,
            billed_fen=part.billed_fen,
            credited_fen=part.credited_fen,
            due_fen=part.due_fen,
            collected_fen=part.collected_fen,
            from_deposits_fen=part.from_deposits_fen,
            written_off_fen=part.written_off_fen,
            collection_pct=as_pct(part.collection),
        )


class CollectionOut(FigureOut):
    """收缴率 of bills due in [from_on, until_on), as it stood at the end of day `on`."""

    from_on: date
    until_on: date
    on: date
    total: CollectedOut
    cumulative: CollectedOut = Field(description="Of all bills due before until_on.")
    organisations: list[CollectedOut]

    @classmethod
    def of(cls, figure: Collection) -> "CollectionOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            from_on=figure.span.from_on,
            until_on=figure.span.until_on,
            on=figure.on,
            total=CollectedOut.of(figure.total),
            cumulative=CollectedOut.of(figure.cumulative),
            organisations=[CollectedOut.of(each) for each in figure.organisations],
        )


class BucketOut(BaseModel):
    """What is open and so many days overdue."""

    days: str = Field(description="not_due, 1-30, …, >365: by the figure receivable.ageing.")
    open_fen: int


class AgedOut(BaseModel):
    """What is open of an organisation, a customer, or of all (null)."""

    key: str | None = Field(description="Code of the organisation, or number of the customer.")
    name: str | None
    open_fen: int
    overdue_fen: int
    buckets: list[BucketOut]
    deposits_fen: int = Field(description="Deposits asked for and not paid, in no bucket.")

    @classmethod
    def of(cls, part: AgedOf, labels: tuple[str, ...]) -> "AgedOut":
        """As the service gives it."""
        buckets = zip(labels, part.buckets_fen, strict=True)
        return cls(
            key=part.key,
            name=part.name,
            open_fen=part.open_fen,
            overdue_fen=part.overdue_fen,
            buckets=[BucketOut(days=days, open_fen=fen) for days, fen in buckets],
            deposits_fen=part.deposits_fen,
        )


class AgeingOut(FigureOut):
    """应收账龄 at the end of a day."""

    on: date
    total: AgedOut
    organisations: list[AgedOut]

    @classmethod
    def of(cls, figure: Ageing) -> "AgeingOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            on=figure.on,
            total=AgedOut.of(figure.total, figure.labels),
            organisations=[AgedOut.of(each, figure.labels) for each in figure.parts],
        )


class DepositsOut(BaseModel):
    """Deposits of an organisation, or of all (null)."""

    organisation: str | None
    received_fen: int
    applied_fen: int
    refunded_fen: int
    held_fen: int = Field(description="What is owed: received less applied less refunded.")
    held_back_fen: int = Field(description="Of it, held back for a reason.")

    @classmethod
    def of(cls, part: DepositsOf) -> "DepositsOut":
        """As the service gives it."""
        return cls(
            organisation=part.code,
            received_fen=part.received_fen,
            applied_fen=part.applied_fen,
            refunded_fen=part.refunded_fen,
            held_fen=part.held_fen,
            held_back_fen=part.held_back_fen,
        )


class DepositLiabilityOut(FigureOut):
    """押金负债 at the end of a day."""

    on: date
    total: DepositsOut
    organisations: list[DepositsOut]

    @classmethod
    def of(cls, figure: Deposits) -> "DepositLiabilityOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            on=figure.on,
            total=DepositsOut.of(figure.total),
            organisations=[DepositsOut.of(each) for each in figure.organisations],
        )


class CreditOut(BaseModel):
    """Credit of an organisation's customers, of a customer, or of all (null)."""

    key: str | None = Field(description="Code of the organisation, or number of the customer.")
    name: str | None
    credit_fen: int
    unclaimed_fen: int = Field(description="Receipts of nobody known.")

    @classmethod
    def of(cls, part: CreditOf) -> "CreditOut":
        """As the service gives it."""
        return cls(**asdict(part))


class CreditsOut(FigureOut):
    """预收/余额 at the end of a day."""

    on: date
    total: CreditOut
    organisations: list[CreditOut]

    @classmethod
    def of(cls, figure: Credits) -> "CreditsOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            on=figure.on,
            total=CreditOut.of(figure.total),
            organisations=[CreditOut.of(each) for each in figure.parts],
        )


class RevenueRowOut(BaseModel):
    """Earned in a month by an operator with a model, net of VAT."""

    month: str = Field(description="YYYY-MM.")
    organisation: str
    model: str | None = Field(description="Null: lines of no single vehicle, such as late fees.")
    rent_fen: int
    recharges_fen: int
    purchases_fen: int
    total_fen: int

    @classmethod
    def of(cls, row: RevenueOf) -> "RevenueRowOut":
        """As the service gives it."""
        return cls(
            month=f"{row.month_on:%Y-%m}",
            organisation=row.organisation_code,
            model=row.model,
            rent_fen=row.rent_fen,
            recharges_fen=row.recharges_fen,
            purchases_fen=row.purchases_fen,
            total_fen=row.total_fen,
        )


class RevenueOut(FigureOut):
    """营业收入 of the days [from_on, until_on)."""

    from_on: date
    until_on: date
    total_fen: int
    rows: list[RevenueRowOut]

    @classmethod
    def of(cls, figure: Revenue) -> "RevenueOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            from_on=figure.span.from_on,
            until_on=figure.span.until_on,
            total_fen=sum(row.total_fen for row in figure.rows),
            rows=[RevenueRowOut.of(row) for row in figure.rows],
        )


class IdleVehicleOut(BaseModel):
    """A vehicle without a lease."""

    vin: str
    plate: str | None
    model: str | None
    organisation: str
    stage: str
    since_on: date = Field(description="When it came back, or joined.")
    days: int
    sellable: bool

    @classmethod
    def of(cls, vehicle: IdleVehicle) -> "IdleVehicleOut":
        """As the service gives it."""
        told = asdict(vehicle)
        return cls(organisation=told.pop("organisation_code"), **told)


class IdleOut(FigureOut):
    """闲置天数 at the end of a day: how many vehicles, and their days together."""

    on: date
    vehicles: int
    days: int
    sellable_vehicles: int
    sellable_days: int
    not_sellable_vehicles: int
    not_sellable_days: int

    @classmethod
    def of(cls, figure: Idle) -> "IdleOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            on=figure.on,
            vehicles=figure.sellable + figure.not_sellable,
            days=figure.sellable_days + figure.not_sellable_days,
            sellable_vehicles=figure.sellable,
            sellable_days=figure.sellable_days,
            not_sellable_vehicles=figure.not_sellable,
            not_sellable_days=figure.not_sellable_days,
        )


class CostPartOut(BaseModel):
    """A part of what vehicles cost."""

    part: str
    amount_fen: int = Field(description="As far as is known.")
    not_known_vehicles: int = Field(description="Of how many vehicles nobody knows it.")


class ProfitOut(FigureOut):
    """单车收益 of all vehicles together, in [from_on, until_on)."""

    from_on: date
    until_on: date
    vehicles: int
    rent_fen: int
    recharges_fen: int
    purchases_fen: int
    shares_fen: int
    of_no_vehicle_fen: int = Field(description="Earned by lines of no single vehicle.")
    costs: list[CostPartOut]
    profit_fen: int = Field(description="At most this, where something is not known.")

    @classmethod
    def of(cls, figure: Profit) -> "ProfitOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            from_on=figure.span.from_on,
            until_on=figure.span.until_on,
            vehicles=figure.vehicles,
            **asdict(figure.income),
            of_no_vehicle_fen=figure.of_no_vehicle_fen,
            costs=[
                CostPartOut(part=part, amount_fen=fen, not_known_vehicles=figure.not_known[part])
                for part, fen in figure.costs_fen.items()
            ],
            profit_fen=figure.profit_fen,
        )


class VehicleProfitOut(BaseModel):
    """What a vehicle brought in and cost, as far as is known."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "vin": "LSGPC52U6AF102554",
                "plate": "粤BD12345",
                "model": "瑞驰 EC35",
                "organisation": "shenzhen-nanshan",
                "fleet_days": 31,
                "leased_days": 30,
                "rent_fen": 221239,
                "recharges_fen": 12000,
                "purchases_fen": 0,
                "shares_fen": 0,
                "depreciation_fen": 158333,
                "insurance_fen": 0,
                "inspection_fen": 1250,
                "repair_fen": 85000,
                "other_fen": 0,
                "energy_fen": None,
                "finance_fen": None,
                "commission_fen": 0,
                "not_known": ["energy", "finance"],
                "profit_fen": -11344,
            }
        }
    )

    vin: str
    plate: str | None
    model: str | None
    organisation: str | None = Field(description="Who had it most of the days.")
    fleet_days: int
    leased_days: int
    rent_fen: int
    recharges_fen: int
    purchases_fen: int
    shares_fen: int = Field(description="Received of its operator.")
    depreciation_fen: NotKnown
    insurance_fen: NotKnown
    inspection_fen: NotKnown
    repair_fen: NotKnown
    other_fen: NotKnown
    energy_fen: NotKnown
    finance_fen: NotKnown
    commission_fen: NotKnown
    not_known: list[str]
    profit_fen: int = Field(description="At most this, where something is not known.")

    @classmethod
    def of(cls, row: VehicleProfit) -> "VehicleProfitOut":
        """As the service gives it."""
        return cls(
            vin=row.vin,
            plate=row.plate,
            model=row.model,
            organisation=row.organisation_code,
            fleet_days=row.fleet_days,
            leased_days=row.leased_days,
            **asdict(row.income),
            **asdict(row.outlay),
            not_known=list(row.outlay.not_known),
            profit_fen=row.profit_fen,
        )


class AgedCustomerOut(BaseModel):
    """What is open of a customer. Buckets are named by the figure in force on the day."""

    customer_no: str
    name: str
    open_fen: int
    overdue_fen: int
    buckets: list[BucketOut]
    deposits_fen: int

    @classmethod
    def of(cls, part: AgedOf, labels: tuple[str, ...]) -> "AgedCustomerOut":
        """As the service gives it."""
        told = AgedOut.of(part, labels)
        same = {name: getattr(told, name) for name in cls.model_fields if name != "customer_no"}
        return cls(customer_no=str(part.key), **same)


class CustomerCreditOut(BaseModel):
    """Credit of a customer."""

    customer_no: str
    name: str
    credit_fen: int

    @classmethod
    def of(cls, part: CreditOf) -> "CustomerCreditOut":
        """As the service gives it."""
        return cls(customer_no=str(part.key), name=str(part.name), credit_fen=part.credit_fen)
