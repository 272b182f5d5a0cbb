"""The book of the assets' bench, what falls due from it, and the judge of the API's answers."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from bench.assets_book import Booked, make_book, work_of
from bench.assets_oracle import (
    Due,
    due_of,
    due_within,
    judge_counts,
    judge_list,
    judge_page,
    judge_vins,
    may_be_let,
)
from bench.assets_questions import next_month
from bench.assets_sheet import HEADERS, make_rows, plan_sheet

TODAY = date(2026, 11, 22)
BOOK = make_book(300, 1, TODAY)
MONTH = next_month(TODAY)
DUE = due_within(BOOK, TODAY, *MONTH)


def told_of(due: Counter[Due]) -> list[dict[str, Any]]:
    """As the API would tell it."""
    return [
        {**each._asdict(), "due_on": each.due_on.isoformat()}
        for each in sorted(due.elements(), key=lambda each: (each.due_on, each))
    ]


def counts_of(due: Counter[Due]) -> dict[str, Any]:
    by_kind = Counter(each.kind for each in due.elements())
    kinds = ("inspection", "compulsory", "permit", *by_kind)
    return {
        "total": due.total(),
        "by_kind": {kind: {"due": by_kind[kind], "ahead": 0} for kind in kinds},
    }


def one_at(stage: str) -> Booked:
    return next(one for one in BOOK if one.papers.stage == stage)


def test_the_same_seed_and_day_give_the_same_book() -> None:
    assert make_book(300, 1, TODAY) == BOOK
    assert make_book(10, 1, TODAY) == BOOK[:10]
    assert Counter(one.papers.stage for one in BOOK) == {
        "let": 195,
        "in_stock": 60,
        "in_service": 30,
        "for_sale": 15,
    }


def test_work_is_in_hand_where_a_vehicle_is_in_service() -> None:
    rows = list(work_of(BOOK, TODAY))
    assert sum(row["state"] == "in_progress" for row in rows) == 30
    assert sum(row["state"] == "closed" for row in rows) == 25
    assert len({row["reference"] for row in rows}) == 55
    assert all(row["opened_on"] <= row.get("finished_on", TODAY) <= TODAY for row in rows)


def test_next_month_follows_the_end_of_the_year() -> None:
    assert next_month(date(2026, 12, 31)) == (date(2027, 1, 1), date(2027, 2, 1))


def test_an_idle_vehicle_is_looked_at_a_month_after_it_came_to_stand() -> None:
    one = one_at("in_stock")
    [care] = [due for due in due_of(one, TODAY) if due.kind == "idle_care"]
    assert care.due_on == TODAY + timedelta(days=30 - one.staged_days_ago)
    assert all(due.kind != "idle_care" for due in due_of(one_at("let"), TODAY))


def test_cover_ends_where_the_last_policy_that_adjoins_ends() -> None:
    one = next(one for one in BOOK if one.place % 29 == 4 and len(one.papers.policies) > 3)
    ends = max(each.until_on for each in one.papers.policies if each.kind == "compulsory")
    [due] = [due for due in due_of(one, TODAY) if due.kind == "compulsory"]
    assert due.due_on == ends - timedelta(days=1)


def test_what_lapsed_or_is_let_already_may_not_be_let() -> None:
    may = [one for one in BOOK if may_be_let(one, TODAY)]
    assert 0 < len(may) < 60
    assert {one.papers.stage for one in may} == {"in_stock"}
    assert all(one.papers.inspections[-1][1] >= TODAY for one in may)


def test_a_right_answer_passes_in_silence() -> None:
    assert DUE.total() > 100
    assert list(judge_list(told_of(DUE), DUE)) == []
    assert list(judge_counts(counts_of(DUE), DUE)) == []
    assert list(judge_vins(["B", "A"], ["A", "B"])) == []


def drop_one(told: list[dict[str, Any]]) -> None:
    del told[3]


def repeat_one(told: list[dict[str, Any]]) -> None:
    told.insert(3, told[3])


def shift_one(told: list[dict[str, Any]]) -> None:
    told[-1]["due_on"] = (MONTH[1] - timedelta(days=1)).isoformat()
    told[0]["due_on"] = MONTH[0].isoformat()
    told[0]["kind"] = "battery_test"


def turn_round(told: list[dict[str, Any]]) -> None:
    told.reverse()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (drop_one, "1 missing, such as "),
        (repeat_one, "1 too many, such as "),
        (shift_one, "1 too many, such as battery_test of "),
        (turn_round, "not in the order of days"),
    ],
)
def test_a_wrong_list_is_told(spoil: Callable[[list[dict[str, Any]]], None], sentence: str) -> None:
    told = told_of(DUE)
    spoil(told)
    assert sentence in " | ".join(judge_list(told, DUE))


def test_a_wrong_count_is_told() -> None:
    body = counts_of(DUE)
    wanted = body["by_kind"]["inspection"]["due"]
    body["by_kind"]["inspection"]["due"] += 1
    body["total"] += 1
    assert list(judge_counts(body, DUE)) == [
        f"inspection: {wanted + 1}, not {wanted}",
        f"{DUE.total() + 1} in all, not {DUE.total()}",
    ]


def test_a_foreign_and_a_missing_vehicle_are_told() -> None:
    assert list(judge_vins(["A", "C", "C"], ["A", "B"])) == [
        "1 missing, such as B",
        "2 too many, such as C",
    ]


def page_of(one: Booked) -> dict[str, Any]:
    return {
        "card": {"vin": one.vin},
        "stage": {"stage": one.papers.stage},
        "due": [
            *told_of(Counter(due_of(one, TODAY))),
            {"kind": "service_life", "due_on": "2040-01-01"},
            {"kind": "commercial", "due_on": None},
        ],
        "blocks": [] if may_be_let(one, TODAY) else [{"kind": "compulsory"}],
    }


def test_a_right_page_passes_and_a_wrong_one_is_told() -> None:
    one = one_at("in_stock")
    assert list(judge_page(page_of(one), one, TODAY)) == []
    wrong = page_of(one)
    wrong["card"]["vin"] = "X"
    wrong["stage"]["stage"] = "let"
    wrong["blocks"] = [] if wrong["blocks"] else [{"kind": "work"}]
    told = list(judge_page(wrong, one, TODAY))
    assert told[:2] == ["it is of X", "at stage let, not in_stock"]
    assert told[2].endswith(" blocks")


def test_a_sheet_has_the_rows_that_were_planned() -> None:
    plan = plan_sheet(1_000)
    assert (plan.new, plan.changed, plan.bad, plan.rows) == (980, 18, 2, 1_000)
    rows = list(make_rows(BOOK, plan, seed=1, today=TODAY))
    assert len(HEADERS) == 25
    assert {len(row) for row in rows} == {len(HEADERS) - 1}
    known = {one.vin for one in BOOK}
    assert sum(row[0] in known for row in rows) == plan.changed
    spoilt = [row for row in rows if len(row[0]) != 17 or row[5] == "没有这个公司"]
    assert len(spoilt) == plan.bad
    assert len({row[0] for row in rows}) == plan.rows
