"""Brings in statements of banks: each receipt once; a row that is not taken is kept with why.

All of a file in one transaction: nothing is half-written. The bank's number is known again, whoever
brings in whichever file; a row without one is known by what it says (`references.py`). What
`matching` is sure enough of is claimed at once, by the figure `payment.matching`; the rest waits,
with proposals that are made anew whenever they are asked for. Leaves out reading files: rows come
as texts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from random import Random, SystemRandom
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg import Connection

from fleet.audit import service as audit
from fleet.orgs import service as orgs
from fleet.payments import store as payments
from fleet.payments.matching.service import Proposal
from fleet.payments.recording.service import write_audit
from fleet.payments.statements import store
from fleet.payments.statements.choosing.service import choose_format
from fleet.payments.statements.errors import (
    BankStatementEmpty,
    BankStatementNotFound,
    BankStatementTooLong,
)
from fleet.payments.statements.model import BankStatement, Counts, Row
from fleet.payments.statements.reading import read_statement
from fleet.payments.statements.references import is_derived
from fleet.payments.statements.taking_in.service import Import, sort_out, take_in
from kit.sealed import SealingKey
from schemas.access import Actor

__all__ = ["MOST_ROWS", "get_statement", "import_statement", "list_statements"]

MOST_ROWS: Final = 20_000
"""Rows of a file."""
RNG: Final = SystemRandom()


def import_statement(
    conn: Connection[Any],
    actor: Actor,
    *,
    rows: Sequence[Row],
    file_name: str,
    sha256: bytes,
    format_code: str | None = None,
    organisation_code: str | None = None,
    date_1904: bool = False,
    key: SealingKey,
    now: datetime,
    rng: Random = RNG,
) -> BankStatement:
    """The statement as it was brought in: what was new, known, outgoing, refused, claimed.

    `format_code`: how to read it; else the known format that names the most of its columns.
    `organisation_code`: whose account it is of; the actor's own, unless said.

    Raises:
        OrganisationNotFound, BankFormatNotFound: there is none in sight.
        BankFormatUnrecognised: no row names the columns.
        BankStatementEmpty, BankStatementTooLong: no row of money in it, or too many rows.
    """
    actor.require("payment.record")
    if len(rows) > MOST_ROWS:
        raise BankStatementTooLong(f"more than {MOST_ROWS} rows; split the file", limit=MOST_ROWS)
    code = organisation_code or actor.organisation_code or ""
    organisation = orgs.get_organisation(conn, actor, code=code)
    chosen = choose_format(conn, rows, format_code, (organisation.code, actor.organisation_code))
    about = Import(conn, actor, organisation, uuid4(), now)
    columns = chosen.format.columns
    reading = read_statement(rows, columns, chosen.header, today=about.today, date_1904=date_1904)
    if not (reading.lines or reading.refusals or reading.outgoing):
        raise BankStatementEmpty("no money stands in it, neither in nor out")
    store.lock_statements(conn, organisation.tenant_id)
    fresh, known, refused = sort_out(about, columns.channel, reading, rows, key)
    written, claims = take_in(about, columns.channel, fresh, rng)
    counts = Counts(
        rows=len(reading.lines) + len(reading.refusals) + reading.outgoing,
        new=len(written),
        known=known + len(fresh) - len(written),
        outgoing=reading.outgoing,
        refused=len(reading.refusals) + len(refused),
        claimed=len(claims),
        derived=sum(is_derived(each.reference) for each in written.values()),
    )
    refusals = sorted([*reading.refusals, *refused], key=lambda each: each.row_no)
    row = {
        "file_name": file_name,
        "sha256": sha256,
        "format_code": chosen.format.code,
        "counts": asdict(counts),
        "refusals": [asdict(each) for each in refusals],
    }
    return _write(about, row, claims)


def get_statement(conn: Connection[Any], actor: Actor, *, key: UUID) -> BankStatement:
    """The statement with this key, and each row that was not taken.

    Raises:
        BankStatementNotFound: there is none in sight.
    """
    actor.require("payment.read")
    return _get(conn, key)


def list_statements(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[BankStatement]:
    """Statements in sight, the last first. `filters`: organisation (or below it)."""
    actor.require("payment.read")
    return store.list_statements(conn, filters, after=after, limit=limit)


def _get(conn: Connection[Any], key: UUID) -> BankStatement:
    found = store.find_statement(conn, key)
    if found is None:
        raise BankStatementNotFound(f"there is no statement {key}", key=str(key))
    return found


def _write(
    about: Import, row: Mapping[str, Any], claims: Sequence[tuple[str, Proposal]]
) -> BankStatement:
    """The statement is kept, and the trail written, last: all of the tenant wait for that."""
    own = about.organisation
    place = {"key": about.key, "tenant_id": own.tenant_id, "organisation_id": own.id}
    store.insert_statement(about.conn, {**row, **place, "by": about.actor.name, "now": about.now})
    for number, proposal in claims:
        payment = payments.find_payment(about.conn, number)
        assert payment is not None
        told = {
            "customer_no": proposal.customer_no,
            "bills": list(proposal.named),
            "confidence_pct": proposal.confidence_pct,
        }
        write_audit(about.conn, about.actor, "payment.claim", payment, now=about.now, after=told)
    audit.record(
        about.conn,
        about.actor,
        "bank_statement.import",
        object_kind="bank_statement",
        object_key=str(about.key),
        now=about.now,
        after={"sha256": row["sha256"].hex(), "format": row["format_code"], **row["counts"]},
        organisation_id=own.tenant_id,
    )
    return _get(about.conn, about.key)
