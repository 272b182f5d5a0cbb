"""Which vehicle is promised to a line, and for how long."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from fleet.leasing.bookings import bookings
from fleet.leasing.events import Event
from tests.fleet.leasing.written import (
    TWO,
    ZONE,
    A,
    B,
    amended,
    back,
    book_of,
    bought,
    cancelled,
    dropped,
    extended,
    line,
    out,
    rests,
    signed,
    swapped,
    terminated,
    terms,
    to_own,
)

NAMED = terms(line(vin="LSJA"))
END = "2027-03-18 00:00"


def _told(instant: datetime | None) -> str:
    if instant is None:
        return ""
    return instant.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M")


CASES: list[tuple[str, list[Event], list[tuple[int, int, str, str]]]] = [
    ("a_chosen_vehicle_for_the_term", [signed(NAMED, line1=A)],
     [(1, A, "2026-03-18 00:00", END)]),
    ("no_vehicle_chosen", [signed()], []),
    ("open_ended", [signed(terms(line(vin="LSJA"), months=None), line1=A)],
     [(1, A, "2026-03-18 00:00", "")]),
    ("handed_over_before_the_start", [signed(NAMED, line1=A), out("03-17 18:00", A)],
     [(1, A, "2026-03-17 18:00", END)]),
    ("handed_over_late", [signed(NAMED, line1=A), out("03-20 09:00", A)],
     [(1, A, "2026-03-20 09:00", END)]),
    ("another_handed_over", [signed(NAMED, line1=A), out("03-18 09:00", B)],
     [(1, B, "2026-03-18 09:00", END)]),
    ("the_start_moved", [signed(NAMED, line1=A), out("03-25 09:00", A, starts="03-25")],
     [(1, A, "2026-03-25 09:00", "2027-03-25 00:00")]),
    ("swapped", [signed(), out("03-18", A), swapped("04-01 10:00", B)],
     [(1, B, "2026-04-01 10:00", END)]),
    ("extended", [signed(), out("03-18", A), extended("04-01", "2027-04-30")],
     [(1, A, "2026-03-18 12:00", "2027-05-01 00:00")]),
    ("after_the_last_day_the_one_that_is_out_was_promised_until_then",
     [signed(), out("03-18", A), rests("2027-05-01", "2027-05-01")],
     [(1, A, "2026-03-18 12:00", END)]),
    ("swapped_after_the_last_day", [signed(), out("03-18", A), swapped("2027-04-01", B)], []),
    ("while_it_rests", [signed(), out("03-18", A), rests("03-25", "03-25")],
     [(1, A, "2026-03-18 12:00", END)]),
    ("a_line_to_come",
     [signed(), out("03-18", A),
      amended("04-01", "05-01", terms(line(1), line(2, vin="LSJB")), line2=B)],
     [(1, A, "2026-03-18 12:00", END), (2, B, "2026-05-01 00:00", END)]),
    ("a_dropped_line", [signed(terms(line(1, vin="A"), line(2, vin="B")), line1=A, line2=B),
                        dropped("03-11", 2)], [(1, A, "2026-03-18 00:00", END)]),
    ("one_of_two_back", [signed(TWO), out("03-18", A, 1), out("03-18", B, 2), back("04-01", 1)],
     [(2, B, "2026-03-18 12:00", END)]),
    ("ended", [signed(), out("03-18", A), back("04-01")], []),
    ("terminated_and_still_out", [signed(), out("03-18", A), terminated("04-01")], []),
    ("bought", [signed(to_own()), out("03-18", A), bought("04-01")], []),
    ("cancelled", [signed(NAMED, line1=A), cancelled("03-11")], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_what_is_promised(history: list[Event], expected: list[tuple[int, int, str, str]]) -> None:
    promised = bookings(book_of(*history))
    told = [(b.line_no, b.vehicle_id, _told(b.from_at), _told(b.until_at)) for b in promised]
    assert told == expected
