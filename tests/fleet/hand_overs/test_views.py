"""Hand-overs as they are listed: filters and pages."""

from typing import Any

import pytest
from psycopg import Connection

from fleet.hand_overs.service import list_hand_overs
from fleet.leasing.service import get_lease
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B
from tests.fleet.leasing.conftest import day

from .conftest import OUT_AT, back, out, ready

Conn = Connection[Any]


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_filters_and_pages(desk: Conn) -> None:
    first, record = ready(desk)
    second, other = ready(desk)
    a_out = out(desk, first, record).hand_over.key
    b_out = out(desk, second, other, VIN_B).hand_over.key
    a_back = back(desk, first, record, at=day(20)).hand_over.key
    customer_no = get_lease(desk, SYSTEM, lease_no=second).customer_no
    every = {a_out, b_out, a_back}
    for filters, found in (
        ({}, every),
        ({"lease": first}, {a_out, a_back}),
        ({"customer": customer_no}, {b_out}),
        ({"vin": VIN_B}, {b_out}),
        ({"direction": "back"}, {a_back}),
        ({"occasion": "start"}, {a_out, b_out}),
        ({"from_at": day(1)}, {a_back}),
        ({"until_at": day(1)}, {a_out, b_out}),
        ({"from_at": OUT_AT, "until_at": day(20)}, {a_out, b_out}),
        ({"overridden": False}, every),
        ({"overridden": True}, set()),
        ({"organisation": "head"}, every),
        ({"organisation": "west"}, set()),
        ({"search": VIN_A[-6:].lower()}, {a_out, a_back}),
        ({"search": "粤BD12345"}, {a_out, a_back}),
        ({"search": second}, {b_out}),
    ):
        listed = list_hand_overs(desk, SYSTEM, filters, now=day(21))
        assert {each.key for each in listed} == found, filters
    whole = list_hand_overs(desk, SYSTEM, {}, now=day(21))
    after, walked = None, []
    while page := list_hand_overs(desk, SYSTEM, {}, after=after, limit=1, now=day(21)):
        walked += page
        after = (page[-1].handed_at, page[-1].key)
    assert walked == whole
    assert whole[0].key == a_back
