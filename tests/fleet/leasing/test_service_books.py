"""Whatever happens to leases, their tables say what follows from their events; a fault is found."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from fleet.leasing import service as leasing
from fleet.leasing.bookings import bookings
from fleet.leasing.books import store
from fleet.leasing.faults import faults_of
from fleet.leasing.service import check_books, find_book
from fleet.leasing.terms import Term
from fleet.local_days import local_day
from kit.errors import DomainError
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B
from tests.fleet.leasing.conftest import (
    START,
    VIN_C,
    back,
    customer,
    day,
    line,
    out,
    signed,
    swapped,
    terms,
)

Conn = Connection[Any]
VINS: Final = (VIN_A, VIN_B, VIN_C)
ACTS: Final = (
    "hand_out", "hand_out", "hand_out", "swap", "swap", "swap", "take_back", "take_back", "amend",
    "amend", "extend", "suspend", "suspend", "resume", "resume", "drop_line", "terminate", "cancel",
    "buy_out",
)  # fmt: skip
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


class Step(NamedTuple):
    """Something somebody tries, so many hours after the step before."""

    act: str
    lease: int
    line_no: int
    vin: str
    hours: int


STEPS: Final = st.lists(
    st.builds(
        Step,
        st.sampled_from(ACTS),
        st.integers(0, 1),
        st.integers(1, 3),
        st.sampled_from(VINS),
        st.integers(0, 24 * 3),
    ),
    min_size=6,
    max_size=20,
)


def try_step(conn: Conn, lease_no: str, step: Step, hours: int) -> None:
    """Do it, through the services; raises what is refused."""
    at = day(0) + timedelta(hours=hours)
    today = local_day(at)
    facts: dict[str, Any] = {"lease_no": lease_no, "now": at}
    lease, book = leasing.lock_lease(conn, lease_no)
    match step.act:
        case "hand_out":
            out(conn, lease_no, step.vin, step.line_no, at=at)
        case "swap":
            swapped(conn, lease_no, step.vin, step.line_no, at=at)
        case "take_back":
            back(conn, lease_no, step.line_no, at=at)
        case "amend":
            lines = [*book.terms.lines]
            vin = None if step.vin in {each.vin for each in lines} else step.vin
            if len(lines) < 5:
                lines.append(line(max(each.no for each in lines) + 1, vin=vin))
            changed = book.terms.model_copy(update={"lines": tuple(lines)})
            on = today + timedelta(days=step.line_no - 1)
            leasing.amend_lease(
                conn, SYSTEM, effective_on=on, terms=changed, reason="变更", **facts
            )
        case "extend":
            ends_on = lease.ends_on and lease.ends_on + timedelta(days=step.hours + 1)
            leasing.extend_lease(conn, SYSTEM, ends_on=ends_on, **facts)
        case "suspend":
            of = None if step.line_no == 3 else step.line_no
            leasing.suspend_lease(
                conn, SYSTEM, from_on=today, line_no=of, credited=True, reason="停运", **facts
            )
        case "resume":
            of = None if step.line_no == 3 else step.line_no
            leasing.resume_lease(conn, SYSTEM, on=today, line_no=of, **facts)
        case "drop_line":
            leasing.drop_line(conn, SYSTEM, line_no=step.line_no, reason="不要", **facts)
        case "terminate":
            leasing.terminate_lease(
                conn, SYSTEM, by="lessor", clause="第十二条", reason="欠租", **facts
            )
        case "cancel":
            leasing.cancel_lease(conn, SYSTEM, reason="取消", **facts)
        case "buy_out":
            leasing.buy_out(conn, SYSTEM, **facts)


@on_one_storage
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, kinds=st.tuples(st.sampled_from(["long", "lease_to_own"]), st.just("short")))
def test_any_sequence_of_acts_leaves_tables_that_follow_from_the_events(
    office: Conn, steps: list[Step], kinds: tuple[str, str]
) -> None:
    with office.transaction(force_rollback=True):
        numbers = [
            signed(office, wanted(kind, vin), customer_no=customer(office)).lease.lease_no
            for kind, vin in zip(kinds, (VIN_A, VIN_B), strict=True)
        ]
        begun = [Step("hand_out", place, 1, vin, 0) for place, vin in enumerate(VINS[:2])]
        hours = 9
        for step in [*begun, *steps]:
            hours += step.hours
            with suppress(DomainError), office.transaction():
                try_step(office, numbers[step.lease], step, hours)
            assert check_books(office) == []
        for lease_no in numbers:
            holds(office, lease_no)
        overlaps = office.execute(
            "SELECT count(*) FROM lease_segments a JOIN lease_segments b"
            " ON a.vehicle_id = b.vehicle_id AND a.id < b.id AND a.let_period && b.let_period"
        ).fetchone()
        assert overlaps == (0,)


def wanted(kind: str, vin: str) -> leasing.Terms:
    """Of three lines, the first with a vehicle."""
    usual: dict[str, Any] = {"kind": kind, "term": Term(count=1)}
    if kind == "lease_to_own":
        usual |= {"buy_out": {"price_fen": 0}}
    return terms(line(vin=vin), line(2), line(3), **usual)


def holds(conn: Conn, lease_no: str) -> None:
    """The tables of a lease are its book, and the book has no fault."""
    lease, book = leasing.lock_lease(conn, lease_no)
    assert find_book(conn, lease) == book
    assert faults_of(book) == []
    assert (lease.state, lease.ends_on) == (book.state, book.ends_on)
    kept = store.list_segments(conn, lease.id)
    assert kept == sorted(book.segments, key=lambda s: (s.line_no, s.from_at))
    assert store.list_versions(conn, lease.id) == list(book.versions)
    promised = [each for each in store.list_bookings(conn, lease.id).values() if each]
    assert promised == list(bookings(book))


@on_one_storage
def test_the_acts_that_are_tried_come_about(office: Conn) -> None:
    """A path through all of them, so that the sequences above are not refusals only."""
    lease_no = signed(office, wanted("lease_to_own", VIN_A)).lease.lease_no
    steps = [
        Step("hand_out", 0, 1, VIN_A, 2),
        Step("amend", 0, 1, VIN_C, 1),
        Step("drop_line", 0, 2, VIN_A, 1),
        Step("swap", 0, 1, VIN_B, 24),
        Step("suspend", 0, 1, VIN_A, 24),
        Step("resume", 0, 1, VIN_A, 24),
        Step("extend", 0, 1, VIN_A, 24),
        Step("hand_out", 0, 3, VIN_A, 1),
        Step("hand_out", 0, 4, VIN_C, 1),
        Step("take_back", 0, 3, VIN_A, 1),
        Step("buy_out", 0, 1, VIN_A, 1),
    ]
    hours = 0
    for step in steps:
        hours += step.hours
        try_step(office, lease_no, step, hours)
        assert check_books(office) == []
    holds(office, lease_no)
    assert leasing.lock_lease(office, lease_no)[0].state == "bought_out"


DAMAGES: Final = {
    "state": "UPDATE leases SET state = 'suspended'",
    "terms": "UPDATE leases SET terms = jsonb_set(terms, '{violation_hold_fen}', '5')",
    "ends_on": "UPDATE leases SET ends_on = ends_on + 1",
    "started_at": "UPDATE leases SET started_at = started_at + interval '1 second'",
    "last_event_no": "UPDATE leases SET last_event_no = 9",
    "versions": "UPDATE lease_versions SET effective_on = effective_on - 1",
    "segments": "UPDATE lease_segments SET let_period = tstzrange(lower(let_period), now())"
    " WHERE upper_inf(let_period)",
    "suspensions": "UPDATE lease_suspensions SET credited = false",
    "bookings": "UPDATE lease_bookings SET booked_period = 'empty' WHERE line_no = 1",
    "events": "UPDATE lease_events SET no = 7 WHERE kind = 'resumed'",
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_row_that_was_tampered_with_is_found(office: Conn, what: str) -> None:
    """As whoever owns the tables might; the application may not delete, nor write events anew."""
    lease_no = signed(office, terms(line(vin=VIN_A), line(2))).lease.lease_no
    out(office, lease_no)
    facts: dict[str, Any] = {"lease_no": lease_no, "now": day(3)}
    leasing.suspend_lease(
        office, SYSTEM, from_on=date(2026, 3, 4), credited=True, reason="停运", **facts
    )
    leasing.resume_lease(office, SYSTEM, on=date(2026, 3, 5), **facts)
    assert check_books(office) == []
    office.execute(DAMAGES[what].encode())
    drifts = check_books(office)
    assert (lease_no, what) in {(drift.lease_no, drift.what) for drift in drifts}


def test_events_that_make_no_book_are_told(office: Conn) -> None:
    lease_no = signed(office).lease.lease_no
    office.execute('UPDATE lease_events SET content = content || \'{"kind": "cancelled"}\'')
    [drift] = check_books(office)
    assert (drift.lease_no, drift.what) == (lease_no, "events")


def test_the_application_may_not_touch_what_was_written_down(office: Conn) -> None:
    signed(office)
    office.execute("SET LOCAL ROLE guanche_app")
    for statement in ("DELETE FROM lease_events", "UPDATE lease_events SET no = 2"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), office.transaction():
            office.execute(statement.encode())


def test_a_lease_that_rested_for_no_day_is_whole(office: Conn) -> None:
    """An empty period: nothing rested, and it was said that it should."""
    lease_no = out(office, signed(office).lease.lease_no).lease_no
    facts: dict[str, Any] = {"lease_no": lease_no, "now": day(3)}
    on = START + timedelta(days=3)
    leasing.suspend_lease(office, SYSTEM, from_on=on, credited=True, reason="停运", **facts)
    leasing.resume_lease(office, SYSTEM, on=on, **facts)
    assert check_books(office) == []
