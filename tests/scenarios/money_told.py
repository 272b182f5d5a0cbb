"""Tells of money as an accountant reads it: bills with their lines, what is open, the accounts."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from fleet.billing import service as billing
from fleet.deposits import service as deposits
from fleet.dunning import service as dunning
from fleet.ledger import service as ledger
from fleet.payments import service as payments
from fleet.receivables import service as receivables
from fleet.statements import service as statements
from kit.db import act_for
from kit.money import yuan as plain_yuan
from schemas.access import SYSTEM
from tests.scenarios.story import ZONE, Act
from tests.scenarios.world import World

ASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "statement": ("customer", "from_on", "until_on"),
    "late_fees": ("on",),
    "ledger": ("on",),
    "balance": ("customer",),
}
"""What may be said of each thing that is shown."""


def yuan(fen: int) -> str:
    return f"{plain_yuan(fen)} yuan"


def full_no(world: World, told: str) -> str:
    """The number of a bill by how the story tells it: without its organisation's."""
    head, tail = told.split("-")
    return f"{head}-{world.organisation_id}-{tail}"


def new_of(world: World, now: datetime) -> list[str]:
    """The bills and credit notes the story has not told of."""
    lines: list[str] = []
    for bill in issued(world, now):
        if bill.bill_no is not None and bill.bill_no not in world.told:
            world.told.add(bill.bill_no)
            lines += _bill(world, bill)
    notes = billing.list_credit_notes(world.conn, SYSTEM, {}, limit=200)
    for note in sorted(notes, key=lambda each: each.credit_no):
        if note.credit_no not in world.told:
            world.told.add(note.credit_no)
            lines += _note(world, note.credit_no)
    return lines


def issued(world: World, now: datetime) -> list[billing.Bill]:
    """All bills that are issued, by their numbers."""
    found = billing.list_bills(world.conn, SYSTEM, {"state": "issued"}, limit=200, now=now)
    return sorted(found, key=lambda each: each.bill_no or "")


def _bill(world: World, bill: billing.Bill) -> list[str]:
    assert bill.bill_no is not None
    detail = billing.get_bill(world.conn, SYSTEM, bill=bill.bill_no)
    head = f"- {bill.issued_on}: {bill.bill_no} `{bill.kind}`, due {bill.due_on}:"
    told = [f"{head} {yuan(bill.total_fen)} (VAT {plain_yuan(bill.vat_fen)})"]
    for each in detail.lines:
        whose = "" if each.plate is None else f", {each.plate}"
        told.append(
            f"  - {each.line.title}{whose}: {yuan(each.line.amount_fen)}{_by(each.line.basis)}"
        )
        told += [f"    - {piece}" for piece in _pieces(each.line.basis)]
    return told


def _by(basis: Mapping[str, Any]) -> str:
    if "of_days" not in basis:
        return ""
    rest = f", {basis['suspended_days']} d at rest" if "suspended_days" in basis else ""
    return f", {basis['days']} of {basis['of_days']} d{rest}"


def _pieces(basis: Mapping[str, Any]) -> list[str]:
    return [
        f"{piece['from_on']} to {piece['to_on']}: {piece['days']} d of {yuan(piece['open_fen'])}"
        for piece in basis.get("pieces", ())
    ]


def _note(world: World, credit_no: str) -> list[str]:
    detail = billing.get_credit_note(world.conn, SYSTEM, credit_no=credit_no)
    note = detail.note
    head = f"- {note.issued_on}: {note.credit_no} takes {yuan(note.total_fen)}"
    told = [f"{head} (VAT {plain_yuan(note.vat_fen)}) off {note.bill_no}: {note.reason}"]
    for line in detail.lines:
        days = "" if line.until_on is None else f", {line.from_on} to {_last(line.until_on)}"
        told.append(f"  - {line.title}: {yuan(line.amount_fen)}{days}")
    return told


def payment(done: payments.PaymentDetail) -> list[str]:
    """What came in, and where it went."""
    came = done.payment
    told = [f"- {yuan(came.amount_fen)} by {came.channel} on {came.received_on}"]
    for each in done.settles:
        parts = {"late fee": each.interest_fen, "principal": each.principal_fen}
        parts = {"costs": each.cost_fen, **parts}
        split = ", ".join(f"{name} {plain_yuan(fen)}" for name, fen in parts.items() if fen)
        told.append(f"  - settles of {each.bill_no}: {split} ({each.rule})")
    if came.left_fen:
        told.append(f"  - {yuan(came.left_fen)} left as credit")
    return told


def _bills(world: World, act: Act) -> list[str]:
    told = []
    for bill in issued(world, act.now):
        credited = f", credited {plain_yuan(bill.credited_fen)}" if bill.credited_fen else ""
        stands = f"open {yuan(bill.open_fen or 0)}"
        if bill.settled_on is not None:
            stands = f"settled {bill.settled_on}"
        told.append(
            f"- {bill.bill_no} `{bill.kind}`, due {bill.due_on}: {yuan(bill.total_fen)}"
            f"{credited}; {stands}"
        )
    return told


def _ledger(world: World, act: Act, *, on: date | None = None) -> list[str]:
    """The trial balance of a day: debits above zero; all together is nothing."""
    found = ledger.trial_balance(world.conn, SYSTEM, on=on or act.at.date())
    assert sum(each.balance_fen for each in found) == 0
    return ["| account | debit | credit |", "|---|---:|---:|"] + [
        f"| {each.code} {each.chinese} | {_side(each.balance_fen)} | {_side(-each.balance_fen)} |"
        for each in found
        if each.balance_fen
    ]


def _side(fen: int) -> str:
    return plain_yuan(fen) if fen > 0 else ""


def _statement(
    world: World, act: Act, *, customer: str, from_on: date, until_on: date
) -> list[str]:
    """对账单: `until_on` is the day after its last."""
    found = statements.statement(
        world.conn,
        SYSTEM,
        customer_no=world.customer_nos[customer],
        from_on=from_on,
        until_on=until_on,
        now=act.now,
    )
    told = [
        "| day | what | owed more | owed less | balance |",
        "|---|---|---:|---:|---:|",
        f"| {from_on} | brought forward | | | {plain_yuan(found.opening_fen)} |",
    ]
    told += [
        f"| {row.on} | {row.kind} {row.number} | {_side(row.debit_fen)} |"
        f" {_side(row.credit_fen)} | {plain_yuan(row.balance_fen)} |"
        for row in found.rows
    ]
    told += ["", f"- open {yuan(found.open_fen)}, credit {yuan(found.credit_fen)}"]
    return [*told, f"- deposits held {yuan(found.deposits_held_fen)}"]


def _late_fees(world: World, act: Act, *, on: date | None = None) -> list[str]:
    """Of each bill: the days, what was open on them, what they cost to a day."""
    bills = [(bill.id, bill.bill_no) for bill in issued(world, act.now)]
    fees = receivables.late_fee_of(
        world.conn, bill_ids=[key for key, _no in bills], on=on or act.at.date()
    )
    told = []
    for key, bill_no in bills:
        fee = fees[key]
        if fee.amount_fen:
            told.append(f"- {bill_no}: {fee.days} d late, {yuan(fee.amount_fen)}")
            told += [
                f"  - {piece.from_on} to {_last(piece.until_on)}: {piece.days} d of"
                f" {yuan(piece.open_fen)}, {plain_yuan(piece.amount_fen)}"
                for piece in fee.pieces
            ]
    return told or ["- no late fees"]


def _deposit(world: World, act: Act) -> list[str]:
    lease_no = world.leases[act.lease]
    return deposit_standing(
        deposits.get_standing(world.conn, SYSTEM, lease_no=lease_no, now=act.now)
    )


def deposit_standing(found: deposits.DepositStanding) -> list[str]:
    """What is held, what of it may be paid back today, and why not more."""
    head = f"- deposit on {found.on}: {yuan(found.deposit.held_fen)} held,"
    told = [f"{head} {yuan(found.refundable_fen)} may be paid back"]
    for each in found.blocks:
        much = "all of it" if each.amount_fen is None else yuan(each.amount_fen)
        told.append(f"  - blocked, `{each.code}`: {much}")
    return told


def _balance(world: World, act: Act, *, customer: str) -> list[str]:
    customer_no = world.customer_nos[customer]
    found = payments.balance_of(world.conn, SYSTEM, customer_no=customer_no, now=act.now)
    owed = f"- open {yuan(found.open_fen)}, of it overdue {yuan(found.overdue_fen)};"
    held = yuan(found.deposits_held_fen)
    return [f"{owed} credit {yuan(found.credit_fen)}; deposits held {held}"]


def notices(world: World, now: datetime) -> list[str]:
    """Those made at that instant."""
    found = dunning.list_notices(world.conn, SYSTEM, {}, limit=200)
    return [
        f"- {now.astimezone(ZONE):%Y-%m-%d}: {each.notice.title}, of {each.notice.bill_no}:"
        f" {yuan(each.notice.open_fen)} open, {yuan(each.notice.late_fee_fen)} late fee"
        for each in reversed(found)
        if each.notice.made_at == now
    ]


def _seen(shown: Callable[..., list[str]]) -> Callable[..., list[str]]:
    def told(world: World, act: Act, **asked: Any) -> list[str]:
        act_for(world.conn, [world.organisation_id])
        return shown(world, act, **asked)

    return told


def _last(until_on: date) -> date:
    return until_on - timedelta(days=1)


SHOWN: Final[Mapping[str, Callable[..., list[str]]]] = {
    "bills": _seen(_bills),
    "ledger": _seen(_ledger),
    "statement": _seen(_statement),
    "late_fees": _seen(_late_fees),
    "deposit": _seen(_deposit),
    "balance": _seen(_balance),
}
