"""What may not follow in a book: after these events, this one is refused, with this fact."""

from typing import Any

import pytest

from fleet.leasing import errors
from fleet.leasing.book import apply, replay
from fleet.leasing.events import Event
from fleet.leasing.terms import Term
from kit.errors import DomainError
from tests.fleet.leasing.written import (
    TWO,
    ZONE,
    A,
    B,
    C,
    amended,
    at,
    back,
    book_of,
    bought,
    cancelled,
    day,
    dropped,
    extended,
    goes_on,
    line,
    out,
    rests,
    signed,
    swapped,
    terminated,
    terms,
    to_own,
)

THREE = terms(line(1), line(2), line(3))
RUNS: list[Event] = [signed(), out("03-18")]
BOTH: list[Event] = [signed(TWO), out("03-18", A, 1), out("03-18", B, 2)]
HALF: list[Event] = [signed(TWO), out("03-18", A, 1)]
OWN: list[Event] = [signed(to_own()), out("03-18")]
ENDED = [*RUNS, back("04-01")]
TERMINATED = [*RUNS, terminated("04-01")]
RESTED = [*RUNS, rests("03-25", "03-25"), goes_on("03-30", "03-30")]
RESTS = [*RUNS, rests("03-25", "03-25")]

ANYTHING_LATER: list[Any] = [
    out("04-02", C),
    swapped("04-02"),
    amended("04-02", "04-02", terms()),
    extended("04-02", "2028-01-01"),
    rests("04-02", "04-02"),
    goes_on("04-02", "04-02"),
    dropped("04-02"),
    terminated("04-02"),
    bought("04-02"),
    cancelled("04-02"),
]
CASES = [
    # the draft, and what is signed twice
    ("a_draft_is_handed_out", [], out("03-18"), "LeaseNotSigned", {}),
    ("a_draft_is_cancelled", [], cancelled("03-18"), "LeaseNotSigned", {}),
    ("signed_twice", [signed()], signed(), "LeaseSignedAlready", {}),
    (
        "one_vehicle_chosen_for_two_lines",
        [],
        signed(terms(line(1, vin="X"), line(2, vin="Y")), line1=A, line2=A),
        "VehicleInLease",
        {"other_line_no": 1},
    ),
    # before it runs
    ("swapped_before_the_start", [signed()], swapped("03-18"), "LeaseNotActive", {}),
    ("taken_back_before_the_start", [signed()], back("03-18"), "LeaseNotActive", {}),
    ("suspended_before_the_start", [signed()], rests("03-18", "03-18"), "LeaseNotActive", {}),
    ("terminated_before_the_start", [signed()], terminated("03-18"), "LeaseNotActive", {}),
    ("bought_before_the_start", [signed(to_own())], bought("03-18"), "LeaseNotActive", {}),
    # handed out
    ("a_line_that_is_none", [signed()], out("03-18", A, 2), "LeaseLineUnknown", {"line_no": 2}),
    ("a_line_that_is_filled", RUNS, out("03-19", B), "LineFilled", {"line_no": 1}),
    (
        "a_line_that_came_back",
        [*BOTH, back("03-20", 1)],
        out("03-21", A, 1),
        "LineFilled",
        {"line_no": 1},
    ),
    (
        "a_line_that_was_dropped",
        [*HALF, dropped("03-19", 2), extended("03-19", None)],
        out("03-20", B, 2),
        "LineDroppedAlready",
        {"line_no": 2},
    ),
    (
        "handed_over_before_signing",
        [signed(on="03-18 10:00")],
        out("03-18 09:59"),
        "HandOverBeforeSigning",
        {"signed_at": at("03-18 10:00")},
    ),
    ("while_all_rests", [*HALF, rests("03-19", "03-19")], out("03-20", B, 2), "LeaseSuspended", {}),
    ("one_vehicle_in_two_lines", HALF, out("03-19", A, 2), "VehicleInLease", {"other_line_no": 1}),
    (
        "into_the_time_it_was_in_another_line",
        [*HALF, swapped("03-20 10:00", C, 1)],
        out("03-20 09:59", A, 2),
        "VehicleInLease",
        {"other_line_no": 1},
    ),
    (
        "after_the_last_day",
        HALF,
        out("2027-03-18 00:00", B, 2),
        "LeaseTermOver",
        {"ends_on": day("2027-03-17")},
    ),
    (
        "a_line_agreed_from_a_later_day",
        [*RUNS, amended("03-20", "04-01", TWO)],
        out("03-31 23:59", B, 2),
        "LineNotInForce",
        {"line_no": 2, "effective_on": day("04-01")},
    ),
    # the start moved
    (
        "the_start_moved_by_the_second_hand_over",
        HALF,
        out("03-20", B, 2, starts="03-20"),
        "StartFixed",
        {"starts_on": day("03-18")},
    ),
    (
        "a_start_before_the_hand_over",
        [signed()],
        out("03-20", starts="03-19"),
        "StartNotNearHandOver",
        {"handed_over_on": day("03-20")},
    ),
    (
        "a_start_more_than_a_month_after_it",
        [signed()],
        out("03-20", starts="04-21"),
        "StartNotNearHandOver",
        {"handed_over_on": day("03-20")},
    ),
    (
        "a_start_before_other_terms_begin",
        [signed(), amended("03-11", "05-01", terms(line(rent_fen=1)))],
        out("03-20", starts="03-20"),
        "StartBeforeAmendment",
        {"effective_on": day("05-01")},
    ),
    # swapped
    ("swapped_for_itself", RUNS, swapped("03-19", A), "SameVehicle", {"line_no": 1}),
    ("swapped_in_the_same_minute", RUNS, swapped("03-18"), "HandOverNotAfterLast", {}),
    (
        "swapped_before_it_came",
        RUNS,
        swapped("03-17"),
        "HandOverNotAfterLast",
        {"from_at": at("03-18")},
    ),
    ("swapped_where_nothing_is", HALF, swapped("03-19", C, 2), "LineEmpty", {"line_no": 2}),
    ("swapped_in_no_line", HALF, swapped("03-19", C, 7), "LeaseLineUnknown", {"line_no": 7}),
    ("swapped_for_a_neighbour", BOTH, swapped("03-19", B), "VehicleInLease", {"other_line_no": 2}),
    # taken back
    ("back_twice", [*BOTH, back("03-19", 1)], back("03-20", 1), "LineEmpty", {"line_no": 1}),
    ("back_in_the_same_minute", RUNS, back("03-18"), "HandOverNotAfterLast", {}),
    ("back_from_no_line", RUNS, back("03-19", 9), "LeaseLineUnknown", {"line_no": 9}),
    # dropped
    ("the_last_line_dropped", [signed()], dropped("03-11"), "LastLine", {"line_no": 1}),
    ("a_filled_line_dropped", BOTH, dropped("03-19", 1), "LineFilled", {"line_no": 1}),
    (
        "dropped_twice",
        [signed(TWO), dropped("03-11", 1)],
        dropped("03-12", 1),
        "LineDroppedAlready",
        {"line_no": 1},
    ),
    ("no_line_dropped", [signed()], dropped("03-11", 3), "LeaseLineUnknown", {"line_no": 3}),
    # amended
    (
        "amended_from_yesterday",
        RUNS,
        amended("04-01 00:30", "03-31", terms()),
        "AmendedInPast",
        {"today_on": day("04-01")},
    ),
    (
        "amended_before_the_start",
        [signed()],
        amended("03-11", "03-17", terms()),
        "AmendedBeforeLatest",
        {"latest_on": day("03-18")},
    ),
    (
        "amended_before_the_amendment_to_come",
        [*RUNS, amended("03-20", "06-01", terms(line(rent_fen=1)))],
        amended("03-21", "05-31", terms()),
        "AmendedBeforeLatest",
        {"latest_on": day("06-01")},
    ),
    (
        "amended_after_the_last_day",
        RUNS,
        amended("04-01", "2027-03-18", terms()),
        "AmendedAfterEnd",
        {"ends_on": day("2027-03-17")},
    ),
    (
        "amended_to_have_ended",
        RUNS,
        amended("06-01", "06-01", terms(months=2)),
        "AmendedAfterEnd",
        {"ends_on": day("05-17")},
    ),
    ("another_kind", RUNS, amended("04-01", "04-01", terms(kind="short")), "KindFixed", {}),
    (
        "another_start",
        RUNS,
        amended("04-01", "04-01", terms(starts_on=day("03-19"))),
        "AnchorFixed",
        {"starts_on": day("03-18"), "billing": "anchor_month"},
    ),
    (
        "another_way_of_billing",
        RUNS,
        amended("04-01", "04-01", terms(billing="calendar_month")),
        "AnchorFixed",
        {},
    ),
    (
        "a_line_left_out_whose_vehicle_is_out",
        BOTH,
        amended("04-01", "04-01", terms(line(2))),
        "LineStillOut",
        {"line_no": 1},
    ),
    (
        "a_line_left_out_that_is_to_be_filled",
        HALF,
        amended("04-01", "04-01", terms(line(1))),
        "LineStillToFill",
        {"line_no": 2},
    ),
    (
        "a_number_used_again",
        [*BOTH, back("03-25", 2), amended("04-01", "04-01", terms(line(1)))],
        amended("04-02", "04-02", TWO),
        "LineNumberUsed",
        {"line_no": 2},
    ),
    (
        "another_vehicle_to_have_begun_with",
        RUNS,
        amended("04-01", "04-01", terms(line(vin="LSJ"))),
        "LineNumberUsed",
        {"line_no": 1},
    ),
    (
        "a_vehicle_chosen_that_is_out",
        RUNS,
        amended("04-01", "04-01", terms(line(1), line(2, vin="A")), line2=A),
        "VehicleInLease",
        {"other_line_no": 1},
    ),
    # extended
    (
        "extended_to_the_same_day",
        RUNS,
        extended("04-01", "2027-03-17"),
        "EndNotLater",
        {"present_ends_on": day("2027-03-17")},
    ),
    (
        "extended_to_a_day_that_is_over",
        RUNS,
        extended("2027-05-10", "2027-05-09"),
        "EndInPast",
        {"effective_on": day("2027-05-10")},
    ),
    ("extended_without_an_end_to_put_off", [signed(terms(months=None))], extended("04-01", None),
     "OpenEndedAlready", {}),
    ("lease_to_own_without_an_end", OWN, extended("04-01", None), "EndNeeded", {}),
    (
        "paid_once_without_an_end",
        [signed(terms(billing="once"))],
        extended("04-01", None),
        "EndNeeded",
        {},
    ),
    (
        "beyond_twenty_years",
        RUNS,
        extended("04-01", "2046-03-18"),
        "TermTooLong",
        {"at_most_on": day("2046-03-17")},
    ),
    # rests
    ("rests_from_tomorrow", RUNS, rests("03-20", "03-21"), "SuspendedAhead", {}),
    ("rests_since_long_ago", RUNS, rests("05-02", "03-31"), "SuspendedTooLate", {}),
    (
        "rests_before_it_began",
        RUNS,
        rests("03-20", "03-17"),
        "SuspendedBeforeStart",
        {"began_on": day("03-18")},
    ),
    ("rests_twice", RESTS, rests("03-26", "03-26"), "LeaseSuspended", {"from_on": day("03-25")}),
    (
        "rests_while_it_rested",
        RESTED,
        rests("03-31", "03-29"),
        "SuspensionOverlaps",
        {"until_on": day("03-30")},
    ),
    ("an_empty_line_rests", HALF, rests("03-20", "03-20", 2), "LineEmpty", {"line_no": 2}),
    ("no_line_rests", HALF, rests("03-20", "03-20", 5), "LeaseLineUnknown", {"line_no": 5}),
    ("goes_on_tomorrow", RESTS, goes_on("03-26", "03-27"), "SuspendedAhead", {}),
    ("goes_on_since_long_ago", RESTS, goes_on("05-02", "03-31"), "SuspendedTooLate", {}),
    (
        "goes_on_before_it_rested",
        RESTS,
        goes_on("03-26", "03-24"),
        "ResumedBeforeSuspended",
        {"from_on": day("03-25")},
    ),
    ("goes_on_and_never_rested", RUNS, goes_on("03-26", "03-26"), "LeaseNotSuspended", {}),
    ("goes_on_twice", RESTED, goes_on("03-31", "03-31"), "LeaseNotSuspended", {}),
    ("a_line_goes_on_where_all_rests", RESTS, goes_on("03-26", "03-26", 1), "LeaseNotSuspended",
     {"line_no": 1}),
    # ends
    ("cancelled_when_begun", RUNS, cancelled("03-19"), "LeaseBegun", {}),
    ("bought_and_no_lease_to_own", RUNS, bought("03-19"), "NotLeaseToOwn", {"kind": "long"}),
    ("bought_in_the_minute_it_was_handed_over", OWN, bought("03-18"), "HandOverNotAfterLast", {}),
    (
        "bought_with_lines_to_fill",
        [signed(to_own(line(1), line(2))), out("03-18", A, 1)],
        bought("03-19"),
        "LinesNotFilled",
        {"lines": [2]},
    ),
    ("terminated_twice", TERMINATED, terminated("04-02"), "LeaseOver", {"state": "terminated"}),
    # the book goes forward
    ("amended_before_the_hand_over", RUNS, amended("03-17", "03-18", terms()), "EventBeforeLast",
     {"last_event_at": at("03-18")}),
    ("extended_before_it", RUNS, extended("03-17", "2028-03-17"), "EventBeforeLast", {}),
    ("terminated_before_it", RUNS, terminated("03-17"), "EventBeforeLast", {}),
    ("dropped_before_it", HALF, dropped("03-17", 2), "EventBeforeLast", {}),
    ("suspended_before_it", [*HALF, out("03-20", B, 2)], rests("03-19", "03-19"),
     "EventBeforeLast", {}),
    ("resumed_before_it", [*RESTS, swapped("03-28")], goes_on("03-27", "03-27"),
     "EventBeforeLast", {}),
    ("bought_before_it", [*OWN, swapped("03-20")], bought("03-19"), "EventBeforeLast", {}),
    ("cancelled_before_signing", [signed()], cancelled("03-09"), "EventBeforeLast", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "event", "error", "facts"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_refused(history: list[Event], event: Event, error: str, facts: dict[str, Any]) -> None:
    book = replay(history, zone=ZONE)
    with pytest.raises(DomainError) as refused:
        apply(book, event, zone=ZONE)
    assert type(refused.value) is getattr(errors, error)
    assert {name: refused.value.facts[name] for name in facts} == facts
    assert book == replay(history, zone=ZONE)


@pytest.mark.parametrize("event", ANYTHING_LATER, ids=lambda event: str(event.kind))
@pytest.mark.parametrize(
    ("history", "state"),
    [
        pytest.param(ENDED, "ended", id="ended"),
        pytest.param(TERMINATED, "terminated", id="terminated"),
        pytest.param([*OWN, bought("04-01")], "bought_out", id="bought_out"),
        pytest.param([signed(), cancelled("03-11")], "cancelled", id="cancelled"),
    ],
)
def test_what_is_over_stays_over(history: list[Event], state: str, event: Event) -> None:
    with pytest.raises(errors.LeaseOver) as refused:
        apply(book_of(*history), event, zone=ZONE)
    assert refused.value.facts == {"state": state}


@pytest.mark.parametrize(
    "history",
    [ENDED, [*OWN, bought("04-01")], [signed(), cancelled("03-11")]],
    ids=["ended", "bought_out", "cancelled"],
)
def test_nothing_comes_back_of_what_is_over(history: list[Event]) -> None:
    with pytest.raises(errors.LeaseOver):
        apply(book_of(*history), back("04-02"), zone=ZONE)


def test_every_error_of_the_book_is_met_here() -> None:
    told = {each.__name__ for each in vars(errors).values() if _is_error(each)}
    assert told - {error for _, _, _, error, _ in CASES} == set()


def _is_error(each: object) -> bool:
    return (
        isinstance(each, type)
        and issubclass(each, DomainError)
        and each.__module__ == errors.__name__
    )


def test_the_term_in_days_may_not_run_past_twenty_years_either() -> None:
    days = signed(terms(term=Term(count=7_300, unit="day")))
    with pytest.raises(errors.TermTooLong):
        apply(book_of(days), extended("03-11", "2046-03-18"), zone=ZONE)
