"""Who the simulated vehicles are: device ids, VINs with a valid check digit, plates.

The same seed and number give the same vehicle, however large the fleet is. Leaves out: registering
them, which whoever seeds a database does from this list.
"""

from collections.abc import Iterable
from random import Random
from typing import Final, NamedTuple

_VIN_VALUES: Final = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        map(int, "012345678912345678123457923456789"),
        strict=True,
    )
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_MAKERS: Final = ("LGX", "LZW", "LJ1", "LNB")
_YEARS: Final = "PRST"  # 2023 … 2026
_PURE_ELECTRIC: Final = "DABCE"  # GA 36-2018: small pure electric vehicles, first letter
_OTHER_NEW_ENERGY: Final = "FGHJK"  # the same, other kinds
MAX_VEHICLES: Final = len(_PURE_ELECTRIC) * 100_000


class RosterEntry(NamedTuple):
    """A simulated vehicle and the terminal in it."""

    device_id: str
    vin: str
    plate: str


def vin_check_digit(vin: str) -> str:
    """The ninth character that belongs to a VIN's other sixteen (GB 16735, ISO 3779).

    >>> vin_check_digit("1M8GDM9AXKP042788")
    'X'
    """
    rest = sum(_VIN_VALUES[c] * w for c, w in zip(vin, _VIN_WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def fleet_roster(count: int, seed: int) -> list[RosterEntry]:
    """The first `count` vehicles of a seed.

    Raises:
        ValueError: more vehicles than there are plates of the kind.
    """
    if not 0 <= count <= MAX_VEHICLES:
        raise ValueError(f"{count} vehicles; at most {MAX_VEHICLES:,} have a plate")
    return [_entry(number, seed) for number in range(1, count + 1)]


def recorded_roster(device_ids: Iterable[str]) -> list[RosterEntry]:
    """Vehicles for the devices of a recording, whose own VINs and plates are not known.

    A device always gets the same vehicle. None is a vehicle of `fleet_roster`.
    """
    entries: list[RosterEntry] = []
    plates: set[str] = set()
    for device_id in sorted(set(device_ids)):
        rng = Random(f"{device_id}/recorded")
        vin = _vin(rng, maker="LKL", serial=rng.randrange(1_000_000))
        plate = ""
        while not plate or plate in plates:
            plate = f"粤B{rng.choice(_OTHER_NEW_ENERGY)}{rng.randrange(100_000):05d}"
        plates.add(plate)
        entries.append(RosterEntry(device_id, vin, plate))
    return entries


def _entry(number: int, seed: int) -> RosterEntry:
    rng = Random(f"{seed}/{number}/roster")
    vin = _vin(rng, maker=rng.choice(_MAKERS), serial=number)
    return RosterEntry(f"SIM{number:06d}", vin, plate_of(number, seed))


def _vin(rng: Random, *, maker: str, serial: int) -> str:
    year = rng.choice(_YEARS)
    descriptor = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(5))
    vin = f"{maker}{descriptor}0{year}{rng.choice('AS')}{serial:06d}"
    return vin[:8] + vin_check_digit(vin) + vin[9:]


def plate_of(number: int, seed: int) -> str:
    """The plate of the vehicle with this number from 1 on; no two numbers share one.

    >>> plate_of(1, 0), plate_of(100_001, 0)
    ('粤BD58741', '粤BA58741')
    """
    letter = _PURE_ELECTRIC[(number - 1) // 100_000]
    # In an order that looks issued at random: 58,741 and 100,000 share no factor.
    serial = (number * 58_741 + seed * 7_919) % 100_000
    return f"粤B{letter}{serial:05d}"
