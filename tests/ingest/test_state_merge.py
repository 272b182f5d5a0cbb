"""The latest state in the database: forward only, field by field, and who is online."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.registry.service import assign_operator, list_operator_periods
from ingest import store
from ingest.pipeline import POSTGRES_EPOCH_US
from schemas.access import SYSTEM
from schemas.telemetry import MEASURED

from .builders import DAY_US, FULL, SECOND_US, VIN_A, sample_at, status, telemetry, to_datetime
from .conftest import Fleet


def known(state: dict[str, Any]) -> dict[str, Any]:
    return {name: state[name] for name in MEASURED if state[name] is not None}


def test_a_newer_sample_moves_what_it_knows(fleet: Fleet) -> None:
    here = {"lat": 22.5, "lon": 114.0}
    fleet.write(telemetry(sample_at(fleet.now_us - 9, soc_pct=50, gear="D", **here)))
    fleet.write(telemetry(sample_at(fleet.now_us - 5, soc_pct=49, speed_kmh=30)))
    state = fleet.state()
    assert known(state) == {**here, "fix": True, "soc_pct": 49.0, "gear": "D", "speed_kmh": 30.0}
    assert (state["ts"], state["seq"]) == (to_datetime(fleet.now_us - 5), 0)


def test_history_does_not_touch_the_state(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us - 5, soc_pct=49)))
    before = fleet.state()
    batch, stored = fleet.write(telemetry(sample_at(fleet.now_us - 9, soc_pct=50, gear="D")))
    assert (stored, batch.late) == (1, 1)
    assert fleet.state() == before


def test_every_field_is_kept_until_it_is_known_anew(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us - 9, **FULL)))
    fleet.write(telemetry(sample_at(fleet.now_us - 8)))
    assert known(fleet.state()) == FULL
    for number, name in enumerate(MEASURED[3:]):
        fleet.write(telemetry(sample_at(fleet.now_us - 7, seq=number, **{name: FULL[name]})))
    assert known(fleet.state()) == FULL
    assert fleet.state()["seq"] == len(MEASURED) - 4


def hand_over(fleet: Fleet, to: str, *, at_us: int) -> None:
    """Vehicle A goes to another operator, perhaps a moment ahead of now."""
    later = to_datetime(fleet.now_us + SECOND_US)
    assign_operator(
        fleet.conn, SYSTEM, vin=VIN_A, organisation_code=to, at=to_datetime(at_us), now=later
    )


def test_no_field_goes_from_operator_to_operator(fleet: Fleet) -> None:
    """Else the new one would see where the vehicle was when it was not theirs."""
    fleet.write(telemetry(sample_at(fleet.now_us - 9, **FULL)))
    hand_over(fleet, "west", at_us=fleet.now_us - 5)
    fleet.write(telemetry(sample_at(fleet.now_us - 6)))
    assert (fleet.state()["operator_id"], known(fleet.state())) == (fleet.ids["east"], FULL)
    fleet.write(telemetry(sample_at(fleet.now_us - 5)))
    assert (fleet.state()["operator_id"], known(fleet.state())) == (fleet.ids["west"], {})
    fleet.write(telemetry(sample_at(fleet.now_us - 4, soc_pct=50)))
    fleet.write(telemetry(sample_at(fleet.now_us - 3, gear="D")))
    assert known(fleet.state()) == {"soc_pct": 50.0, "gear": "D"}


def test_nothing_of_a_time_without_operator_is_kept(fleet: Fleet) -> None:
    fleet.conn.execute("DELETE FROM vehicle_operators WHERE vehicle_id = %s", [fleet.a])
    fleet.write(telemetry(sample_at(fleet.now_us - 9, soc_pct=50)))
    fleet.write(telemetry(sample_at(fleet.now_us - 8, speed_kmh=30)))
    assert known(fleet.state()) == {"soc_pct": 50.0, "speed_kmh": 30.0}
    hand_over(fleet, "west", at_us=fleet.now_us - 5)
    fleet.write(telemetry(sample_at(fleet.now_us - 5, gear="D")))
    assert known(fleet.state()) == {"gear": "D"}


def test_an_operator_who_comes_back_begins_anew(fleet: Fleet) -> None:
    """Also where one batch has the samples of both transfers."""
    hand_over(fleet, "west", at_us=fleet.now_us - 6)
    hand_over(fleet, "east", at_us=fleet.now_us - 3)
    fleet.write(telemetry(sample_at(fleet.now_us - 9, soc_pct=50)))
    fleet.write(
        telemetry(
            sample_at(fleet.now_us - 5, speed_kmh=30),
            sample_at(fleet.now_us - 3, altitude_m=9),
            sample_at(fleet.now_us - 2, gear="D"),
        )
    )
    assert fleet.state()["operator_id"] == fleet.ids["east"]
    assert known(fleet.state()) == {"altitude_m": 9.0, "gear": "D"}


def test_a_transfer_that_memory_has_not_seen_keeps_what_came_after_it(fleet: Fleet) -> None:
    """West's charge, written by another process, stands between the two samples of this one."""
    hand_over(fleet, "west", at_us=fleet.now_us - 6)
    fleet.write(telemetry(sample_at(fleet.now_us - 5, soc_pct=49)))
    older, newer = sample_at(fleet.now_us - 9, **FULL), sample_at(fleet.now_us - 3, gear="D")
    fleet.write(telemetry(older, newer), latest={fleet.a: None})
    assert known(fleet.state()) == {"gear": "D", "soc_pct": 49.0}


def test_what_another_process_has_moved_further_stays(fleet: Fleet) -> None:
    """A process with a memory of its own writes what is no longer newer."""
    fleet.write(telemetry(sample_at(fleet.now_us - 5, soc_pct=49)))
    stale: dict[int, tuple[int, int] | None] = {fleet.a: None}
    later_us = fleet.now_us + SECOND_US
    fleet.write(
        telemetry(sample_at(fleet.now_us - 9, soc_pct=50, gear="D")),
        received_us=later_us,
        latest=stale,
    )
    state = fleet.state()
    assert (state["ts"], known(state)) == (to_datetime(fleet.now_us - 5), {"soc_pct": 49.0})
    assert (state["online"], state["last_heard_at"]) == (True, to_datetime(later_us))


def test_a_last_will_counts_though_the_memory_is_old(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us - 5)))
    later_us = fleet.now_us + SECOND_US
    old = telemetry(sample_at(fleet.now_us - 9))
    fleet.write(old, status(False), received_us=later_us, latest={fleet.a: None})
    state = fleet.state()
    at = to_datetime(later_us)
    assert (state["online"], state["online_changed_at"], state["last_heard_at"]) == (False, at, at)


def online(fleet: Fleet) -> "Seen":
    """Online, and when that changed and when it was heard, in seconds after `now`."""
    state = fleet.state()
    seconds = [
        None if state[name] is None else round((state[name] - fleet.now).total_seconds())
        for name in ("online_changed_at", "last_heard_at")
    ]
    return (state["online"], seconds[0], seconds[1])


Seen = tuple[bool, int | None, int | None]
ONLINE: dict[str, tuple[list[tuple[int, str]], Seen]] = {
    "a sample": ([(0, "sample")], (True, 0, 0)),
    "two samples": ([(0, "sample"), (9, "sample")], (True, 0, 9)),
    "history is a sign of life": ([(0, "sample"), (9, "history")], (True, 0, 9)),
    "never seen online": ([(0, "off")], (False, None, 0)),
    "the last will": ([(0, "sample"), (9, "off")], (False, 9, 9)),
    "the last will twice": ([(0, "sample"), (3, "off"), (9, "off")], (False, 3, 9)),
    "back": ([(0, "off"), (9, "on")], (True, 9, 9)),
    "back with a sample": ([(0, "off"), (9, "sample")], (True, 9, 9)),
    "back with history": ([(0, "off"), (9, "history")], (True, 9, 9)),
    "an older word written later": ([(9, "on"), (0, "off")], (True, 9, 9)),
    "an older receipt written later": ([(9, "sample"), (0, "sample")], (True, 9, 9)),
    "retained, of one never heard": ([(0, "kept on")], (True, 0, 0)),
    "retained is old news": ([(0, "sample"), (9, "kept off")], (True, 0, 0)),
    "retained, after the will": ([(0, "off"), (9, "kept on")], (False, None, 0)),
    "retained, then the will": ([(0, "kept on"), (9, "off")], (False, 9, 9)),
}
"""What was said of a vehicle at which second, and what is then known of it."""


def test_online(fleet: Fleet) -> None:
    words = {
        "on": status(True),
        "off": status(False),
        "kept on": status(True, retained=True),
        "kept off": status(False, retained=True),
        "history": telemetry(sample_at(fleet.now_us - DAY_US)),
    }
    seen: dict[str, Seen] = {}
    for case, (said, _) in ONLINE.items():
        fleet.conn.execute("DELETE FROM vehicle_state")
        for seconds, word in said:
            at_us = fleet.now_us + seconds * SECOND_US
            publish = telemetry(sample_at(at_us)) if word == "sample" else words[word]
            fleet.write(publish, received_us=at_us)
        seen[case] = online(fleet)
    assert seen == {case: expected for case, (_, expected) in ONLINE.items()}


def test_a_retained_word_and_a_live_one_in_one_batch(fleet: Fleet) -> None:
    fleet.write(status(False, retained=True), status(True))
    assert online(fleet) == (True, 0, 0)


def test_silence_falls_only_on_those_past_the_limit(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us)))
    fleet.write(telemetry(sample_at(fleet.now_us), serial="T2"), received_us=fleet.now_us + 1)
    limit = to_datetime(fleet.now_us + 180 * SECOND_US)
    assert store.mark_silent_offline(fleet.conn, now=limit, offline_after_s=180) == 0
    just_past = to_datetime(fleet.now_us + 180 * SECOND_US + 1)
    assert store.mark_silent_offline(fleet.conn, now=just_past, offline_after_s=180) == 1
    state = fleet.state()
    assert (state["online"], state["online_changed_at"]) == (False, just_past)
    assert fleet.state(fleet.b)["online"] is True
    assert store.mark_silent_offline(fleet.conn, now=just_past, offline_after_s=180) == 0


facts = st.fixed_dictionaries(
    {}, optional={"soc_pct": st.integers(0, 100), "gear": st.sampled_from(["P", "D"])}
)
batches = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["T1", "T2"]), st.integers(0, 6), st.integers(0, 1), facts),
        min_size=1,
        max_size=4,
    ),
    max_size=5,
)


Sent = list[list[tuple[str, int, int, dict[str, Any]]]]
FEW = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def send(fleet: Fleet, batches: Sent, *, remembers: bool) -> None:
    """Write batches to vehicles without state, remembering what was written or nothing at all."""
    fleet.conn.execute("DELETE FROM vehicle_state")
    for batch in batches:
        fleet.write(
            *[
                telemetry(sample_at(fleet.now_us + ts, seq=seq, **said), serial=serial)
                for serial, ts, seq, said in batch
            ],
            latest=None if remembers else {},
        )


def transfer_at_2_and_4(fleet: Fleet) -> None:
    """East operates A, but west at 2 and 3 µs after now; given again, nothing changes."""
    if len(list_operator_periods(fleet.conn, SYSTEM, vin=VIN_A)) == 1:
        hand_over(fleet, "west", at_us=fleet.now_us + 2)
        hand_over(fleet, "east", at_us=fleet.now_us + 4)


@FEW
@given(batches)
def test_any_order_of_batches_ends_at_the_newest(fleet: Fleet, batches: Sent) -> None:
    """Even for a process that remembers nothing."""
    send(fleet, batches, remembers=False)
    newest: dict[int, tuple[int, int]] = {}
    for serial, ts, seq, _ in (one for batch in batches for one in batch):
        vehicle_id = fleet.a if serial == "T1" else fleet.b
        newest[vehicle_id] = max(newest.get(vehicle_id, (-1, -1)), (ts, seq))
    states = fleet.find("SELECT vehicle_id, ts, seq FROM vehicle_state")
    assert {state["vehicle_id"]: (state["ts"], state["seq"]) for state in states} == {
        vehicle_id: (to_datetime(fleet.now_us + ts), seq)
        for vehicle_id, (ts, seq) in newest.items()
    }


@FEW
@given(batches)
def test_a_state_agrees_with_a_plain_oracle(fleet: Fleet, batches: Sent) -> None:
    transfer_at_2_and_4(fleet)
    send(fleet, batches, remembers=True)
    newest: dict[str, tuple[int, int]] = {}
    expected: dict[str, dict[str, Any]] = {}
    wests: dict[str, bool] = {}
    for batch in batches:
        first = {one[:3]: one[3] for one in reversed(batch)}
        before = dict(newest)
        for serial, ts, seq in sorted(first, key=lambda key: key[1:]):
            if (ts, seq) > before.get(serial, (-1, -1)):
                newest[serial] = (ts, seq)
                west = serial == "T2" or ts in (2, 3)
                kept = expected[serial] if wests.get(serial) is west else {}
                wests[serial], expected[serial] = west, {**kept, **first[serial, ts, seq]}
    states = fleet.find("SELECT * FROM vehicle_state")
    serials = {fleet.a: "T1", fleet.b: "T2"}
    assert {serials[state["vehicle_id"]]: known(state) for state in states} == expected


def test_an_older_value_does_not_come_back_with_a_newer_sample(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us + 3)))
    remembered = store.load_latest(fleet.conn)
    fleet.write(telemetry(sample_at(fleet.now_us + 5, soc_pct=49)))
    older, newer = sample_at(fleet.now_us + 4, soc_pct=50), sample_at(fleet.now_us + 6, gear="D")
    fleet.write(telemetry(older, newer), latest=dict(remembered))
    assert known(fleet.state()) == {"gear": "D", "soc_pct": 49.0}


def test_one_stale_vehicle_does_not_make_the_others_late(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us - 5)))
    batch, _ = fleet.write(
        telemetry(sample_at(fleet.now_us - 9)),
        telemetry(sample_at(fleet.now_us - 4), sample_at(fleet.now_us - 3), serial="T2"),
        latest={},
    )
    assert batch.late == 1
    assert batch.newest == {
        fleet.a: (fleet.now_us - 5 - POSTGRES_EPOCH_US, 0),  # what was there, now remembered
        fleet.b: (fleet.now_us - 3 - POSTGRES_EPOCH_US, 0),
    }
