"""What the clock alone can tell: not heard of, not charged; and what ends in silence."""

from alerts.detectors.binding import bind
from alerts.rules.model import Scope

from .watching import ORGANISATION, Watch, rule, us, vehicles

H = 3_600
DAY = 24 * H


def test_not_heard_of_for_half_an_hour() -> None:
    watch = Watch.of(rule("offline", after_s=1_800, keep_s=60))
    watch.tick(1_799, {"heard": 0})
    watch.tick(1_900, {"heard": 0, "online": True})  # connected, with nothing to say
    assert watch.said == []
    watch.tick(2_000, {"heard": 0})
    watch.tick(2_010, {"heard": 0})
    assert watch.in_short() == [("raise", 2_000, 2_000)]
    assert watch.facts() == {
        "last_heard_us": 1_780_272_000_000_000,
        "silent_s": 2_000,
        "raise_at_s": 1_800.0,
    }
    watch.restart()
    watch.tick(2_100, {"heard": 2_099, "online": True})
    watch.tick(2_159, {"heard": 2_150, "online": True})
    assert len(watch.said) == 1
    watch.tick(2_165, {"heard": 2_160, "online": True})
    assert watch.in_short()[1:] == [("clear", 2_160, 2_000)]


def test_heard_of_for_a_moment_only_is_the_same_silence() -> None:
    watch = Watch.of(rule("offline", after_s=60, keep_s=600))
    watch.tick(100, {"heard": 0})
    watch.tick(130, {"heard": 120})
    watch.tick(200, {"heard": 120})
    watch.tick(900, {"heard": 120})
    assert watch.in_short() == [("raise", 100, 100)]


def test_never_heard_of_is_not_offline() -> None:
    watch = Watch.of(rule("offline"))
    watch.tick(DAY)
    assert watch.said == []


def test_the_same_silence_is_told_again_once_it_was_taken_back() -> None:
    """Its rule was off for a while: what was cleared then is another occurrence now."""
    watch = Watch.of(rule("offline", after_s=1_800))
    on = watch.binding
    watch.tick(2_000, {"heard": 0})
    watch.binding = bind([], vehicles())
    watch.tick(2_010, {"heard": 0})
    watch.binding = on
    watch.tick(2_020, {"heard": 0})
    assert watch.in_short() == [
        ("raise", 2_000, 2_000),
        ("clear", 2_010, 2_000),
        ("raise", 2_020, 2_020),
    ]
    assert [watch.facts(n).get("last_heard_us") for n in (0, 2)] == [us(0), us(0)]


def test_not_charged_for_a_week() -> None:
    watch = Watch.of(rule("no_charge", days=7))
    watch.judge({"at": 0, "charge_state": "not_charging"})
    watch.judge({"at": DAY, "charge_state": "parked_charging"})
    watch.judge({"at": DAY + 10, "charge_state": "not_charging"})
    watch.tick(8 * DAY - 1)
    assert watch.said == []
    watch.tick(8 * DAY)
    assert watch.in_short() == [("raise", 8 * DAY, 8 * DAY)]
    assert watch.said[0]["value"] == 7.0
    watch.judge({"at": 8 * DAY + 60, "charge_state": "full"})
    watch.tick(8 * DAY + 70)
    assert watch.in_short()[1:] == [("clear", 8 * DAY + 70, 8 * DAY)]


def test_the_first_sample_is_where_the_days_begin() -> None:
    watch = Watch.of(rule("no_charge", days=7))
    watch.judge({"at": 100, "charge_state": "driving_charging"})
    watch.judge({"at": DAY, "charge_state": "driving_charging"})  # the brakes are no charge
    watch.tick(7 * DAY + 99)
    assert watch.said == []
    watch.tick(7 * DAY + 100)
    assert watch.in_short() == [("raise", 7 * DAY + 100, 7 * DAY + 100)]


def test_a_fuller_battery_was_charged_while_nobody_looked() -> None:
    watch = Watch.of(rule("no_charge", days=7))
    watch.judge({"at": 0, "soc_pct": 30}, {"at": 10, "soc_pct": 34}, {"at": DAY, "soc_pct": 39})
    watch.tick(7 * DAY)
    assert watch.said == []


def test_of_a_vehicle_that_was_never_seen_nothing_is_known() -> None:
    watch = Watch.of(rule("no_charge"))
    watch.tick(365 * DAY)
    assert watch.said == []


def test_the_days_without_a_charge_are_those_with_this_operator() -> None:
    rules = [rule("no_charge", days=7, organisation_id=n) for n in (ORGANISATION, 8)]
    watch = Watch(bind(rules, vehicles()))
    watch.judge({"at": 0})
    watch.binding = bind(rules, vehicles({"organisation_id": 8}))
    watch.tick(8 * DAY)
    assert watch.said == []
    watch.judge({"at": 8 * DAY, "organisation_id": 8})
    watch.tick(15 * DAY)
    assert [(e["rule_key"], e["at_us"]) for e in watch.said] == [("8:no_charge", us(15 * DAY))]


def test_what_was_over_is_cleared_by_the_clock_at_the_instant_it_was() -> None:
    watch = Watch.of(rule("high_temperature", keep_s=60))
    watch.judge({"at": 0, "temp_max_c": 61}, {"at": 10, "temp_max_c": 40})
    watch.tick(69.9)
    assert watch.in_short() == [("raise", 0, 0)]
    assert watch.memory.episodes["value"].to_list() == [40.0]
    watch.tick(500)
    assert watch.in_short()[1:] == [("clear", 70, 0)]
    assert watch.facts() == {"temp_max_c": 40.0, "raise_at": 60.0}  # of the sample that ended it
    assert watch.said[1]["value"] == 40.0


def test_what_is_hot_and_silent_is_hot() -> None:
    watch = Watch.of(rule("high_temperature", keep_s=60))
    watch.judge({"at": 0, "temp_max_c": 61})
    watch.tick(30 * DAY)
    assert watch.in_short() == [("raise", 0, 0)]


def test_what_waits_to_be_raised_waits_for_a_sample() -> None:
    watch = Watch.of(rule("insulation_low", for_s=30))
    watch.judge({"at": 0, "insulation_kohm": 50})
    watch.tick(DAY)
    assert watch.said == []
    assert watch.memory.episodes["phase"].to_list() == ["pending"]


def test_a_rule_that_is_switched_off_ends_what_it_raised() -> None:
    watch = Watch.of(rule("high_temperature"), rule("insulation_low", for_s=30))
    watch.judge({"at": 0, "temp_max_c": 61, "insulation_kohm": 50})
    watch.binding = bind([], vehicles())
    watch.tick(10)
    assert watch.in_short() == [("raise", 0, 0), ("clear", 10, 0)]
    assert watch.facts() == {"reason": "rule"}
    assert watch.memory.episodes.height == 0


def test_a_vehicle_that_leaves_the_scope_or_the_organisation_ends_it() -> None:
    hot = rule("high_temperature", scope=Scope(groups=("north",)))
    for now in ({"groups": []}, {"groups": ["north"], "organisation_id": 8}):
        watch = Watch.of(hot, van={"groups": ["north"]})
        watch.judge({"at": 0, "temp_max_c": 61})
        watch.tick(5)
        watch.binding = bind([hot], vehicles(now))
        watch.tick(10)
        watch.tick(20)
        assert watch.in_short() == [("raise", 0, 0), ("clear", 10, 0)]
        assert watch.said[1]["organisation_id"] == ORGANISATION


def test_what_goes_on_after_all_forgets_how_it_was_over() -> None:
    watch = Watch.of(rule("high_temperature", keep_s=60))
    for at, temp_max_c in ((0, 61), (10, 40), (20, 62)):
        watch.judge({"at": at, "temp_max_c": temp_max_c})
    under_way = watch.memory.episodes.select("phase", "off_since_us", "value", "facts")
    assert under_way.rows() == [("firing", None, None, None)]
