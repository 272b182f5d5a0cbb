"""The figures of money over HTTP: collection, ageing, deposits, credit."""

from dataclasses import asdict
from datetime import date

from pydantic import BaseModel, Field

from api.models.kpis import FigureOut, Pct, figure_of
from fleet.kpis.ratios import as_pct
from fleet.kpis.service import (
    AgedOf,
    Ageing,
    CollectedOf,
    Collection,
    CreditOf,
    Credits,
    Deposits,
    DepositsOf,
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


class AgedCustomerOut(BaseModel):
    """What is open of a customer. Buckets are named by the figure in force on the day."""

    customer_no: str = Field(examples=["C2611-K7MQ2X"])
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

    customer_no: str = Field(examples=["C2611-K7MQ2X"])
    name: str
    credit_fen: int

    @classmethod
    def of(cls, part: CreditOf) -> "CustomerCreditOut":
        """As the service gives it."""
        return cls(customer_no=str(part.key), name=str(part.name), credit_fen=part.credit_fen)
