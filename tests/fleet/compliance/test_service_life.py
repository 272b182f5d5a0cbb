"""When a vehicle's years are over."""

import pytest

from fleet.compliance.classes import LifeClass
from fleet.compliance.service_life import life_ends_on, years_of
from tests.fleet.compliance.figures_of_law import day, rules

LIFE = rules().life


@pytest.mark.parametrize(
    ("registered", "life", "expected"),
    [
        ("2016-02-29", "goods", "2031-02-28"),
        ("2016-02-29", "micro_goods", "2028-02-29"),
        ("2015-12-31", "hazmat_goods", "2025-12-31"),
    ],
    ids=["leap_day_to_a_common_year", "leap_day_to_a_leap_year", "last_day_of_a_year"],
)
def test_ends_on_the_corresponding_day(registered: str, life: LifeClass, expected: str) -> None:
    assert life_ends_on(day(registered), life, LIFE) == day(expected)


def test_none_and_unknown_have_no_end() -> None:
    assert years_of("none", LIFE) is None
    assert life_ends_on(day("2015-03-01"), "unknown", LIFE) is None


def test_the_years_are_figures() -> None:
    longer = LIFE.model_copy(update={"goods": 20})
    assert life_ends_on(day("2015-03-01"), "goods", longer) == day("2035-03-01")
