"""The shapes of quotes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, get_args

State = Literal["open", "accepted", "declined", "withdrawn"]
STATES: Final[tuple[State, ...]] = get_args(State)


class ListedRent(NamedTuple):
    """What the list says for a line: the rent for one `per`, and the deposit."""

    rent_fen: int
    per: str
    deposit_fen: int


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A quote as it is kept. `valid_until_on` is a day of `zone`. `terms` as JSON."""

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    quote_no: str
    customer_id: int | None
    customer_no: str | None
    customer_name: str | None
    prospect: str | None
    prospect_phone: str | None
    terms: Mapping[str, Any]
    valid_until_on: date
    state: State
    state_note: str | None
    lease_no: str | None
    created_by: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class LinePrice:
    """A line beside the list; None: the list says nothing of it."""

    line_no: int
    listed: ListedRent | None
    discount_pct: Decimal | None
