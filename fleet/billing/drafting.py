"""Decides what stands on a draft: its lines with their VAT, its sums, what tells it from others.

Two drafts of one digest say the same. Pure; leaves out what is billed (`plan.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fleet.billing.model import BillDraft, BillLine, LineKind
from fleet.billing.snapshots import canonical, digest_of, percent

Split = Callable[[int, Decimal | None], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the lines of a bill come to, by class of Civil Code §561 and altogether."""

    total_fen: int
    vat_fen: int
    principal_fen: int
    interest_fen: int
    cost_fen: int


def with_vat(
    draft: BillDraft, pct_of: Callable[[LineKind], Decimal | None], split: Split
) -> list[BillLine]:
    """The lines of a draft, numbered, VAT split from each once."""
    lines = []
    for no, line in enumerate(draft.lines, 1):
        pct = pct_of(line.kind)
        net_fen, vat_fen = split(line.amount_fen, pct)
        lines.append(
            BillLine(
                no,
                line.kind,
                line.class_,
                line.title,
                line.amount_fen,
                net_fen,
                vat_fen,
                pct,
                line.source,
                line.line_no,
                line.vehicle_id,
                line.from_on,
                line.until_on,
                line.basis,
            )
        )
    return lines


def sums_of(lines: Sequence[BillLine]) -> Sums:
    """What lines come to."""
    by_class = {"principal": 0, "interest": 0, "cost": 0}
    vat_fen = 0
    for line in lines:
        by_class[line.class_] += line.amount_fen
        vat_fen += line.vat_fen
    return Sums(sum(by_class.values()), vat_fen, *by_class.values())


def line_row(line: BillLine) -> dict[str, Any]:
    """A line ready for JSON."""
    return {
        "no": line.no,
        "kind": line.kind,
        "class": line.class_,
        "title": line.title,
        "amount_fen": line.amount_fen,
        "net_fen": line.net_fen,
        "vat_fen": line.vat_fen,
        "vat_pct": percent(line.vat_pct),
        "line_no": line.line_no,
        "vehicle_id": line.vehicle_id,
        "from_on": line.from_on,
        "until_on": line.until_on,
        "source_kind": line.source.kind,
        "source_key": line.source.key,
        "basis": line.basis,
    }


def digest(
    draft: BillDraft,
    lines: Sequence[BillLine],
    late_fee: Mapping[str, Any] | None,
    *,
    customer_id: int,
) -> bytes:
    """Tells a draft from every other; the day it may be issued from on is no part of it."""
    said = {
        "kind": draft.kind,
        "customer_id": customer_id,
        "due_on": draft.due_on,
        "from_on": draft.from_on,
        "until_on": draft.until_on,
        "late_fee": late_fee,
        "lines": [line_row(line) for line in lines],
    }
    return digest_of(canonical(said))
