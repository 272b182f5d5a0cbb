"""When a vehicle is insured: instants, gaps, overlaps."""

from fleet.compliance.cover import (
    Overlap,
    Span,
    cover_end,
    gaps,
    gaps_within,
    in_force,
    names_use,
    overlaps,
    runs,
    runs_within,
    state_of,
    weight_of,
)
from tests.fleet.compliance.figures_of_law import at, policy

A = policy("A", "2025-07-01 00:00", "2026-06-30 24:00")
B = policy("B", "2026-07-01 00:00", "2027-06-30 24:00")
LATE = policy("L", "2026-07-03 00:00", "2027-07-02 24:00")


def test_two_policies_that_adjoin_are_one_cover() -> None:
    assert runs([B, A], "compulsory") == [Span(A.from_at, B.until_at)]
    assert overlaps([A, B], "compulsory") == []


def test_a_policy_that_ends_at_24_00_covers_the_whole_day_and_not_the_next() -> None:
    assert in_force([A], "compulsory", at=at("2026-06-30 23:59")) == (A,)
    assert in_force([A], "compulsory", at=at("2026-07-01 00:00")) == ()


def test_a_policy_covers_its_first_instant() -> None:
    assert in_force([A], "compulsory", at=A.from_at) == (A,)


def test_a_gap_of_48_hours() -> None:
    assert gaps([A, LATE], "compulsory") == [Span(A.until_at, LATE.from_at)]
    assert gaps([A, LATE], "compulsory")[0].seconds == 48 * 3600


def test_a_second_is_a_gap() -> None:
    early = policy("A", "2025-07-01 00:00", "2026-06-30 23:59:59")
    assert [gap.seconds for gap in gaps([early, B], "compulsory")] == [1.0]


def test_a_start_in_the_middle_of_a_day() -> None:
    """即时生效: in force from the minute it is issued."""
    issued = policy("M", "2026-07-01 14:30", "2027-07-01 14:30")
    assert [gap.hours for gap in gaps([A, issued], "compulsory")] == [14.5]
    assert cover_end([issued], "compulsory", at=at("2026-07-01 14:29")) is None
    assert cover_end([issued], "compulsory", at=at("2026-07-01 14:30")) == issued.until_at


def test_policies_overlap() -> None:
    early = policy("E", "2026-06-20 00:00", "2027-06-19 24:00")
    assert overlaps([A, early], "compulsory") == [Overlap(early.from_at, A.until_at, ("A", "E"))]
    assert gaps([A, early], "compulsory") == []
    assert cover_end([A, early], "compulsory", at=at("2026-01-01 00:00")) == early.until_at


def test_three_policies_at_once_are_told_once() -> None:
    third = policy("C", "2026-06-01 00:00", "2026-06-29 24:00")
    early = policy("E", "2026-06-20 00:00", "2027-06-19 24:00")
    found = overlaps([third, A, early], "compulsory")
    assert found == [Overlap(third.from_at, A.until_at, ("A", "C", "E"))]


def test_two_overlaps_apart_are_two() -> None:
    first = policy("C", "2025-08-01 00:00", "2025-08-31 24:00")
    second = policy("D", "2025-10-01 00:00", "2025-10-31 24:00")
    assert overlaps([second, first, A], "compulsory") == [
        Overlap(first.from_at, first.until_at, ("A", "C")),
        Overlap(second.from_at, second.until_at, ("A", "D")),
    ]


def test_a_policy_within_another_does_not_shorten_it() -> None:
    short = policy("C", "2025-08-01 00:00", "2025-08-31 24:00")
    assert runs([short, A], "compulsory") == [Span(A.from_at, A.until_at)]


def test_a_voided_policy_never_counted() -> None:
    void = policy("V", "2026-06-01 00:00", "2026-07-31 24:00", voided=True)
    assert [gap.hours for gap in gaps([A, void, LATE], "compulsory")] == [48.0]
    assert overlaps([A, void], "compulsory") == []
    assert in_force([void], "compulsory", at=at("2026-06-15 12:00")) == ()


def test_kinds_do_not_cover_for_one_another() -> None:
    commercial = policy("S", "2026-06-30 24:00", "2026-07-03 00:00", "commercial")
    assert [gap.hours for gap in gaps([A, commercial, LATE], "compulsory")] == [48.0]
    assert runs([A], "commercial") == []


def test_covered_now_with_a_gap_ahead() -> None:
    state = state_of([LATE, A], "compulsory", at=at("2026-06-01 00:00"))
    assert (state.in_force, state.ends_at, state.next_from_at) == ((A,), A.until_at, LATE.from_at)
    assert state.gap == Span(A.until_at, LATE.from_at)


def test_in_the_gap() -> None:
    state = state_of([A, LATE], "compulsory", at=at("2026-07-02 00:00"))
    assert (state.is_covered, state.ends_at) == (False, A.until_at)
    assert state.gap == Span(A.until_at, LATE.from_at)


def test_after_the_gap_it_is_forgotten() -> None:
    state = state_of([A, LATE], "compulsory", at=LATE.from_at)
    assert (state.is_covered, state.ends_at, state.gap) == (True, LATE.until_at, None)


def test_a_policy_in_the_future_only() -> None:
    state = state_of([B], "compulsory", at=at("2026-06-01 00:00"))
    assert (state.is_covered, state.ends_at, state.next_from_at) == (False, None, B.from_at)
    assert state.gap is None


def test_lapsed_for_good() -> None:
    state = state_of([A], "compulsory", at=at("2026-11-21 12:00"))
    assert (state.is_covered, state.ends_at, state.next_from_at) == (False, A.until_at, None)


def test_no_policy_at_all() -> None:
    state = state_of([], "compulsory", at=at("2026-11-21 12:00"))
    assert (state.is_covered, state.ends_at, state.next_from_at) == (False, None, None)


def test_gaps_within_a_year() -> None:
    from_at, until_at = at("2026-01-01 00:00"), at("2027-12-31 24:00")
    assert gaps_within([A, LATE], "compulsory", from_at, until_at) == [
        Span(A.until_at, LATE.from_at),
        Span(LATE.until_at, until_at),
    ]
    assert runs_within([A, LATE], "compulsory", from_at, until_at) == [
        Span(from_at, A.until_at),
        Span(LATE.from_at, LATE.until_at),
    ]


def test_without_a_policy_the_whole_time_is_a_gap() -> None:
    whole = Span(at("2026-01-01 00:00"), at("2026-12-31 24:00"))
    assert gaps_within([], "compulsory", whole.from_at, whole.until_at) == [whole]


def test_what_ends_last_comes_last() -> None:
    longer = policy("A0", "2025-07-01 00:00", "2026-07-31 24:00")
    assert in_force([longer, A], "compulsory", at=at("2026-01-01 00:00")) == (A, longer)


def test_only_a_let_vehicle_without_compulsory_insurance_is_critical() -> None:
    stages = ("let", "in_stock", "in_service", "for_sale")
    assert [weight_of("compulsory", stage) for stage in stages] == ["critical"] + ["warning"] * 3
    assert weight_of("commercial", "let") == "warning"


def test_use_natures_of_policies() -> None:
    printed = ("营业货车", " 营 业 ", "非营业货车", "企业非营业", "家庭自用", None)
    year = ("2026-01-01 00:00", "2026-12-31 24:00")
    found = [names_use(policy("P", *year, use_nature=each), "营业") for each in printed]
    assert found == [True, True, False, False, False, None]
