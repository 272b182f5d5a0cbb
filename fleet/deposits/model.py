"""The shapes of deposits: what is held of a lease, its movements, what may be given back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args
from uuid import UUID

from fleet.deposits.refundable import Block

MovementKind = Literal["opening", "applied", "unapplied", "refunded", "held_back", "released"]
Channel = Literal["bank", "wechat", "alipay", "cash", "other"]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)


@dataclass(frozen=True, slots=True)
class Deposit:
    """The deposit of a lease, in fen. Days are of `zone`.

    `agreed`: by its terms. `asked`: on bills, less what notes took off. `open`: not paid of that.
    `received`: paid on bills; `opening`: held from before. `applied`: settled bills, less what was
    taken back. `credited`: became credit when a note took a paid bill off. Held is received +
    opening − applied − refunded − credited. `held_back`: by people, not released.
    """

    lease_id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    lease_no: str
    lease_state: str
    customer_id: int
    customer_no: str
    customer_name: str
    created_at: datetime
    agreed_fen: int
    asked_fen: int
    open_fen: int
    received_fen: int
    opening_fen: int
    applied_fen: int
    refunded_fen: int
    held_back_fen: int
    held_fen: int

    @property
    def credited_fen(self) -> int:
        """What became credit of the customer."""
        came = self.received_fen + self.opening_fen
        return came - self.applied_fen - self.refunded_fen - self.held_fen


@dataclass(frozen=True, slots=True)
class Movement:
    """One move of a deposit. `left_fen`: not undone yet of what was applied or held back."""

    id: int
    key: UUID
    kind: MovementKind
    amount_fen: int
    left_fen: int
    moved_on: date
    until_on: date | None
    reason: str
    bank_reference: str | None
    channel: Channel | None
    bill_no: str | None
    undoes_key: UUID | None
    releases: str | None
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DepositStanding:
    """All a clerk asks about the deposit of a lease on a day."""

    deposit: Deposit
    on: date
    returned_on: date | None
    vehicles_out: int
    refundable_fen: int
    blocks: tuple[Block, ...]
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """押金负债: what is held of how many leases, in fen."""

    leases: int
    held_fen: int
    held_back_fen: int
    open_fen: int
