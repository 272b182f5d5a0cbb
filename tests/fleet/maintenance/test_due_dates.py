"""When maintenance falls due next, and how that stands: by day, by odometer, by hours."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.due_by_use import DUE_WITHIN_HOURS, DUE_WITHIN_KM, due_status_with_use, use_status
from fleet.maintenance.due_dates import next_due
from fleet.maintenance.model import Need
from fleet.months import add_months

BEGUN: Final = date(2025, 3, 31)


def need(**given: Any) -> Need:
    """An item of a vehicle that was registered on BEGUN."""
    facts: dict[str, Any] = {
        "vehicle_id": 1,
        "tenant_id": 1,
        "code": "annual-service",
        "title": "年度保养",
        "every_months": None,
        "every_km": None,
        "every_hours": None,
        "begun_on": BEGUN,
        "done_on": None,
        "done_odometer_km": None,
        "done_running_hours": None,
    }
    return Need(**(facts | given))


@pytest.mark.parametrize(
    ("given", "due"),
    [
        pytest.param({"every_months": 12}, (date(2026, 3, 31), None, None), id="from registration"),
        pytest.param({"every_months": 11}, (date(2026, 2, 28), None, None), id="to a month's end"),
        pytest.param(
            {"every_months": 12, "done_on": date(2026, 5, 4)},
            (date(2027, 5, 4), None, None),
            id="from when it was done, late as it was",
        ),
        pytest.param(
            {"every_months": 12, "done_on": date(2024, 2, 29)},
            (date(2025, 2, 28), None, None),
            id="from a leap day",
        ),
        pytest.param({"every_km": 20_000}, (None, Decimal(20_000), None), id="from nought km"),
        pytest.param(
            {"every_km": 20_000, "done_on": BEGUN, "done_odometer_km": Decimal("18000.5")},
            (None, Decimal("38000.5"), None),
            id="from the odometer when it was done",
        ),
        pytest.param(
            {"every_km": 20_000, "every_months": 12, "done_on": BEGUN},
            (date(2026, 3, 31), None, None),
            id="nobody read the odometer: the day alone counts",
        ),
        pytest.param(
            {"every_hours": 500, "done_on": BEGUN, "done_running_hours": Decimal("480.5")},
            (None, None, Decimal("980.5")),
            id="by running hours",
        ),
        pytest.param(
            {"every_months": 12, "every_km": 20_000, "every_hours": 500},
            (date(2026, 3, 31), Decimal(20_000), Decimal(500)),
            id="by all three",
        ),
    ],
)
def test_an_item_falls_due(given: dict[str, Any], due: tuple[Any, ...]) -> None:
    told = next_due(need(**given))
    assert (told.due_on, told.due_odometer_km, told.due_running_hours) == due


DAYS: Final = st.dates(date(2000, 1, 1), date(2060, 12, 31))
MONTHS: Final = st.integers(1, 240)


@given(DAYS, st.lists(st.integers(0, 900), max_size=20), MONTHS)
def test_due_days_never_go_backwards(begun: date, gaps: list[int], months: int) -> None:
    """Each time it is done, on time or not, the next day is the same or a later one."""
    due = next_due(need(begun_on=begun, every_months=months)).due_on
    done = begun
    for gap in gaps:
        done += timedelta(days=gap)
        following = next_due(need(begun_on=begun, every_months=months, done_on=done)).due_on
        assert following is not None
        assert due is not None
        assert following >= due
        due = following


@given(DAYS, MONTHS)
def test_no_cycle_is_skipped(done: date, months: int) -> None:
    """The next day is one interval on: no earlier, and not two."""
    due = next_due(need(every_months=months, done_on=done)).due_on
    assert due is not None
    ahead = (due.year - done.year) * 12 + due.month - done.month
    assert ahead == months
    assert due < add_months(done, months + 1)
    assert due.day == done.day or (due + timedelta(days=1)).day == 1


@given(st.integers(0, 10**6), st.integers(100, 10**6))
def test_kilometres_are_counted_from_the_last_time(done_at: int, every: int) -> None:
    told = next_due(need(every_km=every, done_on=BEGUN, done_odometer_km=Decimal(done_at)))
    assert told.due_odometer_km == done_at + every


@pytest.mark.parametrize(
    ("used", "status"),
    [
        ("0", "ahead"),
        ("19499.9", "ahead"),
        ("19500", "due"),
        ("19999.9", "due"),
        ("20000", "overdue"),
        ("31000", "overdue"),
    ],
)
def test_by_the_odometer(used: str, status: str) -> None:
    assert use_status(Decimal(20_000), Decimal(used), within=DUE_WITHIN_KM) == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param(
            {"due_odometer_km": 20_000, "odometer_km": 20_000},
            "overdue",
            id="too far, though the day is ahead",
        ),
        pytest.param({"due_odometer_km": 20_000, "odometer_km": 19_600}, "due", id="nearly so far"),
        pytest.param({"due_odometer_km": 20_000, "odometer_km": 5}, "ahead", id="both are ahead"),
        pytest.param({"due_odometer_km": 20_000}, "ahead", id="nobody knows how far: the day"),
        pytest.param({"odometer_km": 50_000}, "ahead", id="it does not go by kilometres"),
        pytest.param(
            {"due_on": date(2026, 10, 31), "due_odometer_km": 20_000, "odometer_km": 5},
            "overdue",
            id="the day is over, though it has hardly run",
        ),
        pytest.param(
            {"due_on": None, "due_odometer_km": 20_000, "odometer_km": 5}, "ahead", id="by use only"
        ),
        pytest.param(
            {"due_on": None, "due_odometer_km": 20_000}, "missing", id="by use, of which none knows"
        ),
        pytest.param({"due_on": None}, "missing", id="nothing is known"),
        pytest.param({"due_running_hours": 500, "running_hours": 475}, "due", id="hours nearly"),
        pytest.param({"due_running_hours": 500, "running_hours": 501}, "overdue", id="hours over"),
    ],
)
def test_whichever_comes_first_counts(given: dict[str, Any], status: str) -> None:
    facts = {"due_on": date(2027, 6, 1)} | given
    due_on = facts.pop("due_on")
    use = {name: Decimal(figure) for name, figure in facts.items()}
    assert due_status_with_use(due_on, None, on=date(2026, 11, 22), **use) == status
    assert DUE_WITHIN_HOURS == 25
