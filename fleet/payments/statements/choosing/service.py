"""Keeps the formats that organisations say, and chooses the one a file is in.

An organisation's own comes before a shipped one of the same code. Of formats that fit a file, the
one that names the most of its columns is taken, an own one before a shipped one. Leaves out what
the rows say (`reading.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.orgs import service as orgs
from fleet.payments.statements import store
from fleet.payments.statements.errors import BankFormatNotFound, BankFormatUnrecognised
from fleet.payments.statements.formats import BankColumns
from fleet.payments.statements.model import BankFormat, Row
from fleet.payments.statements.reading import Header, count_named, find_header
from fleet.payments.statements.shipped import SHIPPED
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = ["Chosen", "add_format", "change_format", "choose_format", "list_formats"]

_SHIPPED: Final = tuple(
    BankFormat(each.code, each.title, each.columns, None, None, None, 0, shipped=True)
    for each in SHIPPED
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The format a file is read in, and its header."""

    format: BankFormat
    header: Header


def list_formats(conn: Connection[Any], actor: Actor) -> list[BankFormat]:
    """Formats that organisations in sight have said, then those that are shipped."""
    actor.require("payment.read")
    return [*store.list_formats(conn), *_SHIPPED]


def add_format(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    title: str,
    columns: BankColumns,
    organisation_code: str | None = None,
    now: datetime,
) -> BankFormat:
    """The organisation, or the actor's own, reads statements in this format too.

    Raises:
        OrganisationNotFound: there is none in sight.
        BankFormatExists: it has one with this code.
    """
    actor.require("payment.record")
    own = orgs.get_organisation(
        conn, actor, code=organisation_code or actor.organisation_code or ""
    )
    row = {
        "tenant_id": own.tenant_id,
        "organisation_id": own.id,
        "code": code,
        "title": title,
        "columns": columns.model_dump(mode="json"),
        "by": actor.name,
        "now": now,
    }
    store.insert_format(conn, row)
    _record(conn, actor, "bank_format.add", code, own, now=now)
    return _get(conn, code, own)


def change_format(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    version: int,
    title: str,
    columns: BankColumns,
    organisation_code: str | None = None,
    now: datetime,
) -> BankFormat:
    """The format of the organisation, or of the actor's own, whole; what came in stays.

    Raises:
        OrganisationNotFound: there is none in sight.
        BankFormatNotFound: it has none with this code; a shipped one does not change.
        VersionChanged: somebody changed it since `version` was read.
    """
    actor.require("payment.record")
    own = orgs.get_organisation(
        conn, actor, code=organisation_code or actor.organisation_code or ""
    )
    was = _get(conn, code, own)
    row = {
        "organisation_id": own.id,
        "code": code,
        "version": version,
        "title": title,
        "columns": columns.model_dump(mode="json"),
        "by": actor.name,
        "now": now,
    }
    if not store.update_format(conn, row):
        raise VersionChanged(f"format {code} is at version {was.version}", code=code)
    _record(conn, actor, "bank_format.change", code, own, now=now)
    return _get(conn, code, own)


def choose_format(
    conn: Connection[Any],
    rows: Sequence[Row],
    code: str | None,
    organisations: Sequence[str | None],
) -> Chosen:
    """The format the rows are in, of those of these organisations (the first come first) and the
    shipped ones.

    Raises:
        BankFormatNotFound: there is none with this code.
        BankFormatUnrecognised: no row names the columns of it, or of any.
    """
    own = [each for each in store.list_formats(conn) if each.organisation_code in organisations]
    own.sort(key=lambda each: organisations.index(each.organisation_code))
    known = [each for each in (*own, *_SHIPPED) if code in (None, each.code)]
    if not known:
        raise BankFormatNotFound(f"there is no format {code!r}", format=code)
    found = [
        Chosen(each, header)
        for each in (known if code is None else known[:1])
        if (header := find_header(rows, each.columns)) is not None
    ]
    if not found:
        names = ", ".join(each.code for each in known)
        raise BankFormatUnrecognised(f"no row names the columns of {names}", formats=names)
    return max(found, key=lambda each: (count_named(each.header), not each.format.shipped))


def _get(conn: Connection[Any], code: str, own: orgs.Organisation) -> BankFormat:
    for each in store.list_formats(conn):
        if (each.code, each.organisation_code) == (code, own.code):
            return each
    raise BankFormatNotFound(f"{own.code} has no format {code!r} of its own", format=code)


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    code: str,
    own: orgs.Organisation,
    *,
    now: datetime,
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="bank_format",
        object_key=code,
        now=now,
        after={"organisation": own.code},
        organisation_id=own.tenant_id,
    )
