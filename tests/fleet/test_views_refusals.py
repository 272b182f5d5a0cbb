"""The list of refusals: its filters, its order and its pages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.usage.service import list_refusals

from .conftest import at
from .seen import VINS, Fleet, build_fleet

REASONS = ("bad_json", "bad_schema", "too_old")


@pytest.fixture
def head(conn: Connection[Any], app_conn: Connection[Any]) -> Fleet:
    """The fleet of `seen.py` with thirty refusals, many of one instant."""
    made = build_fleet(conn, app_conn)
    for number in range(30):
        made.refusal(
            number,
            ("T-A", "T-B")[number % 2],
            at(6),
            reason=REASONS[number % 3],
            last_received_at=at(7 + number // 10),
            detail=f"no {number}",
            times=number + 1,
        )
    return made


def details(fleet: Fleet, filters: dict[str, Any]) -> list[str]:
    with fleet.as_member("head") as conn:
        return [row.detail for row in list_refusals(conn, fleet.actor("head"), filters, limit=100)]


def numbered(*numbers: int) -> list[str]:
    """Last received first, of one instant the newest number first."""
    return [f"no {number}" for number in sorted(numbers, reverse=True)]


def test_the_last_received_come_first(head: Fleet) -> None:
    assert details(head, {}) == numbered(*range(30))


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        pytest.param({"reason": "too_old"}, range(2, 30, 3), id="reason"),
        pytest.param({"device_serial": "T-A"}, range(0, 30, 2), id="device"),
        pytest.param({"device_serial": "T-%"}, [], id="no wildcard"),
        pytest.param({"from_at": at(9)}, range(20, 30), id="from, included"),
        pytest.param({"until_at": at(8)}, range(10), id="until, not included"),
        pytest.param(
            {"reason": "bad_json", "device_serial": "T-B", "from_at": at(8), "until_at": at(9)},
            [15],
            id="all at once",
        ),
    ],
)
def test_a_filter_selects_what_it_says(
    head: Fleet, filters: dict[str, Any], numbers: list[int]
) -> None:
    assert details(head, filters) == numbered(*numbers)


def test_pages_make_up_the_list(head: Fleet) -> None:
    for limit in (1, 7, 30):
        told: list[str] = []
        after: tuple[datetime, int] | None = None
        with head.as_member("head") as conn:
            while page := list_refusals(conn, head.actor("head"), {}, after=after, limit=limit):
                told += [row.detail for row in page]
                after = (page[-1].last_received_at, page[-1].id)
        assert told == numbered(*range(30)), limit


def test_a_refusal_names_its_vehicle(head: Fleet) -> None:
    head.refusal(99, "T-B", at(0) - timedelta(days=30), detail="before it sat there", times=1)
    with head.as_member("head") as conn:
        rows = list_refusals(conn, head.actor("head"), {}, limit=100)
    by_detail = {row.detail: row for row in rows}
    assert by_detail["before it sat there"].vin is None
    told = by_detail["no 3"]
    assert (told.vin, told.device_serial, told.reason) == (VINS["B"], "T-B", "bad_json")
    assert (told.times, told.received_at, told.last_received_at) == (4, at(6), at(7))
    assert (told.topic, told.replayed_at) == ("v1/T-B/up/telemetry", None)
