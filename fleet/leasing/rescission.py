"""Decides whether unpaid rent lets the lessor rescind, and what the lessee may claim back then.

Any lease: a demand, and its reasonable time gone by (民法典 §722). A lease-to-own is a finance
lease where the facts fit (§735); where no clause says when it may be rescinded, so much must be
unpaid besides (融资租赁解释 §5). "以上" includes the number (§1259). Leaves out how a demand is
made and proved, and that the right lapses after a year (§564).
"""

from dataclasses import dataclass
from typing import Literal

from fleet.lease_figures import LeaseRescission

Ground = Literal["clause", "demand", "periods", "share"]
Lack = Literal["nothing_unpaid", "demand_not_expired", "too_little_unpaid"]


@dataclass(frozen=True, slots=True)
class Arrears:
    """What is unpaid of a lease, in fen and in periods, and whether a demand has expired."""

    total_rent_fen: int
    unpaid_fen: int
    unpaid_periods: int
    demand_expired: bool


@dataclass(frozen=True, slots=True)
class Rescission:
    """`may`: the lessor may rescind, on these grounds; else what is lacking."""

    may: bool
    grounds: tuple[Ground, ...]
    lacks: tuple[Lack, ...]
    share_from_fen: int | None = None
    """From how much unpaid rent the share of a finance lease is reached."""


def may_rescind(arrears: Arrears) -> Rescission:
    """An ordinary lease, 民法典 §722: "the lessor may ask for payment within a reasonable time; if
    it is not paid by then, the lessor may rescind"."""
    lacks = _lacks(arrears)
    return Rescission(may=not lacks, grounds=() if lacks else ("demand",), lacks=lacks)


def may_rescind_finance_lease(
    arrears: Arrears, figures: LeaseRescission, *, clause_met: bool | None
) -> Rescission:
    """A finance lease, 融资租赁解释 §5.

    `clause_met`: whether the conditions of the contract's clause are met; None: it has no clause,
    and "two periods or more, or 15 % of all rent or more" must be unpaid.

    36 × 3,580: 15 % of 128,880.00 is 19,332.00. Two unpaid periods and the demand expired will do.

    >>> figures = LeaseRescission(unpaid_periods=2, unpaid_share_pct=15)
    >>> two, one = Arrears(12_888_000, 716_000, 2, True), Arrears(12_888_000, 358_000, 1, True)
    >>> may_rescind_finance_lease(two, figures, clause_met=None).grounds
    ('periods',)
    >>> may_rescind_finance_lease(one, figures, clause_met=None).lacks
    ('too_little_unpaid',)
    >>> may_rescind_finance_lease(one, figures, clause_met=None).share_from_fen
    1933200
    """
    lacks = list(_lacks(arrears))
    grounds: list[Ground] = []
    if clause_met:
        grounds.append("clause")
    if clause_met is None and arrears.unpaid_periods >= figures.unpaid_periods:
        grounds.append("periods")
    share = arrears.total_rent_fen * figures.unpaid_share_pct
    if clause_met is None and arrears.unpaid_fen * 100 >= share > 0:
        grounds.append("share")
    if not grounds:
        lacks.append("too_little_unpaid")
    return Rescission(
        may=not lacks,
        grounds=() if lacks else tuple(grounds),
        lacks=tuple(lacks),
        share_from_fen=-(-share // 100),
    )


def lessee_claim_fen(
    *, total_rent_fen: int, paid_rent_fen: int, recovered_fen: int, debts_fen: int
) -> int:
    """What the lessee may claim back of a vehicle that was taken, 民法典 §758.

    "Where the vehicle shall be the lessee's at the end, most of the rent is paid, and the lessor
    rescinds because the rest cannot be: if the recovered vehicle is worth more than the rent owed
    and other costs, the lessee may claim the difference." Most is read as more than half.

    Recovered 45,000, debts 22,000: up to 23,000.

    >>> claim = dict(total_rent_fen=12_888_000, recovered_fen=4_500_000, debts_fen=2_200_000)
    >>> lessee_claim_fen(paid_rent_fen=10_740_000, **claim)
    2300000
    >>> lessee_claim_fen(paid_rent_fen=6_444_000, **claim)
    0
    """
    if paid_rent_fen * 2 <= total_rent_fen:
        return 0
    return max(0, recovered_fen - debts_fen)


def _lacks(arrears: Arrears) -> tuple[Lack, ...]:
    lacks: list[Lack] = []
    if arrears.unpaid_fen <= 0:
        lacks.append("nothing_unpaid")
    if not arrears.demand_expired:
        lacks.append("demand_not_expired")
    return tuple(lacks)
