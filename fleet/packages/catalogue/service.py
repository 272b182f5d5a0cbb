"""Keeps the list of packages: what is sold, for how many months, with how many visits.

An organisation sells what is on its own list, else on the head's. Nothing on the list is changed:
another price or another number of visits is another package. Leaves out what was sold (`selling`).
"""

from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.orgs import service as orgs
from fleet.packages import store
from fleet.packages.errors import (
    PackageExists,
    PackageNotFound,
    PackageRetired,
    PackageVisitsOfNoKind,
)
from fleet.packages.model import Package, VisitKind
from schemas.access import Actor
from schemas.addresses import check_not_reserved

__all__ = ["add_package", "find_package", "list_packages", "retire_package"]

OF_ROW: Final = ("title", "months", "price_fen", "visit_kind", "visits")


def add_package(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    title: str,
    months: int,
    price_fen: int,
    visit_kind: VisitKind | None = None,
    visits: int = 0,
    organisation_code: str | None = None,
    now: datetime,
) -> Package:
    """A package on the list of the organisation acted for, unless one below it is named.

    Raises:
        OrganisationNotFound: there is none in sight.
        PackageVisitsOfNoKind: visits without their kind, or a kind without visits.
        PackageExists: the code is taken.
        CodeReserved: it is a word of the addresses.
    """
    actor.require("package.change")
    check_not_reserved(code)
    if (visits == 0) != (visit_kind is None):
        raise PackageVisitsOfNoKind("visits are of a kind of work", visits=visits, kind=visit_kind)
    organisation = _organisation(conn, actor, organisation_code)
    row: dict[str, Any] = {
        "tenant_id": organisation.tenant_id,
        "organisation_id": organisation.id,
        "code": code,
        "title": title,
        "months": months,
        "price_fen": price_fen,
        "visit_kind": visit_kind,
        "visits": visits,
        "recorded_by": actor.name,
        "recorded_at": now,
    }
    if not store.insert_package(conn, row):
        raise PackageExists(f"{organisation.code} has a package {code}", code=code)
    audit.record(
        conn,
        actor,
        "package.change",
        object_kind="package",
        object_key=f"{organisation.code}/{code}",
        now=now,
        after={name: row[name] for name in OF_ROW},
        organisation_id=organisation.tenant_id,
    )
    return find_package(
        conn, code, organisation_id=organisation.id, tenant_id=organisation.tenant_id
    )


def list_packages(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation_code: str | None = None,
    retired: bool | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Package]:
    """What is on the list of the organisation acted for, or of one below it; by code.

    Raises:
        OrganisationNotFound: there is none in sight.
    """
    actor.require("lease.read")
    organisation = _organisation(conn, actor, organisation_code)
    return store.list_packages(
        conn,
        organisation_id=organisation.id,
        tenant_id=organisation.tenant_id,
        retired=retired,
        after=after,
        limit=limit,
    )


def retire_package(
    conn: Connection[Any],
    actor: Actor,
    *,
    code: str,
    organisation_code: str | None = None,
    now: datetime,
) -> Package:
    """The package is not sold any more; what was sold of it goes on.

    Raises:
        OrganisationNotFound, PackageNotFound: there is none in sight, or it is the head's.
        PackageRetired: it was before.
    """
    actor.require("package.change")
    organisation = _organisation(conn, actor, organisation_code)
    own = {"organisation_id": organisation.id, "tenant_id": organisation.tenant_id}
    was = find_package(conn, code, **own)
    if was.organisation_id != organisation.id:
        raise PackageNotFound(f"there is no package {code!r}", code=code[:64])
    if was.retired_at is not None or not store.mark_retired(conn, was.id, now):
        raise PackageRetired(f"{code} is not sold any more", code=code)
    audit.record(
        conn,
        actor,
        "package.change",
        object_kind="package",
        object_key=f"{organisation.code}/{code}",
        now=now,
        before={"retired": False},
        after={"retired": True},
        organisation_id=organisation.tenant_id,
    )
    return find_package(conn, code, **own)


def find_package(
    conn: Connection[Any], code: str, *, organisation_id: int, tenant_id: int
) -> Package:
    """The package of this code for an organisation. Whoever calls decides who may ask.

    Raises:
        PackageNotFound: neither it nor the head has one.
    """
    found = store.list_packages(
        conn, organisation_id=organisation_id, tenant_id=tenant_id, code=code, limit=1
    )
    if not found:
        raise PackageNotFound(f"there is no package {code!r}", code=code[:64])
    return found[0]


def _organisation(conn: Connection[Any], actor: Actor, code: str | None) -> orgs.Organisation:
    return orgs.get_organisation(conn, actor, code=code or actor.organisation_code or "")
