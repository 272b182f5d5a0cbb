"""Writes the leases of the bench of money into an empty database, with their customers.

By COPY, as the owner: signed, handed out, and swapped where they are. Leaves out what is agreed
(`money_book.py`).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection

from bench.api_fleet import ROOT
from bench.money_book import Agreed
from bench.rig import SQL
from fleet.billing.service import Billing, set_settings
from fleet.local_days import begin_of
from kit import db
from schemas.access import SYSTEM
from simulators.roster import fleet_roster

SELLER: Final = {"name": "青帆新能源租赁有限公司", "tax_no": "91440300MA5FL0XX1A"}
BY: Final = "bench"


class Places(NamedTuple):
    """Ids: organisations with their tenant by code, vehicles by place."""

    organisations: dict[str, tuple[int, int]]
    vehicles: list[int]


def write_leases(
    conn: Connection[Any], leases: Sequence[Agreed], *, vehicles: int, seed: int, now: datetime
) -> None:
    """Customers, leases and what happened to them; the fleet is registered already."""
    organisations = {
        code: (own, tenant) for code, own, tenant in conn.execute(SQL.list_organisation_ids)
    }
    by_vin = dict(conn.execute(SQL.list_vehicle_ids_by_vin).fetchall())
    placed = [by_vin[entry.vin] for entry in fleet_roster(vehicles, seed)]
    places = Places(organisations, placed)
    with conn.transaction():
        _copy(conn, SQL.copy_money_customers, _customers(leases, places, now))
        customers = dict(conn.execute(SQL.list_customer_ids).fetchall())
        _copy(conn, SQL.copy_money_leases, (_lease(one, places, customers) for one in leases))
        ids = dict(conn.execute(SQL.list_lease_ids).fetchall())
        _copy(conn, SQL.copy_money_events, _events(leases, places, ids))


def begin_billing(conn: Connection[Any], *, from_on: date, now: datetime) -> None:
    """The head office and all below bill from that day on; what is due today is issued today."""
    root_id, _tenant = {
        code: (own, tenant) for code, own, tenant in conn.execute(SQL.list_organisation_ids)
    }[ROOT]
    with conn.transaction():
        db.act_for(conn, [root_id])
        billing = Billing(from_on, 0, 0, True, SELLER)
        set_settings(conn, SYSTEM, organisation_code=ROOT, version=0, billing=billing, now=now)


def lease_no_of(one: Agreed) -> str:
    """Its number, by its place."""
    return f"L2609-{one.place:06d}"


def _customer_no(place: int) -> str:
    return f"C2609-{place:06d}"


def _copy(conn: Connection[Any], statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with conn.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _customers(leases: Sequence[Agreed], places: Places, now: datetime) -> Iterable[Sequence[Any]]:
    seen: set[int] = set()
    for one in leases:
        if one.customer not in seen:
            seen.add(one.customer)
            own, tenant = places.organisations[one.organisation]
            number = _customer_no(one.customer)
            yield tenant, own, number, "company", f"客户{one.customer}物流", BY, now


def _lease(one: Agreed, places: Places, customers: dict[str, int]) -> Sequence[Any]:
    own, tenant = places.organisations[one.organisation]
    began = begin_of(one.starts_on)
    terms = json.dumps(one.terms(), default=str, ensure_ascii=False)
    ends_on = one.starts_on.replace(year=one.starts_on.year + 3) - timedelta(days=1)
    return (
        *(tenant, own, lease_no_of(one), customers[_customer_no(one.customer)], "long", "active"),
        *(terms, one.starts_on, ends_on, began, began, len(_happened(one, places)), BY, began),
    )


def _happened(one: Agreed, places: Places) -> list[dict[str, Any]]:
    """Signed, handed out that day, and swapped two days after the last corner."""
    began = begin_of(one.starts_on)
    first = places.vehicles[one.place]
    events: list[dict[str, Any]] = [
        {"kind": "signed", "happened_at": began, "terms": one.terms()},
        {
            "kind": "handed_out",
            "happened_at": began + timedelta(hours=9),
            "line_no": 1,
            "vehicle_id": first,
        },
    ]
    if one.swapped and one.corner_on + timedelta(days=2) < one.today:
        spare = places.vehicles[-1 - one.place // 10]
        at = begin_of(one.corner_on + timedelta(days=2)) + timedelta(hours=10)
        swapped = {"kind": "swapped", "happened_at": at, "line_no": 1, "vehicle_id": spare}
        events.append({**swapped, "reason": "检修"})
    return events


def _events(
    leases: Sequence[Agreed], places: Places, ids: dict[str, int]
) -> Iterable[Sequence[Any]]:
    for one in leases:
        own, tenant = places.organisations[one.organisation]
        for no, event in enumerate(_happened(one, places), 1):
            told = {
                **event,
                "happened_at": event["happened_at"].isoformat(),
            }
            content = json.dumps(told, default=str, ensure_ascii=False)
            happened_at = event["happened_at"]
            yield (
                *(ids[lease_no_of(one)], no, tenant, own, event["kind"], happened_at),
                *(content, BY, happened_at),
            )
