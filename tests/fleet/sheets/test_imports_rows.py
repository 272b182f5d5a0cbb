"""What a row means, and what it would do: pure, a case a line."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.bulk.names import codes_by_text
from fleet.bulk.shapes import licence_incomplete, not_ahead, not_over, policy_told, sums_of
from fleet.sheets.cells import parse_text
from fleet.sheets.deciding import alike, conclude, plain, propose, tell_repeated
from fleet.sheets.errors import CellProblem
from fleet.sheets.headers import fields_by_word
from fleet.sheets.importing import ImportKind, words_of
from fleet.sheets.imports import RowFound
from fleet.sheets.kinds import IMPORT_KINDS, import_kind
from fleet.sheets.kinds_papers import INSPECTIONS, POLICIES, parse_passed
from fleet.sheets.kinds_service import WORK_ORDERS
from fleet.sheets.kinds_vehicles import VEHICLES
from fleet.sheets.model import ParsedRow, Problem
from fleet.sheets.naming import Canonical, Names, SeenVehicle, begin, understand
from schemas.access import PERMISSIONS

VIN = "LSGPC52U6AF102554"
SEEN = SeenVehicle(VIN, "粤BD12345", held=True)
ALL = PERMISSIONS.__contains__
NOBODY: dict[str, Any] | None = None


def row(row_no: int = 2, **told: Any) -> RowFound:
    return RowFound(row_no, told)


def decided(
    kind: ImportKind, told: dict[str, Any], known: dict[str, Any] | None, may: Any = ALL
) -> RowFound:
    found = RowFound(2, told)
    propose(kind, found, known, sender_code="alpha")
    conclude(kind, found, known, may)
    return found


def codes(found: RowFound) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.code) for problem in found.problems]


POLICY: dict[str, Any] = {
    "policy_no": "P1",
    "vin": VIN,
    "kind": "compulsory",
    "insurer": "人保",
    "covered_from_at": datetime(2026, 6, 30, 16, tzinfo=UTC),
    "covered_until_at": datetime(2027, 6, 30, 16, tzinfo=UTC),
}


def test_a_new_row_tells_all_it_adds() -> None:
    found = decided(POLICIES, POLICY | {"premium_fen": 95_000}, NOBODY)
    assert (found.outcome, codes(found)) == ("new", [])
    assert found.changes is not None
    assert found.changes["premium_fen"] == [None, 95_000]
    assert found.changes["covered_from_at"] == [None, "2026-06-30T16:00:00+00:00"]


def test_a_known_row_tells_what_it_changes_and_nothing_else() -> None:
    found = decided(POLICIES, POLICY | {"insurer": "平安"}, {**POLICY, "premium_fen": 95_000})
    assert (found.outcome, found.changes) == ("changed", {"insurer": ["人保", "平安"]})
    assert found.said(POLICIES.key_fields) == {"policy_no": "P1", "insurer": "平安"}
    assert found.whole is not None
    assert found.whole["premium_fen"] == 95_000


def test_an_empty_cell_leaves_what_is_there() -> None:
    parsed = ParsedRow(2, {"vin": VIN, "plate": None, "tags": ("冷链",)})
    found = begin(VEHICLES, parsed, frozenset())
    assert found.told == {"vin": VIN, "tags": ("冷链",)}
    known = {"vin": VIN, "plate": "粤BD12345", "tags": ["冷链"], "owner": "alpha"}
    propose(VEHICLES, found, known, sender_code="alpha")
    conclude(VEHICLES, found, known, ALL)
    assert (found.outcome, found.changes) == ("same", None)


def test_a_column_that_is_left_out_tells_neither_value_nor_problem() -> None:
    problems = [Problem("price_fen", "not_money", "no", "否"), Problem("plate", "x", "no", "否")]
    found = begin(VEHICLES, ParsedRow(2, {"vin": VIN, "residual_pct": 5}, problems), LEFT_OUT)
    assert (found.told, codes(found)) == ({"vin": VIN}, [("plate", "x")])


LEFT_OUT = VEHICLES.barred({"paper.record", "odometer.record", "purchase.read"}.__contains__)


def test_what_one_may_not_write_is_left_out() -> None:
    bought = ("purchased_on", "price_fen", "depreciation_method", "useful_life_months")
    assert sorted(LEFT_OUT) == sorted((*bought, "residual_pct"))
    assert VEHICLES.barred(ALL) == frozenset()


def test_a_new_vehicle_is_of_whoever_sends_it() -> None:
    found = decided(VEHICLES, {"vin": VIN}, NOBODY)
    assert found.changes == {"vin": [None, VIN], "owner": [None, "alpha"]}


@pytest.mark.parametrize(
    ("kind", "told", "known", "expected"),
    [
        pytest.param(
            POLICIES, {"policy_no": "P1", "vin": VIN, "kind": "compulsory"}, None,
            [("insurer", "required"), ("covered_from_at", "required"),
             ("covered_until_at", "required")],
            id="a new policy lacks what it needs",
        ),
        pytest.param(
            POLICIES, POLICY | {"covered_until_at": POLICY["covered_from_at"]}, None,
            [("covered_until_at", "ends_before_it_begins")], id="cover of no length",
        ),
        pytest.param(
            POLICIES, {"policy_no": "P1", "vin": "LZK01RMP000000001"}, POLICY,
            [("vin", "policy_of_another_vehicle")], id="a policy does not change vehicles",
        ),
        pytest.param(
            VEHICLES, {"vin": VIN, "operator": "south"}, {"vin": VIN, "operator": "north"},
            [("operator", "not_changed_by_sheet")], id="no hand-over by sheet",
        ),
        pytest.param(
            VEHICLES, {"vin": VIN, "stage": "let"}, {"vin": VIN, "stage": "in_stock"},
            [("stage", "not_changed_by_sheet")], id="no stage by sheet",
        ),
        pytest.param(
            VEHICLES, {"vin": VIN, "operator": "south"}, {"vin": VIN, "operator": None}, [],
            id="an operator where there is none",
        ),
        pytest.param(
            VEHICLES,
            {"vin": VIN, "registered_on": date(2023, 5, 10), "issued_on": date(2023, 5, 9)}, None,
            [("issued_on", "issued_before_registered")], id="issued before registered",
        ),
        pytest.param(
            INSPECTIONS, {"vin": VIN, "inspected_on": date(2026, 5, 12), "form": "line",
                          "passed": True}, None,
            [("valid_to", "valid_to_when_passed")], id="passed without a month",
        ),
        pytest.param(
            INSPECTIONS, {"vin": VIN, "inspected_on": date(2026, 5, 12), "form": "line",
                          "passed": False, "valid_to": date(2027, 5, 1)}, None,
            [("valid_to", "valid_to_when_passed")], id="failed with a month",
        ),
        pytest.param(
            WORK_ORDERS, {"reference": "W", "vin": VIN, "kind": "repair", "state": "done",
                          "title": "刹车", "opened_on": date(2026, 5, 1)}, None,
            [("finished_on", "finished_when_done")], id="done, nobody knows when",
        ),
        pytest.param(
            WORK_ORDERS, {"reference": "W", "vin": VIN, "kind": "repair", "state": "closed",
                          "title": "刹车", "opened_on": date(2026, 5, 2),
                          "finished_on": date(2026, 5, 1)}, None,
            [("finished_on", "ends_before_it_begins")], id="finished before it was opened",
        ),
        pytest.param(
            WORK_ORDERS, {"reference": "W", "vin": VIN, "kind": "repair", "state": "open",
                          "title": "刹车", "opened_on": date(2026, 5, 2),
                          "down_until_at": datetime(2026, 5, 3, tzinfo=UTC)}, None,
            [("down_from_at", "down_time_incomplete")], id="down-time without beginning",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_bad(
    kind: ImportKind,
    told: dict[str, Any],
    known: dict[str, Any] | None,
    expected: list[tuple[str, str]],
) -> None:
    found = decided(kind, told, known)
    assert codes(found) == expected
    assert (found.outcome == "bad") == bool(expected)


def test_an_inspection_with_a_month_was_passed() -> None:
    told = {"vin": VIN, "inspected_on": date(2026, 5, 12), "form": "line"}
    passed = decided(INSPECTIONS, told | {"valid_to": date(2027, 5, 1)}, NOBODY)
    assert passed.whole is not None
    assert passed.whole["passed"] is True
    failed = decided(INSPECTIONS, told, NOBODY)
    assert failed.whole is not None
    assert failed.whole["passed"] is False


@pytest.mark.parametrize(
    ("known", "missing", "expected"),
    [
        (None, "vehicle.create", "bad"),
        (None, "vehicle.change", "new"),
        ({"vin": VIN, "tags": []}, "vehicle.change", "bad"),
        ({"vin": VIN, "tags": []}, "vehicle.create", "changed"),
        ({"vin": VIN, "tags": ["a"]}, "vehicle.change", "same"),
    ],
)
def test_one_may_what_one_may(known: dict[str, Any] | None, missing: str, expected: str) -> None:
    may = (PERMISSIONS.keys() - {missing}).__contains__
    assert decided(VEHICLES, {"vin": VIN, "tags": ("a",)}, known, may).outcome == expected


# What texts stand for


def understood(kind: ImportKind, names: Names, **told: Any) -> RowFound:
    found = begin(kind, ParsedRow(2, told), frozenset())
    understand(kind, found, names)
    return found


@pytest.mark.parametrize(
    ("seen", "told", "vin", "expected"),
    [
        (SEEN, {"vin": VIN}, VIN, []),
        (SEEN, {"plate": "粤BD12345"}, VIN, []),
        (SEEN, {"vin": VIN, "plate": "粤BD12345"}, VIN, []),
        (SEEN, {"vin": VIN, "plate": "粤BD54321"}, VIN, [("plate", "plate_of_another_vehicle")]),
        (SEEN, {}, None, [("vin", "vehicle_missing")]),
        (None, {"vin": VIN}, VIN, [("vin", "vehicle_not_in_sight")]),
        (None, {"plate": "粤BD12345"}, None, [("plate", "vehicle_not_in_sight")]),
        (SEEN._replace(held=False), {"vin": VIN}, VIN, [("vin", "vehicle_not_yours")]),
    ],
)
def test_a_vehicle_is_named_by_vin_or_plate(
    seen: SeenVehicle | None,
    told: dict[str, str],
    vin: str | None,
    expected: list[tuple[str, str]],
) -> None:
    names = Names(
        vins={VIN: Canonical(VIN)},
        plates={text: Canonical(text) for text in ("粤BD12345", "粤BD54321")},
        vehicles={} if seen is None else {VIN: seen, "粤BD12345": seen},
    )
    found = understood(POLICIES, names, policy_no="P1", **told)
    assert (found.told.get("vin"), codes(found)) == (vin, expected)
    assert "plate" not in found.told


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"model": "瑞驰 EC35"}, {"model_code": "ec35"}),
        ({"model": "自编型号"}, {"model": "自编型号"}),
        ({"model": "别的", "model_code": "瑞驰 EC35"}, {"model_code": "ec35"}),
    ],
)
def test_a_model_is_named_by_code_or_exact_name(
    told: dict[str, str], expected: dict[str, str]
) -> None:
    names = Names(vins={VIN: Canonical(VIN)}, models={"瑞驰 EC35": "ec35", "自编型号": None})
    found = understood(VEHICLES, names, vin=VIN, **told)
    assert found.told == {"vin": VIN, **expected}


def test_what_is_called_by_no_name_is_told() -> None:
    names = Names(
        vins={"X": Canonical(None, Problem("vin", "vin_malformed", "no", "否"))},
        organisations={"深圳": None},
        models={"ec99": None},
    )
    found = understood(VEHICLES, names, vin="X", operator="深圳", model_code="ec99")
    assert codes(found) == [
        ("vin", "vin_malformed"),
        ("operator", "organisation_unknown"),
        ("model_code", "model_unknown"),
    ]
    assert found.key is None


def test_a_doubtful_check_digit_is_a_warning() -> None:
    warning = Problem("vin", "vin_check_digit_wrong", "slip?", "录入?")
    found = understood(VEHICLES, Names(vins={VIN: Canonical(VIN, warning=warning)}), vin=VIN)
    assert (found.problems, found.warnings, found.key) == ([], [warning], VIN)


def test_a_code_goes_before_a_name() -> None:
    found = [("north", "south"), ("south", "南")]
    assert codes_by_text(["south", "南", "东"], found) == {
        "south": "south",
        "南": "south",
        "东": None,
    }


# Rows together


def test_rows_that_mean_the_same_are_all_bad() -> None:
    rows = [row(no, vin=vin, plate=plate) for no, vin, plate in (
        (2, "A", "P1"), (3, "B", "P2"), (4, "A", None), (5, "C", "P2"), (6, "D", None),
    )]  # fmt: skip
    for each in rows:
        each.key = each.key_text = each.told["vin"]
    tell_repeated(VEHICLES, rows)
    assert [codes(each) for each in rows] == [
        [("vin", "row_repeated")],
        [("plate", "row_repeated")],
        [("vin", "row_repeated")],
        [("plate", "row_repeated")],
        [],
    ]
    assert rows[0].problems[0].zh == "A 与第 4 行重复"


def test_of_very_many_rows_that_are_the_same_a_few_are_named() -> None:
    rows = [row(no, vin="A") for no in range(2, 20_002)]
    for each in rows:
        each.key = each.key_text = "A"
    tell_repeated(VEHICLES, rows)
    assert rows[-1].problems[0].en == "A stands in row 2, 3, 4, 5, 6, too"


# Kinds


@pytest.mark.parametrize("kind", IMPORT_KINDS.values(), ids=list(IMPORT_KINDS))
def test_a_kind_is_whole(kind: ImportKind) -> None:
    fields = {column.field for column in kind.kind.columns}
    assert set(fields_by_word(kind.kind.columns).values()) == fields
    named = {*kind.key_fields, *kind.needed_when_new, *kind.kept, *kind.restricted, *kind.distinct}
    assert named | {*kind.organisations, *kind.models, *kind.of_sender} <= fields
    verbs = {verb for needed in kind.restricted.values() for verb in needed}
    assert verbs | {kind.may_add, kind.may_change} <= PERMISSIONS.keys()
    assert import_kind(kind.name) is kind


@pytest.mark.parametrize("kind", IMPORT_KINDS.values(), ids=list(IMPORT_KINDS))
def test_every_choice_has_a_word_that_is_read(kind: ImportKind) -> None:
    for column in kind.kind.columns:
        if column.holds == "choice":
            words = words_of(column)
            assert len(words) == len(column.choices) > 0
            assert [column.parse(value) for value in words] == list(words)


@pytest.mark.parametrize(
    ("cell", "passed"),
    [("合格", True), ("不合格", False), (True, True), (False, False), ("待检", None)],
)
def test_a_result_is_passed_or_failed(cell: Any, passed: bool | None) -> None:
    if passed is None:
        with pytest.raises(CellProblem):
            parse_passed(cell)
    else:
        assert parse_passed(cell) is passed


# Values


@pytest.mark.parametrize(
    ("told", "known", "expected"),
    [
        (Decimal("38.70"), Decimal("38.7"), True),
        (35120, Decimal("35120.0"), True),
        (("a", "b"), ["b", "a"], True),
        ((), None, True),
        (None, "x", False),
        ("a", "A", False),
        (False, None, False),
        (0, None, False),
    ],
)
def test_values_mean_the_same_or_not(told: Any, known: Any, expected: bool) -> None:
    assert alike(told, known) is expected


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_a_decimal_is_told_without_exponent(number: Decimal) -> None:
    assert Decimal(plain(number)) == number
    assert "E" not in plain(number)


@given(st.text(max_size=40))
def test_a_text_is_told_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_covers_have_columns_of_their_own_and_others_stay() -> None:
    told = policy_told({"covers": {"third_party": 100, "glass": 5}, "insurer": "人保"})
    assert told["third_party_fen"] == 100
    assert told["damage_fen"] is None
    assert list(sums_of(told)) == [("third_party", 100), ("glass", 5)]


def test_what_lies_ahead_or_is_over_is_told() -> None:
    today = date(2026, 11, 22)
    assert not_ahead({"inspected_on": today}, "inspected_on", today) == []
    [ahead] = not_ahead({"inspected_on": date(2026, 11, 23)}, "inspected_on", today)
    assert (ahead.code, ahead.field) == ("day_ahead", "inspected_on")
    inspection = {"inspected_on": date(2026, 5, 31), "form": "line"}
    assert not_over(inspection | {"valid_to": date(2026, 5, 1)}) == []
    assert not_over(inspection | {"valid_to": date(2026, 4, 1), "form": "printed"}) == []
    [over] = not_over(inspection | {"valid_to": date(2026, 4, 1)})
    assert over.code == "inspection_ends_before_it"


def test_a_licence_has_its_first_three_fields() -> None:
    whole = {"vehicle_type": "货车", "use_nature": "货运", "registered_on": date(2023, 5, 10)}
    assert licence_incomplete(whole) == []
    [problem] = licence_incomplete(whole | {"use_nature": None})
    assert (problem.code, problem.field) == ("licence_incomplete", "use_nature")


def test_a_text_cell_stays_what_it_is() -> None:
    assert parse_text("wx-001") == "wx-001"
