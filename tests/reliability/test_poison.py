"""Messages made to break a consumer are refused one by one, and nothing else is.

Each kind stands here with what the contract says of it: the reason of its refusal, or STORED where
only a value of it becomes unknown. A topic that is not UTF-8 is missing: the broker itself ends
such a connection.
"""

from collections import Counter
from typing import Final, NamedTuple

import pytest

from fleet.devices.service import register_device
from guanche.scrape import IngestCounters
from guanche.seed import PLATFORM
from kit import clock
from schemas.access import SYSTEM
from schemas.telemetry import Reason
from schemas.topics import telemetry_topic
from simulators.ack_log import ack_line
from tests.reliability.figures import report, rng_of
from tests.reliability.forms import forms, on_one_storage
from tests.reliability.rig import Rig
from tests.reliability.tally import Tally
from tests.reliability.traffic import Message, live

pytestmark = [pytest.mark.reliability, on_one_storage]

HUGE: Final = b"1" + b"0" * 400


class Poison(NamedTuple):
    """What is sent, with TS and SEQ to be filled in, and what must become of it."""

    payload: bytes
    refused: tuple[Reason, ...] = ()
    stored: int = 0
    """Samples of it that are kept, with `seq` from SEQ on."""
    topic: str | None = None
    device_id: str | None = None


HEAD = b'{"ts":TS,"seq":SEQ'
POISONS: Final = {
    "cut off": Poison(HEAD, ("bad_json",)),
    "empty": Poison(b"", ("bad_json",)),
    "byte order mark": Poison(b"\xef\xbb\xbf" + HEAD + b"}", ("bad_json",)),
    "nested 200,000 deep": Poison(b"[" * 200_000, ("bad_json",)),
    "nested deep in extra": Poison(
        HEAD + b',"extra":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_000 + b"}", ("bad_json",)
    ),
    "a number of 5,000 digits": Poison(b'{"ts":' + b"9" * 5_000 + b"}", ("bad_json",)),
    "not UTF-8": Poison(HEAD + b',"extra":{"driver":"\xff\xfe"}}', ("bad_encoding",)),
    "UTF-16": Poison('{"ts":1}'.encode("utf-16"), ("bad_encoding",)),
    "two megabytes": Poison(HEAD + b',"extra":{"a":"' + b"x" * 2_000_000 + b'"}}', ("too_large",)),
    "null": Poison(b"null", ("bad_schema",)),
    "no ts": Poison(b'{"seq":SEQ,"soc_pct":50}', ("bad_schema",)),
    "ts not a time": Poison(b'{"ts":"yesterday","seq":SEQ}', ("bad_schema",)),
    "ts infinite": Poison(b'{"ts":Infinity,"seq":SEQ}', ("bad_schema",)),
    "wrong type": Poison(HEAD + b',"soc_pct":"full"}', ("bad_schema",)),
    "seq beyond 64 bits": Poison(b'{"ts":TS,"seq":9223372036854775808}', ("bad_schema",)),
    "1,001 samples": Poison(b"[" + b",".join([HEAD + b"}"] * 1_001) + b"]", ("bad_schema",)),
    "ts of 400 digits": Poison(b'{"ts":' + HUGE + b"}", ("future_time",)),
    "ts of -400 digits": Poison(b'{"ts":-' + HUGE + b"}", ("too_old",)),
    "year 1": Poison(b'{"ts":"0001-01-01T00:00:00+23:59"}', ("too_old",)),
    "year 9999": Poison(b'{"ts":"9999-12-31T23:59:59-23:59"}', ("future_time",)),
    "another's VIN": Poison(HEAD + b',"vin":"LSVNOBODY00000000"}', ("vin_mismatch",)),
    "NUL in the VIN": Poison(HEAD + b',"vin":"A\\u0000B"}', ("vin_mismatch",)),
    "half a surrogate in the VIN": Poison(HEAD + b',"vin":"\\ud800"}', ("vin_mismatch",)),
    "unknown device": Poison(HEAD + b"}", ("unknown_device",), device_id="NOBODY"),
    "unbound device": Poison(HEAD + b"}", ("unbound_device",), device_id="SPARE"),
    "unknown kind of topic": Poison(HEAD + b"}", ("bad_topic",), topic="v1/{}/up/nonsense"),
    "topic too deep": Poison(HEAD + b"}", ("bad_topic",), topic="v1/{}/up/telemetry/x"),
    "device id not allowed": Poison(HEAD + b"}", ("bad_topic",), topic="v1/管车/up/telemetry"),
    "bad status": Poison(b'{"online":"perhaps"}', ("bad_schema",), topic="v1/{}/up/status"),
    "batch, some bad": Poison(
        b'[{"ts":TS,"seq":SEQ},7,{"ts":TS,"seq":-1},{"ts":"2038-01-01T00:00:00Z"},'
        b'{"ts":TS,"seq":SEQ1,"vin":"NOT MINE"},{"ts":TS,"seq":SEQ1}]',
        ("bad_schema", "bad_schema", "future_time", "vin_mismatch"),
        stored=2,
    ),
    "NaN": Poison(HEAD + b',"soc_pct":NaN}', stored=1),
    "beyond a float": Poison(HEAD + b',"altitude_m":1e999}', stored=1),
    "an integer of 400 digits": Poison(HEAD + b',"alarm_bits":' + HUGE + b"}", stored=1),
    "400 digits in extra": Poison(HEAD + b',"odd":' + HUGE + b"}", stored=1),
    "out of range": Poison(HEAD + b',"soc_pct":254,"gear":"15"}', stored=1),
    "NUL in extra": Poison(HEAD + b',"extra":{"a":"\\u0000","\\u0000":1}}', stored=1),
    "half a surrogate in extra": Poison(HEAD + b',"extra":{"a":"\\ud800","\\udfff":1}}', stored=1),
    "half a surrogate in a field": Poison(HEAD + b',"gear":"\\ud800"}', stored=1),
    "5,000 unknown keys": Poison(
        HEAD + b"," + b",".join(b'"k%d":1' % n for n in range(5_000)) + b"}", stored=1
    ),
    "an empty batch": Poison(b"[]"),
}
SEQ_STEP = 2


class Mix(NamedTuple):
    good: int
    times: int
    """How often each kind of poison is sent."""
    rate: float


@forms(short=Mix(3_040, 4, 4_000), long=Mix(60_800, 80, 2_000))
def test_five_per_cent_poison(rig: Rig, size: Mix) -> None:
    register_device(rig.conn, SYSTEM, serial="SPARE", owner_code=PLATFORM, now=clock.now())
    rig.conn.commit()
    ingest = rig.ingest(batch_messages=500, mqtt_receive_maximum=1_000)
    ingest.start().wait_ready()
    dropped = rig.read_dropped()

    plain = rig.publish(live(rig.devices, size.good), rate=size.rate)
    plain.finish()
    plain_s = rig.wait_stored(size.good)
    traffic = rig.publish(_mixed(rig, size), rate=size.rate)
    mixed = traffic.finish().published
    kept = size.times * sum(poison.stored for poison in POISONS.values())
    expected = size.good * 2 + kept
    mixed_s = rig.wait_stored(expected)

    refused = Counter(reason for poison in POISONS.values() for reason in poison.refused)
    tally: Tally = rig.tally()
    counters = ingest.counters()
    report(
        "T4 poison",
        published=size.good + mixed,
        poison_pct=100 * size.times * len(POISONS) / mixed,
        kinds=len(POISONS),
        stored=tally.stored,
        lost=tally.lost,
        refused=tally.refused,
        starts=len(ingest.events("ingest_started")),
        wait_plain_s=plain_s,
        wait_mixed_s=mixed_s,
        rss_peak_mb=ingest.peak_mb,
    )
    assert tally.refused == {reason: count * size.times for reason, count in refused.items()}
    assert tally[:-1] == (expected, expected, 0, 0, 0)
    assert ingest.running
    assert [len(ingest.events(e)) for e in ("ingest_started", "broker_connected")] == [1, 1]
    assert isinstance(counters, IngestCounters)
    assert counters.refused == tally.refused
    assert rig.read_dropped() == dropped


def _mixed(rig: Rig, size: Mix) -> list[Message]:
    """Good samples with poison strewn in."""
    messages = list(live(rig.devices, size.good, first_seq=size.good))
    seq = size.good * 2
    for _ in range(size.times):
        for number, poison in enumerate(POISONS.values()):
            messages.append(_poisoned(poison, rig.devices[number % len(rig.devices)], seq))
            seq += SEQ_STEP
    rng_of("poison").shuffle(messages)
    return messages


def _poisoned(poison: Poison, device_id: str, seq: int) -> Message:
    """One message of this kind, unlike all others, and the lines for the samples to be kept."""
    device_id = poison.device_id or device_id
    ts_ms = clock.now_us() // 1_000
    payload = poison.payload.replace(b"SEQ1", b"%d" % (seq + 1)).replace(b"SEQ", b"%d" % seq)
    topic = telemetry_topic(device_id) if poison.topic is None else poison.topic.format(device_id)
    key = b"".join(ack_line(device_id, ts_ms, seq + n) for n in range(poison.stored))
    return Message(device_id, topic, payload.replace(b"TS", b"%d" % ts_ms), key)
