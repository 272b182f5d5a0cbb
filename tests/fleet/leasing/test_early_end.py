"""What ending early would cost, beside what the lessor is likely to lose."""

from typing import Any

import pytest

from fleet.lease_figures import EarlyEnd
from fleet.leasing.early_end import EarlyEndPreview, preview
from fleet.leasing.errors import LeaseNotActive, LeaseOver
from fleet.leasing.events import Event
from fleet.leasing.terms import EarlyEndPrice
from tests.fleet.leasing.written import (
    A,
    B,
    amended,
    back,
    book_of,
    day,
    extended,
    line,
    out,
    signed,
    terms,
    to_own,
)

FIGURES = EarlyEnd(reletting_days=30, court_cut_above_pct=130)
HALF = EarlyEndPrice(kind="share_of_remaining_rent", pct=50)
MONTH = EarlyEndPrice(kind="months_of_rent", months=1)
FREE = EarlyEndPrice(notice_days=30)
ONE = line(deposit_fen=800_000)
RUNS = out("03-18")


def ending(history: list[Event], on: str = "12-02", told: str = "11-02") -> EarlyEndPreview:
    """After 2026-12-02 there are 105 days, 3.5 months, left of a year from 2026-03-18."""
    return preview(book_of(*history), on=day(on), told_on=day(told), figures=FIGURES)


def figures(seen: EarlyEndPreview, *names: str) -> list[Any]:
    return [getattr(seen, name) for name in names]


@pytest.mark.parametrize(
    ("price", "on", "told", "expected"),
    [
        pytest.param(HALF, "12-02", "11-02", [105, 1_050_000, 525_000, 0, 300_000, 175, True],
                     id="half_of_what_is_left"),
        pytest.param(MONTH, "12-02", "11-02", [105, 1_050_000, 300_000, 0, 300_000, 100, False],
                     id="a_month_of_rent"),
        pytest.param(FREE, "12-02", "11-02", [105, 1_050_000, 0, 0, 300_000, 0, False],
                     id="free_with_notice"),
        pytest.param(FREE, "12-02", "12-02", [105, 1_050_000, 0, 300_000, 300_000, 100, False],
                     id="without_notice"),
        pytest.param(FREE, "12-02", "11-22", [105, 1_050_000, 0, 200_000, 300_000, 67, False],
                     id="with_ten_days_notice"),
        pytest.param(HALF, "2027-03-07", "2027-02-01", [10, 107_143, 53_572, 0, 100_000, 54, False],
                     id="ten_days_before_the_end"),
        pytest.param(MONTH, "2027-03-07", "2027-03-07",
                     [10, 107_143, 300_000, 0, 100_000, 300, True],
                     id="no_notice_on_top_of_more_than_is_left"),
        pytest.param(HALF, "2027-03-17", "2027-03-17", [0, 0, 0, 0, 0, None, False],
                     id="on_the_last_day"),
        pytest.param(MONTH, "2027-04-17", "2027-04-17", [0, 0, 0, 0, 0, None, False],
                     id="after_it"),
    ],
)  # fmt: skip
def test_one_vehicle(price: EarlyEndPrice, on: str, told: str, expected: list[Any]) -> None:
    seen = ending([signed(terms(ONE, early_end=price)), RUNS], on, told)
    assert expected == figures(
        seen,
        "days_left",
        "rent_left_fen",
        "price_fen",
        "notice_fen",
        "loss_fen",
        "claim_of_loss_pct",
        "may_be_cut",
    )
    assert seen.claim_fen == seen.price_fen + seen.notice_fen


def test_130_per_cent_of_the_loss_stand() -> None:
    seen = ending([signed(terms(ONE, early_end=HALF)), RUNS])
    assert seen.stands_up_to_fen == 390_000


@pytest.mark.parametrize(
    ("hold_fen", "price", "expected"),
    [
        pytest.param(0, FREE, [800_000, 0, None, 800_000, 0], id="all_back"),
        pytest.param(200_000, FREE, [800_000, 200_000, day("2027-01-01"), 600_000, 0], id="held"),
        pytest.param(
            200_000, HALF, [800_000, 200_000, day("2027-01-01"), 75_000, 0], id="less_the_price"
        ),
        pytest.param(
            400_000, HALF, [800_000, 275_000, day("2027-01-01"), 0, 0], id="no_more_is_held"
        ),
    ],
)
def test_the_deposit(hold_fen: int, price: EarlyEndPrice, expected: list[Any]) -> None:
    agreed = terms(ONE, early_end=price, violation_hold_fen=hold_fen)
    seen = ending([signed(agreed), RUNS])
    names = ["deposit_fen", "held_back_fen", "held_until_on", "deposit_back_fen"]
    assert figures(seen, *names, "still_to_pay_fen") == expected


def test_what_the_deposit_does_not_cover_is_still_to_pay() -> None:
    seen = ending([signed(terms(line(deposit_fen=100_000), early_end=HALF)), RUNS])
    assert figures(seen, "deposit_back_fen", "still_to_pay_fen") == [0, 425_000]


def test_what_only_billing_knows_is_said_to_be_unknown() -> None:
    seen = ending([signed(), RUNS])
    assert seen.unsettled == ("rent_paid_ahead", "rent_overdue", "deposit_paid", "charges")


def test_only_vehicles_that_are_out_count() -> None:
    two = terms(ONE, line(2, deposit_fen=800_000), line(3), early_end=HALF)
    both: list[Event] = [signed(two), out("03-18", A, 1), out("03-18", B, 2)]
    assert ending(both).rent_left_fen == 2_100_000
    assert ending([*both, back("04-01", 2)]).rent_left_fen == 1_050_000


def test_the_terms_of_that_day_to_the_end_that_is_agreed_now() -> None:
    dearer = terms(line(rent_fen=400_000), early_end=HALF)
    story = [signed(terms(early_end=HALF)), RUNS, amended("05-01", "11-01", dearer)]
    assert ending(story).rent_left_fen == 1_400_000
    longer = [*story, extended("05-02", "2028-03-17")]
    assert ending(longer).rent_left_fen == 1_400_000 + 12 * 400_000


def test_without_an_end_only_the_notice_is_lost() -> None:
    agreed = terms(ONE, months=None, early_end=HALF)
    seen = ending([signed(agreed), RUNS], told="11-22")
    assert figures(seen, "days_left", "rent_left_fen", "price_fen") == [None, None, 0]
    assert figures(seen, "notice_days_short", "notice_fen", "loss_fen", "may_be_cut") == [
        20,
        200_000,
        200_000,
        False,
    ]


def test_a_lease_to_own_is_under_special_law() -> None:
    assert ending([signed(to_own()), RUNS]).special_law is True
    assert ending([signed(), RUNS]).special_law is False


def test_nothing_to_end_early() -> None:
    with pytest.raises(LeaseNotActive):
        ending([signed()])
    with pytest.raises(LeaseOver):
        ending([signed(), RUNS, back("04-01")])
