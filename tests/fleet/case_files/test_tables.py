"""The texts of a case file: what a cell and a line of the timeline say."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from fleet.case_files import timeline
from fleet.case_files.costs import (
    CHARGE_COLUMNS,
    VIOLATION_COLUMNS,
    charge_rows,
    violation_rows,
)
from fleet.case_files.names import LONGEST_NAME, is_safe, safe_part
from fleet.case_files.tables import csv_pieces, json_text

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def test_a_csv_opens_in_a_program_and_runs_nothing_there() -> None:
    rows: list[list[Any]] = [["=1+1", 'say "a", b', None], [True, Decimal("1.50"), -3]]
    text = b"".join(csv_pieces(["a", "b", "c"], rows)).decode()
    assert text == '\ufeffa,b,c\r\n\'=1+1,"say ""a"", b",\r\ntrue,1.50,-3\r\n'


def test_an_empty_table_has_its_header() -> None:
    assert b"".join(csv_pieces(["a"], [])).decode() == "\ufeffa\r\n"


def test_a_long_table_comes_in_pieces() -> None:
    pieces = list(csv_pieces(["a"], [["x" * 998]] * 200))
    assert [len(piece) for piece in pieces] == [66_006, 66_000, 66_000, 2_000]


def test_json_holds_instants_in_utc_and_no_float_for_decimals() -> None:
    told = {"at": AT, "on": date(2026, 3, 1), "km": Decimal("1.50"), "key": UUID(int=1), "b": b"\1"}
    assert json_text(told).decode() == (
        '{\n "at": "2026-03-01T02:30:00Z",\n "on": "2026-03-01",\n "km": "1.50",\n'
        ' "key": "00000000-0000-0000-0000-000000000001",\n "b": "01"\n}\n'
    )


EVENTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("signed", {}, "签订租约", "The lease was signed"),
    (
        "handed_out",
        {"line_no": 2, "vehicle_id": 7},
        "交车：租赁项 2，VIN7",
        "Vehicle handed out: line 2, VIN7",
    ),
    (
        "handed_out",
        {"line_no": 2, "vehicle_id": 9},
        "交车：租赁项 2，–",
        "Vehicle handed out: line 2, –",
    ),
    (
        "extended",
        {"ends_on": None, "reason": None},
        "延期至 不定期 open-ended；–",
        "Extended until 不定期 open-ended; –",
    ),
    (
        "suspended",
        {"from_on": "2026-03-01", "line_no": None, "credited": True, "reason": "维修"},
        "暂停，自 2026-03-01 起，整份租约，期间免租；维修",
        "Suspended from 2026-03-01 on, the whole lease, free of rent; 维修",
    ),
    (
        "terminated",
        {"by": "lessee", "clause": "第12条", "reason": "{reason} 退租"},
        "提前终止，由承租人提出，依据 第12条；{reason} 退租",
        "Terminated by lessee, on 第12条; {reason} 退租",
    ),
    ("of_a_later_version", {"x": 1}, "of_a_later_version", "of_a_later_version"),
]


@pytest.mark.parametrize(("kind", "content", "zh", "en"), EVENTS)
def test_an_event_is_told_in_both_languages(
    kind: str, content: dict[str, Any], zh: str, en: str
) -> None:
    event = {"kind": kind, "content": content, "no": 3, "recorded_by": "lin"}
    [told] = timeline.of_events([event | {"happened_at": AT, "recorded_at": AT}], {7: "VIN7"})
    assert (told.zh, told.en, told.evidence) == (zh, en, "events.jsonl, no 3")


def test_a_violation_stands_where_it_happened_was_told_and_settled() -> None:
    row = dict.fromkeys(("told_at", "handled_at"), None) | {
        "violation_no": "44", "vin": "VIN7", "occurred_at": AT, "description": "超速",
        "fine_fen": 20_000, "state": "open", "recorded_by": "lin", "recorded_at": AT,
    }  # fmt: skip
    assert [one.zh for one in timeline.of_violations([row])] == [
        "违章 44：VIN7，超速，罚款 200.00 元"
    ]
    told = timeline.of_violations([row | {"told_at": AT, "handled_at": AT, "state": "handled"}])
    assert [one.en for one in told[1:]] == ["Violation 44: lessee told", "Violation 44: handled"]


def test_lines_stand_in_the_order_of_time_in_the_lessors_zone() -> None:
    later = timeline.Happening(AT.replace(hour=18), "后", "then", "lin", AT, "b")
    first = timeline.Happening(AT, "先", "first", "lin", AT, "a")
    assert timeline.rows_of([later, first], "Asia/Shanghai") == [
        ("2026-03-01", "10:30:00", "2026-03-01T02:30:00Z", "先", "first", "lin",
         "2026-03-01T02:30:00Z", "a"),
        ("2026-03-02", "02:30:00", "2026-03-01T18:30:00Z", "后", "then", "lin",
         "2026-03-01T02:30:00Z", "b"),
    ]  # fmt: skip


def test_money_is_told_in_yuan_and_instants_in_both_times() -> None:
    charge = dict.fromkeys((*CHARGE_COLUMNS, "decided_at", "proposed_at"), None)
    charge |= {"amount_fen": 135_484, "accepted_fen": None, "basis": {"km": 3}}
    [row] = charge_rows([charge])
    told = dict(zip(CHARGE_COLUMNS, row, strict=True))
    assert (told["amount_yuan"], told["accepted_yuan"], told["basis_json"]) == (
        Decimal("1354.84"),
        None,
        '{"km": 3}',
    )
    violation = dict.fromkeys(
        (*VIOLATION_COLUMNS, "told_at", "handled_at", "recorded_at", "paid_fen"), None
    )
    [row] = violation_rows([violation | {"occurred_at": AT, "fine_fen": 0}], "Asia/Shanghai")
    told = dict(zip(VIOLATION_COLUMNS, row, strict=True))
    assert (told["occurred_at_utc"], told["occurred_at_local"], told["fine_yuan"]) == (
        "2026-03-01T02:30:00Z",
        "2026-03-01 10:30:00",
        Decimal("0.00"),
    )


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "CON", "a" * 300 + ".jpg", "", "…", "x\n.jpg", "a:b|c?.png", ".", "  "],
)
def test_whatever_a_file_is_called_its_part_is_safe(name: str) -> None:
    part = safe_part(name)
    assert is_safe(part)
    assert len(part) <= LONGEST_NAME + 1
    assert "/" not in part


def test_a_long_name_keeps_its_end() -> None:
    assert safe_part("a" * 300 + ".jpg") == "a" * 96 + ".jpg"
