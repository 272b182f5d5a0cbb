"""What happens in the life of a customer, step by step: vehicles, bills, money, corrections."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection

from fleet.billing import jobs
from fleet.billing import service as billing
from fleet.charges import service as charges
from fleet.deposits import service as deposits
from fleet.leasing import service as leasing
from fleet.leasing.terms import LateFee, Line, Term
from fleet.ledger import service as ledger
from fleet.local_days import local_day
from fleet.payments import service as payments
from kit.db import act_for
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B
from tests.fleet.leasing.conftest import (
    START,
    VIN_C,
    back,
    customer,
    day,
    out,
    signed,
    swapped,
    terms,
)

Conn = Connection[Any]
VINS: Final = (VIN_A, VIN_B, VIN_C)
ANOTHER: Final = replace(SYSTEM, name="manager")
SELLER: Final = {"name": "前行运力", "tax_no": "91440300MA5EXAMPL0", "account": "6225 8801"}
ACTS: Final = (
    "bill", "bill", "bill", "pay", "pay", "pay", "pay_named", "bounce", "refund", "credit",
    "apply_deposit", "unapply_deposit", "refund_deposit", "release", "write_off", "undo_write_off",
    "swap", "suspend", "resume", "take_back", "hand_out", "amend", "charge", "bill_now",
    "unclaimed", "claim", "close_month", "terminate",
)  # fmt: skip


class Step(NamedTuple):
    """Something somebody does, so many days after the step before; `pick` and `part` say to what,
    and how much of it in per mille."""

    act: str
    days: int
    pick: int
    part: int


@dataclass
class Life:
    """A customer with two leases, and what was done for them."""

    conn: Conn
    organisation_id: int
    customer_no: str
    lease_nos: list[str]
    today: int = 0
    done: list[str] = field(default_factory=list)
    references: int = 0

    @property
    def now(self) -> datetime:
        return day(self.today, 13)

    @property
    def on(self) -> date:
        return local_day(self.now)

    def lease_no(self, step: Step) -> str:
        return self.lease_nos[step.pick % len(self.lease_nos)]

    def rows(self, query: str, *values: Any) -> list[Any]:
        return self.conn.execute(query.encode(), values).fetchall()

    def one_of(self, step: Step, query: str, *values: Any) -> Any:
        """One of the rows, by the step's pick; None of none."""
        found = self.rows(query, *values)
        return found[step.pick % len(found)] if found else None


def begin(conn: Conn) -> Life:
    """Two leases, one vehicle out in each; billed from the first day on."""
    act_for(conn, [_id_of(conn, "head")])
    billing.set_settings(
        conn,
        SYSTEM,
        organisation_code="head",
        version=0,
        billing=billing.Billing(START, 10, 7, True, SELLER),
        now=day(-1),
    )
    customer_no = customer(conn)
    late_fee = LateFee(grace_days=3)
    one = signed(conn, terms(_line(1), late_fee=late_fee), customer_no=customer_no)
    other = signed(
        conn,
        terms(
            _line(1, rent_fen=333_333),
            _line(2, rent_fen=100_001, deposit_fen=77_777),
            billing="calendar_month",
            term=Term(count=3),
            late_fee=late_fee,
            violation_hold_fen=10_000,
        ),
        customer_no=customer_no,
    )
    life = Life(
        conn,
        _id_of(conn, "east"),
        customer_no,
        [one.lease.lease_no, other.lease.lease_no],
    )
    out(conn, one.lease.lease_no, VIN_A)
    out(conn, other.lease.lease_no, VIN_B)
    return life


def _line(no: int, rent_fen: int = 250_000, deposit_fen: int = 250_000) -> Line:
    return Line(no=no, rent_fen=rent_fen, deposit_fen=deposit_fen)


def _id_of(conn: Conn, code: str) -> int:
    row = conn.execute("SELECT id FROM organisations WHERE code = %s", [code]).fetchone()
    assert row is not None
    return int(row[0])


def live(life: Life, step: Step) -> None:
    """Do it; raises what is refused. What there is nothing for is left out."""
    life.today += step.days
    DOINGS[step.act](life, step)


def _bill(life: Life, _step: Step) -> None:
    """Until nothing is left to do: what a run settles may have been late, and has its fee."""
    for _ in range(4):
        did = jobs.run(life.conn, SYSTEM, organisation_id=life.organisation_id, now=life.now)
        assert not did.faults, did.faults
        if (did.drafted, did.discarded, did.issued, did.credit_notes) == (0, 0, 0, 0):
            life.done.append("bill")
            return
    raise AssertionError(f"runs on day {life.today} do not come to an end: {did}")


def _bill_now(life: Life, step: Step) -> None:
    if billing.bill_now(life.conn, SYSTEM, lease_no=life.lease_no(step), now=life.now):
        life.done.append("bill_now")


def _pay(life: Life, step: Step, *, claimed: bool = True, named: bool = False) -> None:
    [(open_fen,)] = life.rows("SELECT coalesce(sum(open_fen), 0) FROM bill_balances")
    bill = life.one_of(
        step,
        "SELECT b.bill_no, x.open_fen FROM bill_balances x JOIN bills b ON b.id = x.bill_id"
        " WHERE x.open_fen > 0 ORDER BY b.id",
    )
    if bill is None and step.part % 2:
        return
    amount = int((bill[1] if named and bill else open_fen or 100_000) * step.part / 800) + 1
    life.references += 1
    payments.record_payment(
        life.conn,
        SYSTEM,
        received=payments.Received(
            "bank", amount, life.on - timedelta(days=min(step.pick, life.today)),
            bank_reference=f"T{life.references}",
        ),
        customer_no=life.customer_no if claimed else None,
        organisation_code=None if claimed else "east",
        bills=[bill[0]] if named and bill else [],
        now=life.now,
    )  # fmt: skip
    life.done.append("pay")


def _claim(life: Life, step: Step) -> None:
    found = life.one_of(
        step, "SELECT payment_no FROM payments WHERE state = 'unclaimed' ORDER BY id"
    )
    if found:
        payments.claim_payment(
            life.conn, SYSTEM, payment_no=found[0], customer_no=life.customer_no, now=life.now
        )
        life.done.append("claim")


def _bounce(life: Life, step: Step) -> None:
    found = life.one_of(
        step, "SELECT payment_no FROM payments WHERE state <> 'reversed' ORDER BY id"
    )
    if found:
        payments.reverse_payment(
            life.conn, SYSTEM, payment_no=found[0], reason="退票", now=life.now
        )
        life.done.append("bounce")


def _refund(life: Life, step: Step) -> None:
    [(left_fen,)] = life.rows("SELECT coalesce(sum(left_fen), 0) FROM credits")
    if left_fen:
        payments.refund_credit(
            life.conn,
            SYSTEM,
            customer_no=life.customer_no,
            amount_fen=max(1, int(left_fen * step.part / 1_000)),
            channel="bank",
            reason="多付",
            now=life.now,
        )
        life.done.append("refund")


def _credit(life: Life, step: Step) -> None:
    line = life.one_of(
        step,
        "SELECT b.bill_no, l.no, l.amount_fen FROM bills b JOIN bill_lines l ON l.bill_id = b.id"
        " WHERE b.state = 'issued' AND l.amount_fen > 0 ORDER BY b.id, l.no",
    )
    if line:
        wanted = billing.CreditWanted(line[1], max(1, int(line[2] * step.part / 1_000)))
        billing.credit_bill(
            life.conn, SYSTEM, bill=line[0], lines=[wanted], reason="协商减免", now=life.now
        )
        life.done.append("credit")


def _apply_deposit(life: Life, step: Step) -> None:
    bill = life.one_of(
        step,
        "SELECT b.bill_no, l.lease_no FROM bill_balances x JOIN bills b ON b.id = x.bill_id"
        " JOIN leases l ON l.id = b.lease_id JOIN deposit_balances d ON d.lease_id = l.id"
        " WHERE x.open_fen > 0 AND d.held_fen > 0 AND b.kind <> 'deposit' ORDER BY b.id",
    )
    if bill:
        deposits.apply_deposit(
            life.conn, SYSTEM, lease_no=bill[1], bill_no=bill[0], reason="抵欠", now=life.now
        )
        life.done.append("apply_deposit")


def _unapply_deposit(life: Life, step: Step) -> None:
    moved = life.one_of(
        step,
        "SELECT m.key, l.lease_no FROM deposit_movements m JOIN leases l ON l.id = m.lease_id"
        " WHERE m.kind = 'applied' ORDER BY m.id",
    )
    if moved:
        deposits.unapply_deposit(
            life.conn, SYSTEM, lease_no=moved[1], movement=moved[0], reason="误抵", now=life.now
        )
        life.done.append("unapply_deposit")


def _refund_deposit(life: Life, step: Step) -> None:
    lease_no = life.lease_no(step)
    standing = deposits.get_standing(life.conn, SYSTEM, lease_no=lease_no, now=life.now)
    if standing.refundable_fen:
        deposits.refund_deposit(
            life.conn,
            SYSTEM,
            lease_no=lease_no,
            amount_fen=standing.refundable_fen,
            channel="bank",
            reason="退租",
            now=life.now,
        )
        life.done.append("refund_deposit")


def _release(life: Life, step: Step) -> None:
    lease_no = life.lease_no(step)
    standing = deposits.get_standing(life.conn, SYSTEM, lease_no=lease_no, now=life.now)
    for block in standing.blocks[:1]:
        deposits.release_block(
            life.conn, SYSTEM, lease_no=lease_no, block=block.key, reason="核实", now=life.now
        )
        life.done.append("release")


def _write_off(life: Life, step: Step) -> None:
    bill = life.one_of(
        step,
        "SELECT b.bill_no, x.open_fen FROM bill_balances x JOIN bills b ON b.id = x.bill_id"
        " WHERE x.open_fen > 0 AND b.kind <> 'deposit' ORDER BY b.id",
    )
    if bill:
        asked = payments.request_write_off(
            life.conn,
            SYSTEM,
            bill_no=bill[0],
            amount_fen=max(1, int(bill[1] * step.part / 1_000)),
            reason="失联",
            now=life.now,
        )
        payments.decide_write_off(life.conn, ANOTHER, key=asked.key, approve=True, now=life.now)
        life.done.append("write_off")


def _undo_write_off(life: Life, step: Step) -> None:
    found = life.one_of(step, "SELECT key FROM write_offs WHERE decision = 'approved' ORDER BY id")
    if found:
        payments.undo_write_off(life.conn, ANOTHER, key=found[0], reason="还款", now=life.now)
        life.done.append("undo_write_off")


def _free(life: Life, step: Step) -> str:
    """A vehicle that nobody has, if there is one."""
    query = (
        "SELECT v.vin FROM vehicles v WHERE v.vin = ANY (%s) AND NOT EXISTS (SELECT"
        " FROM lease_segments s WHERE s.vehicle_id = v.id AND upper_inf(s.let_period)) ORDER BY 1"
    )
    found = life.one_of(step, query, list(VINS))
    return str(found[0]) if found else VINS[step.part % 3]


def _swap(life: Life, step: Step) -> None:
    swapped(life.conn, life.lease_no(step), _free(life, step), 1 + step.part % 2, at=life.now)
    life.done.append("swap")


def _suspend(life: Life, step: Step) -> None:
    leasing.suspend_lease(
        life.conn,
        SYSTEM,
        lease_no=life.lease_no(step),
        from_on=life.on,
        credited=step.part % 4 > 0,
        reason="停运",
        now=life.now,
    )
    life.done.append("suspend")


def _resume(life: Life, step: Step) -> None:
    leasing.resume_lease(life.conn, SYSTEM, lease_no=life.lease_no(step), on=life.on, now=life.now)
    life.done.append("resume")


def _take_back(life: Life, step: Step) -> None:
    back(life.conn, life.lease_no(step), 1 + step.part % 2, at=life.now)
    life.done.append("take_back")


def _hand_out(life: Life, step: Step) -> None:
    out(life.conn, life.lease_no(step), _free(life, step), 1 + step.part % 2, at=life.now)
    life.done.append("hand_out")


def _amend(life: Life, step: Step) -> None:
    lease_no = life.lease_no(step)
    _lease, book = leasing.lock_lease(life.conn, lease_no)
    lines = tuple(
        each.model_copy(update={"rent_fen": 200_000 + 137 * step.part}) for each in book.terms.lines
    )
    leasing.amend_lease(
        life.conn,
        SYSTEM,
        lease_no=lease_no,
        effective_on=life.on + timedelta(days=step.pick % 9),
        terms=book.terms.model_copy(update={"lines": lines}),
        reason="调价",
        now=life.now,
    )
    life.done.append("amend")


def _charge(life: Life, step: Step) -> None:
    lease, _book = leasing.lock_lease(life.conn, life.lease_no(step))
    kinds: tuple[charges.ChargeKind, ...] = ("damage", "violation", "energy", "cleaning", "other")
    [charge] = charges.propose(
        life.conn,
        SYSTEM,
        proposals=[
            charges.Proposal(
                lease_id=lease.id,
                tenant_id=lease.tenant_id,
                organisation_id=lease.organisation_id,
                kind=kinds[step.part % len(kinds)],
                title="费用",
                amount_fen=step.part * 97 + 1,
                incurred_on=life.on,
                source_kind="hand",
                source_key=f"{life.today}-{len(life.done)}",
            )
        ],
        now=life.now,
    )
    charges.decide(
        life.conn, SYSTEM, key=charge.key, version=charge.version, accept=True, now=life.now
    )
    life.done.append("charge")


def _close_month(life: Life, _step: Step) -> None:
    rows = life.rows("SELECT min(booked_on) FROM ledger_entries")
    if rows[0][0] is None:
        return
    closed = life.rows("SELECT max(closed_until_on) FROM ledger_books")[0][0]
    ledger.close_month(
        life.conn,
        SYSTEM,
        organisation="head",
        month_on=closed or rows[0][0].replace(day=1),
        now=life.now,
    )
    life.done.append("close_month")


def _terminate(life: Life, step: Step) -> None:
    if step.part > 300:
        return
    leasing.terminate_lease(
        life.conn,
        SYSTEM,
        lease_no=life.lease_no(step),
        by="lessor",
        clause="第十二条",
        reason="欠租",
        now=life.now,
    )
    life.done.append("terminate")


DOINGS: Final[Mapping[str, Callable[[Life, Step], None]]] = {
    "bill": _bill,
    "bill_now": _bill_now,
    "pay": _pay,
    "pay_named": lambda life, step: _pay(life, step, named=True),
    "unclaimed": lambda life, step: _pay(life, step, claimed=False),
    "claim": _claim,
    "bounce": _bounce,
    "refund": _refund,
    "credit": _credit,
    "apply_deposit": _apply_deposit,
    "unapply_deposit": _unapply_deposit,
    "refund_deposit": _refund_deposit,
    "release": _release,
    "write_off": _write_off,
    "undo_write_off": _undo_write_off,
    "swap": _swap,
    "suspend": _suspend,
    "resume": _resume,
    "take_back": _take_back,
    "hand_out": _hand_out,
    "amend": _amend,
    "charge": _charge,
    "close_month": _close_month,
    "terminate": _terminate,
}
