"""How violations come in, what falls due of them, how they go on, and how they are listed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.charges.service import list_of_source
from fleet.periods import InstantInFuture
from fleet.violations import service as violations
from fleet.violations.errors import (
    NoticedBeforeViolation,
    TransferTooEarly,
    ViolationExists,
    ViolationSettled,
    ViolationTwice,
    ViolationWithoutLessee,
)
from fleet.violations.service import NewViolation, Violation
from kit.errors import DomainError
from schemas.access import SYSTEM, PermissionMissing

from ..let import Leases, Written
from ..seen import VINS, Fleet
from .conftest import ASKED_AT, Recorded, offence, on


@pytest.fixture
def lease(leases: Leases) -> Written:
    """West had A let from the 5th, 09:00, and it is still out."""
    written = leases.of("west")
    leases.had(written, "A", on(5, 9), None)
    return written


@pytest.fixture
def west(fleet: Fleet, recorded: Recorded, lease: Written) -> Connection[Any]:
    """One violation of the lease, V1 of the 6th, and one between leases, V2; as the system sees."""
    recorded("west", offence("V1", "A", on(6, 9)), offence("V2", "B", on(6, 10)))
    return fleet.conn


def at_day(day: date) -> datetime:
    """10:00 of that day in Shanghai."""
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def got(conn: Connection[Any], number: str = "V1", now: datetime = ASKED_AT) -> Violation:
    return violations.get_violation(conn, SYSTEM, violation_no=number, now=now)


def refuses(conn: Connection[Any], fact: type[DomainError], act: Any, **facts: Any) -> DomainError:
    with pytest.raises(fact) as raised, conn.transaction():
        act(conn, SYSTEM, **{"now": ASKED_AT} | facts)
    return raised.value


# As they come in


def test_the_same_list_again_changes_nothing(west: Connection[Any], recorded: Recorded) -> None:
    again = recorded("west", offence("V1", "A", on(6, 9)), offence("V2", "B", on(6, 10)))
    assert (again.new, again.changed) == (0, 0)
    assert [each.row.version for each in again.violations] == [1, 1]


def test_a_number_told_again_tells_more(west: Connection[Any], recorded: Recorded) -> None:
    more = offence("V1", "A", on(6, 9), place="深南大道", fine_fen=None, points=6)
    told = recorded("west", more, offence("V3", "A", on(7, 9)))
    assert (told.new, told.changed) == (1, 1)
    row = told.violations[0].row
    assert (row.place, row.fine_fen, row.points, row.version) == ("深南大道", 20_000, 6, 2)


def test_what_is_settled_stays_as_it_was_told(west: Connection[Any], recorded: Recorded) -> None:
    violations.drop_violation(west, SYSTEM, violation_no="V1", note="误录", now=ASKED_AT)
    told = recorded("west", offence("V1", "A", on(6, 9), points=6))
    assert (told.changed, told.violations[0].row.points) == (0, 3)


SAME_NUMBER: Final = {
    "of another vehicle": offence("V1", "B", on(6, 9)),
    "of another minute": offence("V1", "A", on(6, 10)),
}


@pytest.mark.parametrize("entry", SAME_NUMBER.values(), ids=SAME_NUMBER)
def test_the_number_of_another_violation_is_taken(
    west: Connection[Any], recorded: Recorded, entry: NewViolation
) -> None:
    with pytest.raises(ViolationExists) as raised:
        recorded("west", entry)
    assert raised.value.facts == {"violation_no": "V1"}


def test_a_number_out_of_sight_is_taken_and_no_more_is_told(
    west: Connection[Any], recorded: Recorded
) -> None:
    with pytest.raises(ViolationExists) as raised:
        recorded("east", offence("V1", "C", on(6, 9)))
    assert raised.value.facts == {"violation_no": "V1"}


def test_another_tenant_has_numbers_of_its_own(west: Connection[Any], recorded: Recorded) -> None:
    assert recorded("other", offence("V1", "X", on(6, 9))).new == 1


def test_of_a_list_with_a_fault_nothing_is_written(
    fleet: Fleet, recorded: Recorded, lease: Written
) -> None:
    entries = [offence("V1", "A", on(6, 9)), offence("V1", "A", on(6, 9))]
    with pytest.raises(ViolationTwice):
        recorded("west", *entries)
    with pytest.raises(NoticedBeforeViolation):
        recorded("west", entries[0], offence("V2", "A", on(6, 9), noticed_on=date(2026, 3, 5)))
    with pytest.raises(InstantInFuture):
        recorded("west", entries[0], offence("V2", "A", ASKED_AT + timedelta(minutes=1)))
    assert violations.list_violations(fleet.conn, SYSTEM, {}, now=ASKED_AT) == []


def test_each_is_written_in_the_trail_without_where_or_who(west: Connection[Any]) -> None:
    entries = audit.list_entries(west, SYSTEM, {"action": "violation.record"})
    assert sorted(entry.object_key for entry in entries) == ["V1", "V2"]
    assert entries[-1].after == {
        "vin": VINS["A"],
        "occurred_at": "2026-03-06T01:00:00+00:00",
        "fine_fen": 20_000,
        "points": 3,
        "again": False,
    }
    assert entries[-1].organisation_code == "west"


# Days


def test_it_is_due_thirty_days_after_its_notice_or_after_it_happened(
    west: Connection[Any], recorded: Recorded
) -> None:
    assert got(west).due_on == date(2026, 4, 5)
    recorded("west", offence("V3", "A", on(6, 9), noticed_on=date(2026, 3, 10)))
    assert got(west, "V3").due_on == date(2026, 4, 9)


def test_a_late_evening_counts_as_its_day_in_shanghai(
    fleet: Fleet, recorded: Recorded, lease: Written
) -> None:
    recorded("west", offence("V1", "A", on(6, 23, 59)), offence("V2", "A", on(7, 0)))
    days = [got(fleet.conn, number).due_on for number in ("V1", "V2")]
    assert days == [date(2026, 4, 5), date(2026, 4, 6)]


@pytest.mark.parametrize(("day", "overdue"), [(date(2026, 4, 5), False), (date(2026, 4, 6), True)])
def test_it_is_overdue_once_its_last_day_is_over(
    west: Connection[Any], day: date, overdue: bool
) -> None:
    now = at_day(day)
    assert got(west, now=now).overdue == overdue
    found = violations.list_violations(west, SYSTEM, {}, overdue=True, now=now)
    assert len(found) == (2 if overdue else 0)


def test_what_was_handled_is_not_overdue(west: Connection[Any]) -> None:
    violations.handle_violation(west, SYSTEM, violation_no="V1", by="lessee", now=ASKED_AT)
    now = at_day(date(2026, 5, 1))
    assert not got(west, now=now).overdue
    found = violations.list_violations(west, SYSTEM, {}, overdue=True, now=now)
    assert [each.row.violation_no for each in found] == ["V2"]


@pytest.mark.parametrize("day", [date(2026, 4, 11), date(2026, 4, 12)], ids=["30 days", "31 days"])
def test_it_is_transferred_more_than_thirty_days_after_the_lease_ended(
    west: Connection[Any], leases: Leases, lease: Written, day: date
) -> None:
    leases.end(lease, on(12, 18))
    told, now = got(west, now=at_day(day)), at_day(day)
    may = day == date(2026, 4, 12)
    assert (told.may_transfer_from_on, told.may_transfer) == (date(2026, 4, 12), may)
    found = violations.list_violations(west, SYSTEM, {}, may_transfer=True, now=now)
    assert [each.row.violation_no for each in found] == (["V1"] if may else [])
    if not may:
        error = refuses(
            west, TransferTooEarly, violations.transfer_violation, violation_no="V1", now=now
        )
        assert error.facts == {"violation_no": "V1", "from_on": date(2026, 4, 12)}
    else:
        done = violations.transfer_violation(west, SYSTEM, violation_no="V1", now=now)
        assert (done.row.state, done.row.handled_at) == ("transferred", now)


def test_while_the_lease_runs_nothing_is_transferred(west: Connection[Any]) -> None:
    error = refuses(west, TransferTooEarly, violations.transfer_violation, violation_no="V1")
    assert error.facts == {"violation_no": "V1", "from_on": None}


# How they go on


def test_told_then_handled_by_the_lessee(west: Connection[Any]) -> None:
    told = violations.tell_violation(
        west, SYSTEM, violation_no="V1", told_at=on(7, 9), note="短信", now=ASKED_AT
    )
    assert (told.row.state, told.row.told_at, told.row.state_note) == ("told", on(7, 9), "短信")
    done = violations.handle_violation(west, SYSTEM, violation_no="V1", by="lessee", now=ASKED_AT)
    assert (done.row.state, done.row.handled_by, done.row.paid_fen) == ("handled", "lessee", None)
    assert (done.row.handled_at, done.row.told_at) == (ASKED_AT, on(7, 9))
    assert list_of_source(west, source_kind="violation", source_key="V1") == []


def test_the_driver_is_told_of_a_transfer_as_well(
    west: Connection[Any], leases: Leases, lease: Written
) -> None:
    leases.end(lease, on(12, 18))
    now = at_day(date(2026, 4, 20))
    violations.transfer_violation(west, SYSTEM, violation_no="V1", now=now)
    later = now + timedelta(hours=2)
    told = violations.tell_violation(west, SYSTEM, violation_no="V1", now=later)
    assert (told.row.state, told.row.told_at, told.row.handled_at) == ("transferred", later, now)


def test_a_fine_that_the_lessor_paid_is_proposed_as_a_charge(
    west: Connection[Any], lease: Written
) -> None:
    violations.handle_violation(west, SYSTEM, violation_no="V1", by="lessor", now=ASKED_AT)
    (charge,) = list_of_source(west, source_kind="violation", source_key="V1")
    assert (charge.kind, charge.amount_fen, charge.state) == ("violation", 20_000, "proposed")
    assert (charge.lease_no, charge.incurred_on) == (lease.lease_no, date(2026, 3, 6))
    assert charge.basis == {
        "violation_no": "V1",
        "vin": VINS["A"],
        "occurred_at": "2026-03-06T01:00:00+00:00",
        "fine_fen": 20_000,
        "paid_fen": 20_000,
    }


def test_with_its_surcharge_what_was_paid_is_charged(west: Connection[Any]) -> None:
    done = violations.handle_violation(
        west, SYSTEM, violation_no="V1", by="lessor", paid_fen=26_000, now=ASKED_AT
    )
    assert done.row.paid_fen == 26_000
    (charge,) = list_of_source(west, source_kind="violation", source_key="V1")
    assert charge.amount_fen == 26_000


NOT_CHARGED: Final[dict[str, tuple[str, dict[str, Any], int | None]]] = {
    "nobody leased the vehicle": ("V2", {}, None),
    "nothing was paid": ("V1", {}, 0),
    "the lessor bears violations": ("V1", {"violations_by": "lessor"}, None),
}


@pytest.mark.parametrize(
    ("number", "terms", "paid_fen"), NOT_CHARGED.values(), ids=NOT_CHARGED.keys()
)
def test_nothing_is_charged_where(
    *,
    fleet: Fleet,
    leases: Leases,
    recorded: Recorded,
    number: str,
    terms: dict[str, Any],
    paid_fen: int | None,
) -> None:
    leases.had(leases.of("west", **terms), "A", on(5, 9), None)
    recorded("west", offence("V1", "A", on(6, 9)), offence("V2", "B", on(6, 10)))
    violations.handle_violation(
        fleet.conn, SYSTEM, violation_no=number, by="lessor", paid_fen=paid_fen, now=ASKED_AT
    )
    assert list_of_source(fleet.conn, source_kind="violation", source_key=number) == []


def test_what_has_no_lessee_is_told_to_none_and_handled_by_none(west: Connection[Any]) -> None:
    for act, facts in (
        (violations.tell_violation, {}),
        (violations.handle_violation, {"by": "lessee"}),
        (violations.transfer_violation, {}),
    ):
        refuses(west, ViolationWithoutLessee, act, violation_no="V2", **facts)


def test_what_is_settled_goes_nowhere(west: Connection[Any]) -> None:
    violations.handle_violation(west, SYSTEM, violation_no="V1", by="lessee", now=ASKED_AT)
    for act, facts in (
        (violations.tell_violation, {}),
        (violations.handle_violation, {"by": "lessor"}),
        (violations.transfer_violation, {}),
        (violations.drop_violation, {"note": "撤销"}),
    ):
        error = refuses(west, ViolationSettled, act, violation_no="V1", **facts)
        assert error.facts == {"violation_no": "V1", "state": "handled"}


def test_settled_it_keeps_its_lease(west: Connection[Any], leases: Leases) -> None:
    violations.handle_violation(west, SYSTEM, violation_no="V2", by="lessor", now=ASKED_AT)
    leases.had(leases.of("west"), "B", on(5, 9), None)
    assert violations.rematch_violations(west, SYSTEM, now=ASKED_AT) == []


# Lists


def test_counts_of_what_stands_against_an_inspection(
    west: Connection[Any], recorded: Recorded
) -> None:
    entries = [offence(f"N{n}", "A", on(8, n), points=1, fine_fen=None) for n in range(5)]
    recorded("west", *entries)
    violations.handle_violation(west, SYSTEM, violation_no="V2", by="lessor", now=ASKED_AT)
    (counted,) = violations.count_violations(west, SYSTEM, {}, now=ASKED_AT)
    assert (counted.vin, counted.unsettled, counted.overdue) == (VINS["A"], 6, 0)
    assert (counted.points, counted.fine_fen, counted.oldest_at) == (8, 20_000, on(6, 9))
    later = at_day(date(2026, 4, 6))
    (counted,) = violations.count_violations(west, SYSTEM, {}, at_least=5, now=later)
    assert counted.overdue == 1
    assert violations.count_violations(west, SYSTEM, {}, at_least=7, now=later) == []


def test_counts_come_in_pages_the_most_first(west: Connection[Any], recorded: Recorded) -> None:
    recorded("head", offence("V3", "B", on(7, 9)), offence("V4", "C", on(7, 9)))
    found: list[violations.VehicleCount] = []
    while page := violations.count_violations(
        west,
        SYSTEM,
        {},
        after=(found[-1].unsettled, found[-1].vin) if found else None,
        limit=1,
        now=ASKED_AT,
    ):
        found += page
    expected = [(VINS["B"], 2), *((vin, 1) for vin in sorted((VINS["A"], VINS["C"])))]
    assert [(each.vin, each.unsettled) for each in found] == expected


FILTERED: Final[dict[str, tuple[dict[str, Any], list[str]]]] = {
    "all": ({}, ["V2", "V1"]),
    "of a vehicle": ({"vin": VINS["A"]}, ["V1"]),
    "of nobody": ({"leased": False}, ["V2"]),
    "in a state": ({"state": "told"}, ["V1"]),
    "settled": ({"settled": True}, []),
    "unsettled": ({"settled": False}, ["V2", "V1"]),
    "of an organisation": ({"organisation": "west"}, ["V2", "V1"]),
    "of those below it": ({"organisation": "head"}, ["V2", "V1"]),
    "of another": ({"organisation": "east"}, []),
    "by a part of its words": ({"search": "标线"}, ["V2", "V1"]),
    "by its number": ({"search": "v1"}, ["V1"]),
}


@pytest.mark.parametrize(("filters", "numbers"), FILTERED.values(), ids=FILTERED.keys())
def test_a_list_shows_what_is_asked_for(
    west: Connection[Any], filters: dict[str, Any], numbers: list[str]
) -> None:
    violations.tell_violation(west, SYSTEM, violation_no="V1", now=ASKED_AT)
    found = violations.list_violations(west, SYSTEM, filters, now=ASKED_AT)
    assert [each.row.violation_no for each in found] == numbers


def test_a_list_of_a_lease_and_of_a_customer(west: Connection[Any], lease: Written) -> None:
    for filters in ({"lease_no": lease.lease_no}, {"customer_no": lease.customer_no}):
        found = violations.list_violations(west, SYSTEM, filters, now=ASKED_AT)
        assert [each.row.violation_no for each in found] == ["V1"]


def test_pages_together_are_the_whole_list(west: Connection[Any], recorded: Recorded) -> None:
    recorded("west", *(offence(f"N{n}", "A", on(8, 9)) for n in range(5)))
    whole = violations.list_violations(west, SYSTEM, {}, now=ASKED_AT)
    found: list[Violation] = []
    while page := violations.list_violations(
        west,
        SYSTEM,
        {},
        after=(found[-1].row.occurred_at, found[-1].row.id) if found else None,
        limit=2,
        now=ASKED_AT,
    ):
        found += page
    assert found == whole
    assert len(whole) == 7


ASKED: Final[list[tuple[Any, str, dict[str, Any]]]] = [
    (violations.list_violations, "violation.read", {"filters": {}}),
    (violations.get_violation, "violation.read", {"violation_no": "V1"}),
    (violations.count_violations, "violation.read", {"filters": {}}),
    (violations.record_violations, "violation.record", {"entries": []}),
    (violations.tell_violation, "violation.record", {"violation_no": "V1"}),
    (violations.handle_violation, "violation.record", {"violation_no": "V1", "by": "lessee"}),
    (violations.transfer_violation, "violation.record", {"violation_no": "V1"}),
    (violations.drop_violation, "violation.record", {"violation_no": "V1", "note": "误"}),
    (violations.rematch_violations, "violation.record", {}),
]


@pytest.mark.parametrize(("act", "verb", "facts"), ASKED, ids=[act.__name__ for act, *_ in ASKED])
def test_who_lacks_the_verb_gets_none(
    fleet: Fleet, west: Connection[Any], act: Any, verb: str, facts: dict[str, Any]
) -> None:
    owner = fleet.actor("west")
    lacking = fleet.actor("west", sorted(owner.permissions - {verb}))
    with fleet.as_member("west") as conn, pytest.raises(PermissionMissing) as raised:
        act(conn, lacking, **facts, now=ASKED_AT)
    assert raised.value.facts == {"permission": verb}
