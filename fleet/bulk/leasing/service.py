"""Reads and writes customers and leases, many rows at once, as sheets tell them.

Numbers of people are in clear here and nowhere further. Leaves out the other kinds
(`fleet/bulk/service.py`), and what a cell means (`fleet/sheets`).
"""

from collections.abc import Sequence
from typing import Any, Final

from fleet.bulk.asking.service import Asked, Known, Row, Source
from fleet.customers import service as customers
from fleet.hand_overs import service as hand_overs
from fleet.leasing import service as leasing
from fleet.registry import service as registry
from fleet.row_problems import RowProblem

HANDED_OUT_FROM: Final = ("in_stock", "let")


def customers_called(asked: Asked, texts: Sequence[str]) -> list[customers.Called]:
    """Customers in sight whose number, here or elsewhere, or ID number is one of the texts.

    Raises:
        SealingKeyMissing: there is no key to look for ID numbers with.
    """
    return customers.customers_called(asked.conn, asked.actor, texts=texts, key=asked.sealing_key)


def _known_customers(asked: Asked, keys: Sequence[Any]) -> Known:
    return dict(
        customers.known_customers(
            asked.conn,
            asked.actor,
            [key for key in keys if isinstance(key, str)],
            key=asked.sealing_key,
        )
    )


def _check_customers(asked: Asked) -> list[list[RowProblem]]:
    return customers.check_customers(asked.whole, key=asked.sealing_key)


def _save_customers(asked: Asked) -> None:
    customers.save_customers(
        asked.conn, asked.actor, asked.whole, key=asked.sealing_key, now=asked.now
    )


CUSTOMERS: Final = Source(
    _known_customers,
    _check_customers,
    _save_customers,
    customers.customer_nos_of,
    normalised=customers.normalised,
)


# Leases


def _known_leases(asked: Asked, keys: Sequence[Any]) -> Known:
    return dict(leasing.known_leases(asked.conn, asked.actor, keys))


def _check_leases(asked: Asked) -> list[list[RowProblem]]:
    found = leasing.check_leases(
        asked.conn, asked.actor, asked.rows, asked.whole, asked.known, now=asked.now
    )
    vehicles = registry.known_vehicles(asked.conn, [row["vin"] for row in asked.whole])
    return [
        [*problems, *_not_in_stock(row, vehicles.get(row["vin"], {}))]
        if (row["reference"], row["vin"]) not in asked.known
        else problems
        for row, problems in zip(asked.whole, found, strict=True)
    ]


def _not_in_stock(row: Row, vehicle: Row) -> list[RowProblem]:
    """A vehicle that was delivered stood in stock, or counts as let."""
    stage = vehicle.get("stage")
    if row.get("delivered_on") is None or stage in HANDED_OUT_FROM:
        return []
    en, zh = f"{row['vin']} is {stage}, not in stock", f"车辆 {row['vin']} 当前不在库，不能登记交车"
    return [RowProblem("vehicle_not_in_stock", "vin", en, zh)]


def _save_leases(asked: Asked) -> None:
    for line in leasing.save_leases(asked.conn, asked.actor, asked.whole, now=asked.now):
        if line.handed_at is None or line.event_no is None:
            continue
        hand_overs.record_imported(
            asked.conn,
            asked.actor,
            lease_no=line.lease_no,
            line_no=line.line_no,
            event_no=line.event_no,
            vin=line.vin,
            handed_at=line.handed_at,
            odometer_km=line.row.get("odometer_km"),
            now=asked.now,
        )


LEASES: Final = Source(_known_leases, _check_leases, _save_leases, leasing.lease_keys_of)
