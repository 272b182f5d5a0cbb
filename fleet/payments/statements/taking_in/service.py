"""Takes in what of a statement is new: receipts, their postings, and claims that are sure enough.

Customers are locked before anything of theirs is moved, and what is sure is decided after that.
Leaves out the file itself and the trail (`statements/service.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.customers import service as customers
from fleet.ledger.service import Entry, Posting, post
from fleet.local_days import local_day
from fleet.masking import mask_account
from fleet.money_figures import PaymentMatching
from fleet.orgs import service as orgs
from fleet.parameters import service as parameters
from fleet.payments import store as payments
from fleet.payments.accounts import LIES_IN
from fleet.payments.matching.service import Asked, Proposal, as_kept, propose_for
from fleet.payments.posting.service import post_claim
from fleet.payments.recording.service import payer_of, settle_with
from fleet.payments.statements import store
from fleet.payments.statements.formats import Channel
from fleet.payments.statements.model import Line, Reading, Refusal, Row
from fleet.payments.statements.reading import refuse
from fleet.payments.statements.references import references_of
from fleet.receivables import service as receivables
from kit.numbers import TRIES, make_number
from kit.sealed import SealingKey
from schemas.access import Actor

__all__ = ["Fresh", "Import", "sort_out", "take_in"]


@dataclass(frozen=True, slots=True)
class Import:
    """A file that is brought in: by whom, for which organisation, when."""

    conn: Connection[Any]
    actor: Actor
    organisation: orgs.Organisation
    key: UUID
    now: datetime

    @property
    def today(self) -> date:
        """The day it is there."""
        return local_day(self.now, self.organisation.time_zone)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A receipt that did not come in before, with whose it may be."""

    line: Line
    reference: str
    of_account: frozenset[int]

    def asked(self) -> Asked:
        """As matching is asked."""
        line = self.line
        account = None if line.payer_account is None else mask_account(line.payer_account)
        return Asked(
            line.amount_fen,
            line.received_on,
            line.payer_name,
            account,
            line.remark,
            self.of_account,
        )


def sort_out(
    about: Import, channel: Channel, reading: Reading, rows: Sequence[Row], key: SealingKey
) -> tuple[list[Fresh], int, list[Refusal]]:
    """What did not come in before; how many did; those whose number another receipt has."""
    references = references_of(reading.lines, organisation_id=about.organisation.id)
    tenant_id = about.organisation.tenant_id
    before = store.list_known(about.conn, references, tenant_id=tenant_id, channel=channel)
    seen = {number: (each.received_on, each.amount_fen) for number, each in before.items()}
    accounts = {each.payer_account for each in reading.lines if each.payer_account is not None}
    holders = customers.holders_of(about.conn, accounts, key=key)
    cells = dict(rows)
    fresh, known, refused = [], 0, []
    for line, reference in zip(reading.lines, references, strict=True):
        same = (line.received_on, line.amount_fen)
        if reference not in seen:
            seen[reference] = same
            fresh.append(Fresh(line, reference, holders.get(line.payer_account or "", frozenset())))
        elif seen[reference] == same:
            known += 1
        else:
            row = cells[line.row_no]
            refused.append(refuse(line.row_no, row, "reference_of_another", "reference"))
    return fresh, known, refused


def take_in(
    about: Import, channel: Channel, fresh: Sequence[Fresh], rng: Random
) -> tuple[dict[str, Fresh], list[tuple[str, Proposal]]]:
    """What is written, by number of the receipt; and which of it was claimed for whom.

    Customers are locked before anything of theirs is moved, and matched again after that.
    """
    enough = _claims_from_pct(about)
    sure = [
        made[0].customer_id
        for made in _proposals(about, fresh, enough)
        if made and made[0].confidence_pct >= enough
    ]
    receivables.lock_customers(about.conn, sorted(set(sure)))
    proposals = _proposals(about, fresh, enough)
    numbers = _free_numbers(about, len(fresh), rng)
    rows = [
        _row_of(number, each, made)
        for number, each, made in zip(numbers, fresh, proposals, strict=True)
    ]
    new = _insert(about, channel, rows)
    written = {no: each for no, each in zip(numbers, fresh, strict=True) if no in new}
    _post_in(about, channel, written)
    locked = set(sure)
    claims = [
        (number, made[0])
        for number, made in zip(numbers, proposals, strict=True)
        if number in new
        and made
        and made[0].confidence_pct >= enough
        and made[0].customer_id in locked
    ]
    for number, proposal in sorted(claims, key=lambda each: written[each[0]].line.received_on):
        _claim(about, number, proposal)
    return written, claims


def _claims_from_pct(about: Import) -> int:
    figures = parameters.figures(
        about.conn, PaymentMatching, tenant_id=about.organisation.tenant_id, on=about.today
    )
    return figures.claim_from_pct


def _proposals(about: Import, fresh: Sequence[Fresh], enough: int) -> list[tuple[Proposal, ...]]:
    return propose_for(
        about.conn,
        [each.asked() for each in fresh],
        organisation_id=about.organisation.id,
        claims_from_pct=enough,
        now=about.now,
    )


def _free_numbers(about: Import, count: int, rng: Random) -> list[str]:
    """So many numbers that no receipt has."""
    numbers: dict[str, None] = {}
    for _ in range(TRIES):
        made = {make_number("R", about.today, rng): None for _ in range(count - len(numbers))}
        taken = store.list_taken_numbers(
            about.conn, list(made), tenant_id=about.organisation.tenant_id
        )
        numbers |= {number: None for number in made if number not in taken}
        if len(numbers) == count:
            return list(numbers)
    raise RuntimeError(f"{TRIES} times some numbers were taken")


def _row_of(number: str, each: Fresh, proposals: Sequence[Proposal]) -> dict[str, Any]:
    asked = each.asked()
    return {
        "payment_no": number,
        "bank_reference": each.reference,
        "received_on": each.line.received_on.isoformat(),
        "amount_fen": each.line.amount_fen,
        "payer_name": asked.payer_name,
        "payer_account": asked.payer_account,
        "remark": asked.remark,
        "proposal": as_kept(proposals),
    }


def _insert(about: Import, channel: Channel, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    if not rows:
        return set()
    organisation = about.organisation
    told = {
        "tenant_id": organisation.tenant_id,
        "organisation_id": organisation.id,
        "channel": channel,
        "statement_key": str(about.key),
        "by": about.actor.name,
        "now": about.now,
    }
    return store.insert_receipts(about.conn, rows, told)


def _post_in(about: Import, channel: Channel, written: Mapping[str, Fresh]) -> None:
    """The money is there; it is not known yet whose it is."""
    book = (about.organisation.tenant_id, about.organisation.id)
    account = LIES_IN[channel]
    entries = []
    for number, each in written.items():
        fen, day = each.line.amount_fen, each.line.received_on
        postings = (Posting(account, fen), Posting("unclaimed", -fen))
        title = f"收款 {number}（待认领）"
        entries.append(Entry(*book, "payment", number, day, title, postings))
    post(about.conn, about.actor, entries, now=about.now)


def _claim(about: Import, number: str, proposal: Proposal) -> None:
    """The receipt is this customer's, and settles bills: those its remark names first."""
    conn, actor, now = about.conn, about.actor, about.now
    payer = payer_of(conn, proposal.customer_no)
    payment = payments.find_payment(conn, number)
    assert payment is not None
    payments.mark_claimed(
        conn, {"id": payment.id, "customer_id": payer.id, "by": actor.name, "now": now}
    )
    post_claim(conn, actor, payment, payer, part=0, now=now)
    settle_with(conn, actor, payment, payer, bills=proposal.named, now=now)
