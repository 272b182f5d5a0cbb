"""The demo's money, lived through run by run: bills are made, customers pay as they are used to.

Decides nothing of how money is counted: bills, payments and deposits go through the services, on
the day of each. Who pays how stands in `seed_money.py`. Leaves out the leases (`demo_leases.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from psycopg import Connection

from fleet.billing import jobs as billing_jobs
from fleet.billing import service as billing
from fleet.dunning import service as dunning
from fleet.invoices import service as invoices
from fleet.leasing import service as leasing
from fleet.ledger import service as ledger
from fleet.local_days import local_day
from fleet.months import add_months
from fleet.orgs.service import Organisation, get_organisation
from fleet.packages import service as packages
from fleet.payments import service as payments
from fleet.shares import service as shares
from guanche.seed import DEPOTS, PLATFORM
from guanche.seed_money import (
    ARREARS,
    BILLED_DAYS,
    NOBODY_KNOWN,
    SELLERS,
    habit_of,
    paid_of,
)
from kit.db import act_for
from schemas.access import SYSTEM, Actor

RUN_EVERY_DAYS: Final = 5
INVOICED: Final = 3
SHOWN_AT: Final = "shenzhen-qianxing"
FINANCE: Final = "finance@shenzhen-qianxing"


@dataclass
class Till:
    """Whose money it is, and the number of the bank's next transaction."""

    conn: Connection[Any]
    head: Organisation
    now: datetime
    transaction: int = 0

    def actor(self, name: str = FINANCE) -> Actor:
        """Somebody who acts for the whole tenant."""
        return replace(SYSTEM, name=name, organisation_id=self.head.id)

    def day(self, ago: int) -> datetime:
        """The same hour, so many days ago."""
        return self.now - timedelta(days=ago)


def seed_money(conn: Connection[Any], *, now: datetime) -> int:
    """Bill the demo's leases and let their customers pay; how many bills. In one transaction."""
    head = get_organisation(conn, SYSTEM, code=PLATFORM)
    act_for(conn, [head.id])
    till = Till(conn, head, now)
    for code, seller in SELLERS.items():
        wanted = billing.Billing(local_day(till.day(BILLED_DAYS)), 10, 7, True, seller)
        billing.set_settings(
            conn,
            SYSTEM,
            organisation_code=code,
            version=0,
            billing=wanted,
            now=till.day(BILLED_DAYS + 1),
        )
    _seed_packages(till)
    _seed_arrears(till)
    for ago in (*range(BILLED_DAYS, 0, -RUN_EVERY_DAYS), 0):
        billing_jobs.run(conn, SYSTEM, organisation_id=head.id, now=till.day(ago))
        _pay_what_is_due(till, till.day(ago))
    _seed_oddities(till)
    _seed_notices(till)
    _seed_shares(till)
    _close_first_month(till)
    return len(_bills(till, {"state": "issued"}))


def bill_today(conn: Connection[Any], *, now: datetime) -> None:
    """Bill what came up since, as the API will every hour. In one transaction."""
    head = get_organisation(conn, SYSTEM, code=PLATFORM)
    act_for(conn, [head.id])
    billing_jobs.run(conn, SYSTEM, organisation_id=head.id, now=now)


def _bills(till: Till, filters: dict[str, Any], most: int = 5_000) -> list[billing.Bill]:
    return billing.list_bills(till.conn, SYSTEM, filters, limit=most, now=till.now)


def _pay_what_is_due(till: Till, at: datetime) -> None:
    """Each customer pays the bills they would have paid by that day."""
    today = local_day(at)
    for bill in reversed(_bills(till, {"state": "issued", "open": True})):
        habit = habit_of(bill.customer_name)
        wanted = paid_of(habit, bill.kind, bill.due_on, bill.total_fen, place=bill.id)
        if wanted is None or bill.open_fen is None or bill.issued_on is None:
            continue
        due_day, share_fen = wanted
        already = bill.total_fen - bill.credited_fen - bill.open_fen
        day = max(due_day, bill.issued_on)
        if day <= today and share_fen > already:
            _pay(till, bill, share_fen - already, on=day, at=at)


def _pay(till: Till, bill: billing.Bill, amount_fen: int, *, on: date, at: datetime) -> None:
    till.transaction += 1
    payments.record_payment(
        till.conn,
        till.actor(),
        received=payments.Received(
            habit_of(bill.customer_name).channel,
            amount_fen,
            on,
            bank_reference=f"{on:%Y%m%d}{till.transaction:06d}",
            payer_name=bill.customer_name,
            remark=bill.bill_no,
        ),
        customer_no=bill.customer_no,
        bills=[bill.bill_no] if bill.bill_no else [],
        now=at,
    )


def _seed_packages(till: Till) -> None:
    """Four battery checks a year, sold with two leases."""
    at = till.day(40)
    packages.add_package(
        till.conn,
        till.actor(),
        code="battery-care-year",
        title="电池健康年度服务包（含4次检测）",
        months=12,
        price_fen=96_000,
        visit_kind="battery_check",
        visits=4,
        organisation_code=PLATFORM,
        now=at,
    )
    running = leasing.list_leases(
        till.conn,
        SYSTEM,
        {"state": "active", "kind": "long", "organisation": SHOWN_AT},
        after=None,
        limit=40,
        now=till.now,
    )
    begun = [lease for lease in running if lease.starts_on < local_day(at)]
    for lease in begun[:2]:
        packages.sell_package(
            till.conn,
            till.actor("sales@shenzhen-qianxing"),
            lease_no=lease.lease_no,
            package="battery-care-year",
            line_no=1,
            now=at,
        )


def _seed_arrears(till: Till) -> None:
    """What some customers owe from before: the oldest buckets of ageing."""
    silent = [
        lease
        for lease in leasing.list_leases(
            till.conn, SYSTEM, {"organisation": SHOWN_AT}, after=None, limit=200, now=till.now
        )
        if habit_of(lease.customer_name).name == "silent"
    ]
    customer_nos = list(dict.fromkeys(lease.customer_no for lease in silent))
    for place, (days_ago, amount_fen) in enumerate(ARREARS):
        if not customer_nos:
            return
        billing.bring_in(
            till.conn,
            till.actor(),
            customer_no=customer_nos[place % len(customer_nos)],
            lease_no=None,
            amount_fen=amount_fen,
            due_on=local_day(till.day(days_ago)),
            now=till.day(BILLED_DAYS),
        )


def _seed_oddities(till: Till) -> None:
    """What does not go straight: a credit note, a bounce, a write-off asked for, receipts of nobody
    known; and invoices. Left out where only a handful of vehicles is let."""
    shown = _bills(till, {"state": "issued", "kind": "rent", "organisation": SHOWN_AT})
    settled = [bill for bill in shown if bill.settled_on is not None]
    still_open = [bill for bill in shown if bill.open_fen]
    if len(settled) > INVOICED and still_open:
        _invoice(till, settled[:INVOICED])
        billing.credit_bill(
            till.conn,
            till.actor(),
            bill=str(settled[INVOICED].bill_no),
            lines=[billing.CreditWanted(1, 15_000)],
            reason="车辆检修两日，双方协商减免",
            now=till.now,
        )
        _bounce(till, settled[1])
        _ask_for_write_off(till, still_open[-1])
    _receive_of_nobody_known(till)


def _invoice(till: Till, bills: Sequence[billing.Bill]) -> None:
    """All asked for; the first still waits for its number."""
    for place, bill in enumerate(bills):
        asked = invoices.request_invoice(
            till.conn, till.actor(), bill_nos=[str(bill.bill_no)], kind="ordinary", now=till.now
        )
        if place:
            invoices.record_number(
                till.conn,
                till.actor(),
                request_no=asked.request_no,
                version=asked.version,
                invoice_no=f"{till.now:%y}442{bill.id:015d}",
                invoiced_on=local_day(till.now),
                now=till.now,
            )


def _bounce(till: Till, bill: billing.Bill) -> None:
    """The last payment of the bill's customer."""
    claimed = {"customer": bill.customer_no, "state": "claimed"}
    for payment in payments.list_payments(till.conn, SYSTEM, claimed, limit=1):
        payments.reverse_payment(
            till.conn,
            till.actor(),
            payment_no=payment.payment_no,
            reason="支票退票：存款不足",
            now=till.now,
        )


def _ask_for_write_off(till: Till, bill: billing.Bill) -> None:
    payments.request_write_off(
        till.conn,
        till.actor(),
        bill_no=str(bill.bill_no),
        amount_fen=min(20_000, bill.open_fen or 0),
        reason="尾款多次联系未果，金额小于诉讼成本",
        now=till.now,
    )


def _receive_of_nobody_known(till: Till) -> None:
    for payer, remark, amount_fen in NOBODY_KNOWN:
        till.transaction += 1
        on = local_day(till.day(2))
        payments.record_payment(
            till.conn,
            till.actor(),
            received=payments.Received(
                "bank",
                amount_fen,
                on,
                bank_reference=f"{on:%Y%m%d}{till.transaction:06d}",
                payer_name=payer,
                remark=remark,
            ),
            organisation_code=SHOWN_AT,
            now=till.day(1),
        )


def _seed_notices(till: Till) -> None:
    """Reminders and demands of every depot; the first demands were signed for."""
    for depot in DEPOTS:
        organisation = get_organisation(till.conn, SYSTEM, code=depot)
        dunning.make_due(till.conn, till.actor(), organisation_id=organisation.id, now=till.now)
    demands = dunning.list_notices(
        till.conn, SYSTEM, {"kind": "demand", "organisation": SHOWN_AT}, limit=2
    )
    for place, listed in enumerate(demands):
        dunning.record_delivery(
            till.conn,
            till.actor(),
            notice_no=listed.notice.notice_no,
            channel="post",
            result="arrived" if place == 0 else "sent",
            sent_at=till.now,
            arrived_at=till.now if place == 0 else None,
            proof=f"EMS 11{place}8850366{place}CS",
            now=till.now,
        )


def _seed_shares(till: Till) -> None:
    """The platform owns, the operator runs: 30 % of what is earned, at least 800 yuan a vehicle."""
    first = local_day(till.day(BILLED_DAYS)).replace(day=1)
    agreement = shares.agree(
        till.conn,
        till.actor("boss@qingfan"),
        owner_code=PLATFORM,
        operator_code=SHOWN_AT,
        basis="earned",
        share_pct=Decimal(30),
        floor_fen=80_000,
        from_month_on=first,
        now=till.now,
    )
    this_month = local_day(till.now).replace(day=1)
    month = first
    while month < this_month:
        shares.settle(
            till.conn, till.actor("boss@qingfan"), key=agreement.key, month_on=month, now=till.now
        )
        month = add_months(month, 1)


def _close_first_month(till: Till) -> None:
    first = local_day(till.day(BILLED_DAYS)).replace(day=1)
    ledger.close_month(till.conn, till.actor(), organisation=PLATFORM, month_on=first, now=till.now)
