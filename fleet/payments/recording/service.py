"""Records payments, each once, and says whose they are if that is known.

Decides that the same request under the same key is the same payment for good, that a number of a
bank comes in once, and on which days money can have come. A payment of a customer is credit first
and then settles bills. Leaves out bank statements (`statements`) and guessing (`matching`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.local_days import local_day
from fleet.masking import mask_number
from fleet.orgs.service import get_organisation
from fleet.payments import store
from fleet.payments.digests import digest_of
from fleet.payments.errors import (
    BankReferenceKnown,
    BillsOfNobody,
    BillToPayNotFound,
    PayerNotFound,
    PaymentDayOutOfReach,
    PaymentKeyReused,
    PaymentNotFound,
)
from fleet.payments.model import Payer, Payment, PaymentDetail, PaymentSource, Received
from fleet.payments.posting.service import post_in
from fleet.receivables import service as receivables
from kit.numbers import TRIES, make_number
from schemas.access import SYSTEM, Actor

MOST_BACK: Final = timedelta(days=366)
"""How far back money may be recorded."""
RNG: Final = SystemRandom()


def record_payment(
    conn: Connection[Any],
    actor: Actor,
    *,
    received: Received,
    customer_no: str | None = None,
    bills: Sequence[str] = (),
    organisation_code: str | None = None,
    idempotency_key: str | None = None,
    source: PaymentSource = "hand",
    statement_key: str | None = None,
    proposal: Sequence[Mapping[str, Any]] | None = None,
    now: datetime,
    rng: Random = RNG,
) -> PaymentDetail:
    """The payment as recorded. With a customer it settles bills: `bills` (their numbers) first.

    Under the same key and for the same request it is the payment recorded first, however long ago.
    Without a customer it waits, unclaimed, in the organisation or in the actor's own.

    Raises:
        PaymentKeyReused: the key was used for another payment.
        PayerNotFound, BillToPayNotFound, BillsOfNobody: the customer or a bill is none in sight.
        BankReferenceKnown: the bank's number came in before.
        PaymentDayOutOfReach: the day lies ahead, or more than MOST_BACK back.
    """
    actor.require("payment.record")
    digest = None
    if idempotency_key is not None:
        digest = digest_of(
            received, customer_no=customer_no, bills=bills, organisation_code=organisation_code
        )
        known = _recorded_under(conn, actor, idempotency_key, digest)
        if known is not None:
            return known
    if bills and customer_no is None:
        raise BillsOfNobody("bills are named, but no customer")
    payer = None if customer_no is None else payer_of(conn, customer_no)
    place = _place_of(conn, actor, payer, organisation_code)
    today = local_day(now, place.pop("zone"))
    if not today - MOST_BACK <= received.received_on <= today:
        raise PaymentDayOutOfReach(f"{received.received_on} is ahead or too far back", today=today)
    row = {
        **place,
        **_kept(received),
        **_whose(payer, actor, now),
        "source": source,
        "statement_key": statement_key,
        "proposal": None if proposal is None else list(proposal),
        "idempotency_key": idempotency_key,
        "request_digest": digest,
        "by": actor.name,
        "now": now,
    }
    if payer:
        receivables.lock_customers(conn, [payer.id])
    _check_reference(conn, received, tenant_id=row["tenant_id"])
    payment = _insert(conn, row, on=today, rng=rng)
    post_in(conn, actor, payment, payer, now=now)
    if payer:
        settle_with(conn, actor, payment, payer, bills=bills, now=now)
    told = _audited(payment, bills)
    write_audit(conn, actor, "payment.record", payment, now=now, after=told)
    return detail_of(conn, payment.payment_no)


def payer_of(conn: Connection[Any], customer_no: str) -> Payer:
    """Whose money it is: the customer, or the one it was merged into.

    Raises:
        PayerNotFound: there is none in sight.
    """
    found = store.find_payer(conn, customer_no)
    if found is None:
        raise PayerNotFound(f"no customer {customer_no[:64]!r}", customer_no=customer_no[:64])
    return found


def claimant_of(conn: Connection[Any], payment: Payment) -> Payer:
    """Who has a claimed payment: as it was then, also if it was merged into another since."""
    assert payment.customer_no is not None and payment.customer_id is not None
    return replace(payer_of(conn, payment.customer_no), id=payment.customer_id)


def get_payment(conn: Connection[Any], payment_no: str) -> Payment:
    """The payment with this number. Whoever calls decides who may ask.

    Raises:
        PaymentNotFound: there is none in sight.
    """
    found = store.find_payment(conn, payment_no)
    if found is None:
        raise PaymentNotFound(f"no payment {payment_no[:64]!r}", payment_no=payment_no[:64])
    return found


def detail_of(conn: Connection[Any], payment_no: str) -> PaymentDetail:
    """The payment with what it settles.

    Raises:
        PaymentNotFound: there is none in sight.
    """
    payment = get_payment(conn, payment_no)
    return PaymentDetail(payment, store.list_settled(conn, payment.id))


def settle_with(
    conn: Connection[Any],
    actor: Actor,
    payment: Payment,
    payer: Payer,
    *,
    bills: Sequence[str],
    now: datetime,
) -> None:
    """The payment is credit of its payer, and settles bills: those named first.

    Raises:
        BillToPayNotFound: a named bill is none of this customer's.
    """
    named = bills_named(conn, payer, bills)
    claims = len(store.list_claims(conn, payment.id))
    credit_id = receivables.add_credit(
        conn,
        actor,
        tenant_id=payer.tenant_id,
        organisation_id=payer.organisation_id,
        customer_id=payer.id,
        amount_fen=payment.amount_fen,
        source_kind="payment",
        source_key=payment.payment_no if not claims else f"{payment.payment_no}:{claims + 1}",
        payment_id=payment.id,
        since_on=payment.received_on,
        now=now,
    )
    receivables.allocate_credit(
        conn, actor, credit_id=credit_id, named=named, on=payment.received_on, now=now
    )


def bills_named(conn: Connection[Any], payer: Payer, bills: Sequence[str]) -> list[int]:
    """The ids of issued bills of a customer, in the order their numbers are given.

    Raises:
        BillToPayNotFound: one is none of this customer's.
    """
    if not bills:
        return []
    known = store.list_bills_numbered(conn, bills, receivables.list_family(conn, payer.id))
    for bill_no in bills:
        if bill_no not in known:
            raise BillToPayNotFound(
                f"{payer.customer_no} has no bill {bill_no[:64]!r}", bill_no=bill_no[:64]
            )
    return [known[bill_no] for bill_no in dict.fromkeys(bills)]


def write_audit(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    payment: Payment,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
) -> None:
    """Write an act on a payment into the audit trail, which holds no personal data."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="payment",
        object_key=payment.payment_no,
        now=now,
        before=before,
        after=after,
        organisation_id=payment.tenant_id,
    )


def _recorded_under(
    conn: Connection[Any], actor: Actor, key: str, digest: bytes
) -> PaymentDetail | None:
    store.lock_key(conn, by=actor.name, key=key)
    found = store.find_by_key(conn, by=actor.name, key=key)
    if found is None:
        return None
    payment_no, first = found
    if first != digest:
        raise PaymentKeyReused("the key was used for another payment")
    return detail_of(conn, payment_no)


def _place_of(
    conn: Connection[Any], actor: Actor, payer: Payer | None, organisation_code: str | None
) -> dict[str, Any]:
    """Tenant, organisation and zone: of the organisation that is named, else of the customer, else
    of the actor.
    """
    code = organisation_code or (None if payer else actor.organisation_code)
    if code is not None:
        own = get_organisation(conn, SYSTEM, code=code)
        return {"tenant_id": own.tenant_id, "organisation_id": own.id, "zone": own.time_zone}
    if payer is None:
        raise BillsOfNobody("say whose payment it is, or of which organisation")
    names = ("tenant_id", "organisation_id", "zone")
    return {name: getattr(payer, name) for name in names}


def _audited(payment: Payment, bills: Sequence[str]) -> dict[str, Any]:
    """What the trail tells of a payment: no names, no accounts."""
    return {
        "amount_fen": payment.amount_fen,
        "channel": payment.channel,
        "received_on": payment.received_on.isoformat(),
        "customer_no": payment.customer_no,
        "bills": list(bills),
    }


def _whose(payer: Payer | None, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "customer_id": payer and payer.id,
        "state": "claimed" if payer else "unclaimed",
        "claimed_by": payer and actor.name,
        "claimed_at": payer and now,
    }


def _kept(received: Received) -> dict[str, Any]:
    return {
        "channel": received.channel,
        "bank_reference": received.bank_reference,
        "received_on": received.received_on,
        "amount_fen": received.amount_fen,
        "payer_name": received.payer_name,
        "payer_account": mask_number(received.payer_account),
        "remark": received.remark,
    }


def _check_reference(conn: Connection[Any], received: Received, *, tenant_id: int) -> None:
    reference = received.bank_reference
    if reference is None:
        return
    about: dict[str, Any] = {"tenant_id": tenant_id, "channel": received.channel}
    store.lock_reference(conn, **about, reference=reference)
    known = store.find_by_reference(conn, **about, reference=reference)
    if known is not None:
        raise BankReferenceKnown(f"it came in as {known}", payment_no=known)


def _insert(conn: Connection[Any], row: Mapping[str, Any], *, on: date, rng: Random) -> Payment:
    for _ in range(TRIES):
        payment_no = make_number("R", on, rng)
        if store.insert_payment(conn, {**row, "payment_no": payment_no}) is not None:
            return get_payment(conn, payment_no)
    raise RuntimeError(f"{TRIES} numbers in a row were taken")
