"""Breaks messages in the ways terminals and radio links break them.

Each kind comes with what the contract says must happen to it: a reason of refusal, or None where
the sample is to be kept and only the bad value becomes unknown. `ts` and `seq` stay readable at
the head of the payload wherever the breakage allows it. Leaves out: the ingest's own judgement.
"""

from random import Random
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec

from schemas.telemetry import MAX_PAYLOAD_BYTES, Reason
from schemas.topics import telemetry_topic

Breakage = Literal[
    "bad_topic",
    "too_large",
    "bad_encoding",
    "bad_json",
    "bad_schema",
    "wrong_vin",
    "out_of_range",
    "not_finite",
    "nul_character",
]
BREAKAGES: Final[tuple[Breakage, ...]] = get_args(Breakage)
EXPECTED_REASON: Final[dict[Breakage, Reason | None]] = {
    "bad_topic": "bad_topic",
    "too_large": "too_large",
    "bad_encoding": "bad_encoding",
    "bad_json": "bad_json",
    "bad_schema": "bad_schema",
    "wrong_vin": "vin_mismatch",
    "out_of_range": None,
    "not_finite": None,
    "nul_character": None,
}
"""What becomes of each kind; None = the sample is stored."""

_NOBODYS_VIN: Final = "LSVNOBODY00000000"


class Broken(NamedTuple):
    """A message that must not be taken as it is."""

    topic: str
    payload: bytes


def break_message(kind: Breakage, device_id: str, sample: dict[str, Any], rng: Random) -> Broken:
    """This sample as a message with this breakage."""
    topic = telemetry_topic(device_id)
    payload = msgspec.json.encode(sample)
    match kind:
        case "bad_topic":
            topic = topic.replace("/telemetry", "/telemetri")
        case "too_large":
            padding = b'"' + b"x" * (MAX_PAYLOAD_BYTES + 1) + b'"'
            payload = payload[:-1] + b',"extra":{"padding":' + padding + b"}}"
        case "bad_encoding":
            payload = payload[:-1] + b',"extra":{"driver":"\xff\xfe"}}'
        case "bad_json":
            payload = payload[: rng.randint(len(payload) // 2, len(payload) - 1)]
        case "bad_schema":
            payload = msgspec.json.encode({**sample, "ts": "yesterday"})
        case "wrong_vin":
            payload = msgspec.json.encode({**sample, "vin": _NOBODYS_VIN})
        case "out_of_range":
            payload = msgspec.json.encode({**sample, "soc_pct": 254, "speed_kmh": 6553.4})
        case "not_finite":
            payload = msgspec.json.encode({**sample, "altitude_m": None}).replace(
                b'"altitude_m":null', b'"altitude_m":1e999'
            )
        case "nul_character":
            payload = msgspec.json.encode({**sample, "extra": {"driver": "A\0B"}})
    return Broken(topic, payload)
