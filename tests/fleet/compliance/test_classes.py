"""Which rules a vehicle is under, by the words its licence prints."""

import pytest

from fleet.compliance.classes import UNKNOWN, VehicleClass, body_of, classify, use_of


@pytest.mark.parametrize(
    ("vehicle_type", "use_nature", "inspection", "life"),
    [
        ("微型厢式货车", "货运", "goods", "micro_goods"),
        ("微型厢式货车", "非营运", "goods", "micro_goods"),
        ("轻型厢式货车", "租赁", "goods", "goods"),
        ("轻型仓栅式货车", "货运", "goods", "goods"),
        ("轻型封闭货车", "货运", "goods", "goods"),
        ("中型厢式货车", "货运", "goods", "goods"),
        ("重型普通货车", "货运", "goods", "goods"),
        ("轻型多用途货车", "非营运", "goods", "goods"),
        ("重型半挂牵引车", "货运", "goods", "goods"),
        ("纯电动厢式运输车", "货运", "goods", "goods"),
        ("微型面包货车", "货运", "goods", "micro_goods"),
        ("轻型厢式货车", "危化品运输", "goods", "hazmat_goods"),
        ("重型罐式危险品运输车", "货运", "goods", "hazmat_goods"),
        ("低速厢式货车", "货运", "goods", "unknown"),
        ("小型普通客车", "非营运", "passenger", "none"),
        ("小型轿车", "非营运", "passenger", "none"),
        ("微型轿车", "警用", "passenger", "none"),
        ("微型面包车", "非营运", "passenger_strict", "none"),
        ("小型面包车", "租赁", "commercial_passenger", "leased_passenger"),
        ("小型普通客车", "租赁", "commercial_passenger", "leased_passenger"),
        ("小型轿车", "出租客运", "commercial_passenger", "unknown"),
        ("小型轿车", "预约出租客运", "commercial_passenger", "unknown"),
        ("小型轿车", "营运", "commercial_passenger", "unknown"),
        ("小型轿车", "营转非", "passenger_strict", "unknown"),
        ("小型轿车", "预约出租转非", "passenger_strict", "unknown"),
        ("大型普通客车", "公路客运", "commercial_passenger", "unknown"),
        ("中型普通客车", "非营运", "goods", "none"),
        ("小型普通客车", "货运", "unknown", "unknown"),
        ("小型轿车", "教练", "unknown", "unknown"),
        ("轻型专用校车", "幼儿校车", "unknown", "unknown"),
        ("普通客车", "非营运", "unknown", "none"),
    ],
)
def test_what_is_printed_tells_the_class(
    vehicle_type: str, use_nature: str, inspection: str, life: str
) -> None:
    found = classify(vehicle_type, use_nature)
    assert (found.inspection, found.life) == (inspection, life)


@pytest.mark.parametrize(
    "vehicle_type",
    ["轻型专项作业车", "重型半挂车", "普通二轮摩托车", "EC35", "面包", "客货两用", ""],
)
def test_unknown_types_are_unknown_in_all(vehicle_type: str) -> None:
    assert classify(vehicle_type, "非营运") == UNKNOWN


def test_full_width_signs_and_blanks_change_nothing() -> None:
    assert classify(" 轻型 厢式货车　", "货 运") == classify("轻型厢式货车", "货运")


def test_use_nature_changes_nothing_of_goods() -> None:
    uses = ("货运", "租赁", "非营运", "营转非", "教练", "")
    assert {classify("轻型厢式货车", use).inspection for use in uses} == {"goods"}


@pytest.mark.parametrize(
    ("seats", "stricter", "expected"),
    [
        (None, False, "passenger"),
        (9, False, "passenger"),
        (10, False, "passenger_strict"),
        (5, True, "passenger_strict"),
    ],
    ids=["seats_not_printed", "nine_seats", "ten_seats", "after_an_injury_accident"],
)
def test_who_loses_the_easier_intervals(seats: int | None, stricter: bool, expected: str) -> None:
    found = classify("小型普通客车", "非营运", seats=seats, stricter=stricter)
    assert found.inspection == expected


def test_stricter_changes_nothing_of_commercial_vehicles() -> None:
    assert classify("小型轿车", "租赁", stricter=True).inspection == "commercial_passenger"


@pytest.mark.parametrize(
    ("vehicle_type", "use_nature", "expected"),
    [
        ("轻型厢式货车", "货运", False),
        ("轻型厢式货车", "危化品运输", True),
        ("大型普通客车", "旅游客运", True),
        ("小型普通客车", "租赁", False),
        ("小型专用校车", "小学生校车", True),
    ],
)
def test_coaches_and_hazmat_cost_more_points(
    vehicle_type: str, use_nature: str, expected: bool
) -> None:
    assert classify(vehicle_type, use_nature).coach_or_hazmat is expected


def test_a_box_van_that_looks_like_a_minivan_is_goods() -> None:
    assert classify("微型厢式货车", "非营运") == VehicleClass(
        "goods", "goods", "micro_goods", coach_or_hazmat=False
    )


def test_passenger_words_do_not_make_goods() -> None:
    assert [body_of(each) for each in ("小型专用客车", "小型旅居车", "轻型冷藏货车")] == [
        "passenger",
        "passenger",
        "goods",
    ]


@pytest.mark.parametrize(
    ("use_nature", "expected"),
    [
        ("非营运", "non_commercial"),
        ("营运", "commercial"),
        ("出租转非", "non_commercial"),
        ("公交客运", "commercial"),
        ("货运", "unknown"),
        ("", "unknown"),
    ],
)
def test_use_of_passengers(use_nature: str, expected: str) -> None:
    assert use_of(use_nature) == expected
