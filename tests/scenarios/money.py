"""What a story says of money, done through the services: bills, payments, deposits, dunning."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from fleet.billing import jobs
from fleet.billing import service as billing
from fleet.charges import service as charges
from fleet.deposits import service as deposits
from fleet.dunning import service as dunning
from fleet.leasing import service as leasing
from fleet.payments import service as payments
from kit.db import act_for
from schemas.access import SYSTEM
from tests.scenarios import money_told
from tests.scenarios.money_told import full_no
from tests.scenarios.story import ZONE, Act
from tests.scenarios.world import World

Doing = Callable[[World, Act, dict[str, Any]], list[str]]


def _seen(doing: Doing) -> Doing:
    """With the organisation in sight."""

    def done(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
        act_for(world.conn, [world.organisation_id])
        return doing(world, act, facts)

    return done


def _bill(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """The billing run of a day; `daily_to`: of every day up to then, told day by day.

    `paid_by`: a customer who pays each bill by bank on the day it is due.
    """
    last_on = facts.pop("daily_to", act.at.date())
    payer = facts.pop("paid_by", None)
    told, now = [], act.now
    while now.date() <= last_on:
        counts = jobs.run(world.conn, SYSTEM, organisation_id=world.organisation_id, now=now)
        assert not counts.faults, counts.faults
        act_for(world.conn, [world.organisation_id])
        if counts.issued or counts.credit_notes:
            told += money_told.new_of(world, now)
        if payer is not None:
            told += _paid_when_due(world, world.customer_nos[payer], now)
        now += timedelta(days=1)
    return told or ["- nothing to issue"]


def _paid_when_due(world: World, customer_no: str, now: datetime) -> list[str]:
    today = now.astimezone(ZONE).date()
    told = []
    for bill in money_told.issued(world, now):
        if bill.due_on == today and bill.open_fen and bill.bill_no is not None:
            payments.record_payment(
                world.conn,
                SYSTEM,
                received=payments.Received("bank", bill.open_fen, today),
                customer_no=customer_no,
                bills=[bill.bill_no],
                now=now,
            )
            told.append(f"- {today}: {money_told.yuan(bill.open_fen)} paid of {bill.bill_no}")
    return told


def _bill_now(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """The bills of a lease, by hand and at once."""
    lease_no = world.leases[act.lease]
    billing.bill_now(world.conn, world.somebody(act.by), lease_no=lease_no, now=act.now)
    return money_told.new_of(world, act.now)


def _credit(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """A credit note by hand, of all that is left of a bill or of `lines` ({no, amount_fen})."""
    lines = facts.pop("lines", None)
    billing.credit_bill(
        world.conn,
        world.somebody(act.by),
        bill=full_no(world, facts.pop("bill")),
        lines=None if lines is None else [billing.CreditWanted(**line) for line in lines],
        reason=facts.pop("reason"),
        now=act.now,
    )
    return money_told.new_of(world, act.now)


def _pay(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """Money came in; `bills` names what it is for, `name` what the story calls it."""
    received = payments.Received(
        channel=facts.pop("channel", "bank"),
        amount_fen=facts.pop("amount_fen"),
        received_on=facts.pop("received_on", act.at.date()),
        bank_reference=facts.pop("reference", None),
        remark=facts.pop("remark", None),
    )
    done = payments.record_payment(
        world.conn,
        world.somebody(act.by),
        received=received,
        customer_no=world.customer_nos[facts.pop("customer")],
        bills=[full_no(world, bill) for bill in facts.pop("bills", ())],
        now=act.now,
    )
    world.payments[facts.pop("name", str(len(world.payments) + 1))] = done.payment.payment_no
    return money_told.payment(done)


def _bounce(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """The bank takes a payment back."""
    payment_no = world.payments[facts.pop("payment")]
    payments.reverse_payment(
        world.conn,
        world.somebody(act.by),
        payment_no=payment_no,
        reason=facts.pop("reason"),
        now=act.now,
    )
    return [f"- {payment_no} never came: what it settled is open again"]


def _charge(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """A charge by hand, accepted at once."""
    lease = leasing.get_lease(world.conn, SYSTEM, lease_no=world.leases[act.lease])
    proposal = charges.Proposal(
        lease_id=lease.id,
        tenant_id=lease.tenant_id,
        organisation_id=lease.organisation_id,
        kind=facts.pop("kind"),
        title=facts.pop("what"),
        amount_fen=facts.pop("amount_fen"),
        incurred_on=facts.pop("incurred_on", act.at.date()),
        source_kind="hand",
        source_key=act.at.isoformat(),
        basis=facts.pop("basis", {}),
    )
    actor = world.somebody(act.by)
    [made] = charges.propose(world.conn, actor, proposals=[proposal], now=act.now)
    charges.decide(world.conn, actor, key=made.key, version=made.version, accept=True, now=act.now)
    return [f"- accepted `{made.kind}` {made.title}: {money_told.yuan(made.amount_fen)}"]


def _apply_deposit(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    standing = deposits.apply_deposit(
        world.conn,
        world.somebody(act.by),
        lease_no=world.leases[act.lease],
        bill_no=full_no(world, facts.pop("bill")),
        amount_fen=facts.pop("amount_fen", None),
        reason=facts.pop("reason"),
        now=act.now,
    )
    return money_told.deposit_standing(standing)


def _refund_deposit(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    standing = deposits.refund_deposit(
        world.conn,
        world.somebody(act.by),
        lease_no=world.leases[act.lease],
        amount_fen=facts.pop("amount_fen"),
        channel=facts.pop("channel", "bank"),
        bank_reference=facts.pop("reference", None),
        reason=facts.pop("reason"),
        now=act.now,
    )
    return money_told.deposit_standing(standing)


def _refund_credit(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    refunds = payments.refund_credit(
        world.conn,
        world.somebody(act.by),
        customer_no=world.customer_nos[facts.pop("customer")],
        amount_fen=facts.pop("amount_fen"),
        channel=facts.pop("channel", "bank"),
        reason=facts.pop("reason"),
        now=act.now,
    )
    return [f"- {money_told.yuan(each.amount_fen)} of the credit paid back" for each in refunds]


def _dun(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """What is due of dunning on that day, or every day up to `daily_to`."""
    last_on = facts.pop("daily_to", act.at.date())
    told, now = [], act.now
    while now.date() <= last_on:
        organisation_id = world.organisation_id
        done = dunning.make_due(world.conn, SYSTEM, organisation_id=organisation_id, now=now)
        if done.made:
            told += money_told.notices(world, now)
        now += timedelta(days=1)
    return told or ["- nothing to send"]


def _deliver(world: World, act: Act, facts: dict[str, Any]) -> list[str]:
    """The last notice of a stage arrived."""
    stage = facts.pop("stage")
    filters = {"lease": world.leases[act.lease], "stage": stage}
    [listed, *_rest] = dunning.list_notices(world.conn, SYSTEM, filters)
    arrived_at: datetime = facts.pop("arrived_at", act.at)
    done = dunning.record_delivery(
        world.conn,
        world.somebody(act.by),
        notice_no=listed.notice.notice_no,
        channel=facts.pop("channel", "post"),
        result="arrived",
        sent_at=facts.pop("sent_at", arrived_at).replace(tzinfo=ZONE),
        arrived_at=arrived_at.replace(tzinfo=ZONE),
        proof=facts.pop("proof"),
        now=act.now,
    )
    deadline: date | None = done.listed.notice.deadline_on
    return [f"- {listed.notice.title} arrived at {arrived_at:%Y-%m-%d %H:%M}; until {deadline}"]


DOINGS: Final[Mapping[str, Doing]] = {
    name: _seen(doing)
    for name, doing in {
        "bill": _bill,
        "bill_now": _bill_now,
        "credit": _credit,
        "pay": _pay,
        "bounce": _bounce,
        "charge": _charge,
        "apply_deposit": _apply_deposit,
        "refund_deposit": _refund_deposit,
        "refund_credit": _refund_credit,
        "dun": _dun,
        "deliver": _deliver,
    }.items()
}
