"""Which licence drives which vehicle, 机动车驾驶证申领和使用规定 annex 1."""

from datetime import date

import pytest

from fleet.hand_overs.driving import Shown, classes_for, what_wants

TODAY = date(2026, 11, 22)
EVERY = ["A1", "A2", "A3", "B1", "B2", "C1", "C2", "C3", "C4", "C5", "C6"]


@pytest.mark.parametrize(
    ("vehicle_type", "drive"),
    [
        ("微型厢式货车", "A1 A2 A3 B1 B2 C1 C2"),
        ("轻型封闭货车", "A1 A2 A3 B1 B2 C1 C2"),
        ("微型面包货车", "A1 A2 A3 B1 B2 C1 C2"),
        ("小型普通客车", "A1 A2 A3 B1 B2 C1 C2"),
        ("微型面包车", "A1 A2 A3 B1 B2 C1 C2"),
        ("小型轿车", "A1 A2 A3 B1 B2 C1 C2"),
        ("中型厢式货车", "A1 A2 B2"),
        ("重型厢式货车", "A1 A2 B2"),
        ("重型 半挂牵引车", "A2"),
        ("重型厢式半挂车", "A2"),
        ("轻型厢式半挂车", "A2 C6"),
        ("中型普通客车", "A1 A2 B1"),
        ("大型普通客车", "A1"),
        ("低速货车", "A1 A2 A3 B1 B2 C1 C3"),
    ],
)
def test_a_type_is_driven_with_these_classes(vehicle_type: str, drive: str) -> None:
    needed = classes_for(vehicle_type)
    assert needed is not None
    assert [each for each in EVERY if each in needed] == drive.split()
    for each in EVERY:
        wants = what_wants(Shown([each], TODAY), vehicle_type, on=TODAY)
        assert [want.forbids for want in wants] == ([] if each in needed else [True])


@pytest.mark.parametrize("vehicle_type", ["轮式装载机械", "厢式货车", "三轮汽车", None])
def test_of_an_unknown_type_nobody_can_tell(vehicle_type: str | None) -> None:
    [want] = what_wants(Shown(["C4"], TODAY), vehicle_type, on=TODAY)
    assert want.forbids is False
    assert (vehicle_type or "未登记行驶证") in want.message_zh


def test_one_of_several_classes_is_enough() -> None:
    assert what_wants(Shown(["D", "b2"], TODAY), "重型厢式货车", on=TODAY) == []


def test_a_licence_holds_on_its_last_day_and_not_the_day_after() -> None:
    shown = Shown(["C1"], date(2026, 11, 21))
    assert what_wants(shown, "微型厢式货车", on=date(2026, 11, 21)) == []
    [want] = what_wants(shown, "微型厢式货车", on=TODAY)
    assert (want.forbids, want.since_on) == (True, TODAY)
    assert want.message_zh == "驾驶证有效期至2026年11月21日，已过期。"


def test_expired_and_of_another_class_are_two_reasons() -> None:
    wants = what_wants(Shown(["C1"], date(2026, 1, 1)), "重型厢式货车", on=TODAY)
    assert [(want.forbids, want.since_on) for want in wants] == [
        (True, date(2026, 1, 2)),
        (True, None),
    ]


def test_without_a_driver_nobody_has_shown_a_licence() -> None:
    [want] = what_wants(None, "微型厢式货车", on=TODAY)
    assert (want.forbids, want.message_zh) == (True, "未登记驾驶人，未核验驾驶证。")
