"""Which samples are judged: new ones, in any order, of vehicles that somebody's rules look at."""

from alerts.detectors.binding import bind
from alerts.detectors.frames import EVENTS, READINGS

from .watching import HERE, ORGANISATION, Watch, readings, rule, vehicles

HOT = {"temp_max_c": 61.0}
COOL = {"temp_max_c": 20.0}


def watching(**lasting: float) -> Watch:
    return Watch.of(rule("high_temperature", **({"for_s": 0, "keep_s": 0} | lasting)))


def test_a_late_sample_is_history() -> None:
    watch = watching()
    watch.judge({"at": 100, **COOL})
    assert watch.judge({"at": 99, **HOT}, {"at": 100, **HOT}).late == 2
    assert watch.said == []
    assert watch.judge({"at": 100, "seq": 1, **HOT}).late == 0
    assert watch.in_short() == [("raise", 100, 100)]


def test_a_late_sample_ends_nothing() -> None:
    watch = watching()
    watch.judge({"at": 100, **HOT})
    assert watch.judge({"at": 50, **COOL}).late == 1
    assert watch.state == "open"


def test_samples_of_one_batch_in_any_order() -> None:
    watch = watching(for_s=20)
    hot = [{"at": at, **HOT} for at in (30, 10, 20, 40)]
    watch.judge({"at": 50, **COOL}, *hot, {"at": 60, **HOT})
    assert watch.in_short() == [("raise", 30, 10), ("clear", 50, 10)]


def test_a_sample_that_came_twice_counts_once() -> None:
    watch = Watch.of(rule("odometer_rollback", keep_s=0))
    watch.judge({"at": 0, "odometer_km": 500.0})
    back = {"at": 10, "odometer_km": 100.0}
    assert watch.judge(back, back).late == 1
    assert [event["what"] for event in watch.said] == ["raise", "clear"]


def test_two_alerts_in_one_batch() -> None:
    watch = watching(keep_s=30)
    watch.judge(*({"at": at, **(HOT if at % 100 == 0 else COOL)} for at in range(0, 200, 10)))
    assert watch.in_short() == [
        ("raise", 0, 0),
        ("clear", 40, 0),
        ("raise", 100, 100),
        ("clear", 140, 100),
    ]


def test_a_restart_in_the_middle_neither_misses_nor_repeats() -> None:
    """Who begins again from the memory before a batch says of the batch what was said."""
    watch = watching(for_s=20)
    watch.judge({"at": 0, **HOT})
    before = watch.memory
    first = watch.judge({"at": 20, **HOT}).events
    watch.memory = before
    watch.restart()
    again = watch.judge({"at": 20, **HOT}).events
    assert again.equals(first)
    assert first["what"].to_list() == ["raise"]


def test_nothing_came() -> None:
    watch = watching()
    judged = watch.judge()
    assert judged.events.schema == EVENTS
    assert (judged.events.height, judged.late, judged.faults) == (0, 0, ())
    assert readings().schema == READINGS


def test_nobody_has_a_rule() -> None:
    watch = Watch.of()
    watch.judge({"at": 0, **HOT})
    assert watch.said == []
    assert watch.memory.carried.height == 1


def test_a_vehicle_that_nobody_knows_is_not_judged() -> None:
    watch = watching()
    watch.judge({"at": 0, "vehicle_id": 99, **HOT})
    assert watch.said == []
    assert watch.memory.carried.height == 0


def test_the_vehicle_before_it_is_not_the_sample_before_it() -> None:
    """Vehicles stand side by side in a batch; none is compared with its neighbour."""
    rules = [rule("odometer_rollback"), rule("moved_without_lease", for_s=0)]
    watch = Watch(bind(rules, vehicles({}, {"vehicle_id": 2})))
    away = {"lat": 23.0, "lon": 114.0}
    watch.judge(
        *({"at": at, "odometer_km": 500.0 + at, **HERE} for at in (0, 300, 600)),
        *({"at": at, "odometer_km": 3.0, "vehicle_id": 2, **away} for at in (700, 1_000)),
    )
    assert watch.said == []


def test_what_another_operator_did_is_not_ours() -> None:
    """Samples of before a transfer, and places of before it, are never told to the new operator."""
    moved = [
        rule("moved_without_lease", for_s=0, organisation_id=organisation)
        for organisation in (ORGANISATION, 8)
    ]
    watch = Watch(bind(moved, vehicles()))
    watch.judge({"at": 0, **HERE}, {"at": 300, **HERE})
    assert watch.memory.places.height == 2
    watch.binding = bind(moved, vehicles({"organisation_id": 8}))
    watch.judge({"at": 600, "speed_kmh": 50, **HERE})  # still of the old one
    away = {"lat": 23.0, "lon": 114.0, "organisation_id": 8}
    watch.judge({"at": 700, **away}, {"at": 1_000, **away})
    assert watch.said == []
    assert watch.memory.carried["organisation_id"].to_list() == [8]
    assert watch.memory.places["at_lat"].to_list() == [23.0, 23.0]


def test_the_odometer_of_another_operator_is_not_compared_with() -> None:
    back = [rule("odometer_rollback", organisation_id=n) for n in (ORGANISATION, 8)]
    watch = Watch(bind(back, vehicles()))
    watch.judge({"at": 0, "odometer_km": 500.0})
    watch.binding = bind(back, vehicles({"organisation_id": 8}))
    watch.judge({"at": 10, "odometer_km": 100.0, "organisation_id": 8})
    assert watch.said == []
