"""Decides what is billed beside the rent: accepted charges, packages, late fees.

Each is billed once. Late fees may grow, or turn out too high, where a payment is undone or was made
earlier than it was told: the difference is billed or taken off. Leaves out on which bill they stand
(`plan.py`).
"""

from collections.abc import Iterator, Mapping

from fleet.billing.context import PlanContext
from fleet.billing.model import BillKind, CreditDraft, LineDraft, Source

LATE_FEE_LESS = "滞纳金更正"


def extra_lines(ctx: PlanContext, billed: Mapping[Source, int]) -> list[LineDraft]:
    """Charges by the day they were incurred, packages by the day they begin, then late fees."""
    return [*_charges(ctx, billed), *_packages(ctx, billed), *_late_fees(ctx, billed)]


def extra_credits(ctx: PlanContext, billed: Mapping[Source, int]) -> list[CreditDraft]:
    """Late fees that were billed too high."""
    found = []
    for item in ctx.late_fees:
        source = Source("late_fee", item.bill_no)
        too_much_fen = billed.get(source, 0) - item.amount_fen
        if too_much_fen > 0:
            found.append(CreditDraft(source, too_much_fen, LATE_FEE_LESS, basis=item.basis))
    return found


def kind_of(lines: list[LineDraft]) -> BillKind:
    """What a bill of such lines is called, where there is no rent on it."""
    kinds = {line.kind for line in lines}
    if kinds == {"late_fee"}:
        return "late_fee"
    return "package" if kinds == {"package"} else "charges"


def _charges(ctx: PlanContext, billed: Mapping[Source, int]) -> Iterator[LineDraft]:
    for charge in sorted(ctx.charges, key=lambda each: (each.incurred_on, each.key)):
        source = Source("charge", charge.key)
        if source in billed or charge.amount_fen <= 0:
            continue
        yield LineDraft(
            kind=charge.kind,
            title=charge.title,
            amount_fen=charge.amount_fen,
            source=source,
            line_no=charge.line_no,
            vehicle_id=charge.vehicle_id,
            basis={**charge.basis, "incurred_on": charge.incurred_on.isoformat()},
        )


def _packages(ctx: PlanContext, billed: Mapping[Source, int]) -> Iterator[LineDraft]:
    for term in sorted(ctx.packages, key=lambda each: (each.from_on, each.sale_key, each.no)):
        source = Source("package", f"{term.sale_key}:{term.no}")
        begins = term.from_on >= ctx.settings.bills_from_on
        if source in billed or term.amount_fen <= 0 or not begins:
            continue
        yield LineDraft(
            kind="package",
            title=term.title,
            amount_fen=term.amount_fen,
            source=source,
            line_no=term.line_no,
            vehicle_id=term.vehicle_id,
            from_on=term.from_on,
            until_on=term.until_on,
            basis={"term_no": term.no},
        )


def _late_fees(ctx: PlanContext, billed: Mapping[Source, int]) -> Iterator[LineDraft]:
    for item in sorted(ctx.late_fees, key=lambda each: each.bill_no):
        source = Source("late_fee", item.bill_no)
        more_fen = item.amount_fen - billed.get(source, 0)
        if more_fen > 0:
            yield LineDraft(
                kind="late_fee",
                title=f"滞纳金（账单 {item.bill_no}）",
                amount_fen=more_fen,
                source=source,
                class_="interest",
                basis=item.basis,
            )
