"""Two tenants whose every text bears a mark, so that a leak anywhere is seen and tells whose it is.

    a-root, b-root
      a-south      operates vehicles of its own and one that a-north had before
        a-depot
      a-north

Every organisation has the same kinds of things twice: those it is asked about by others, and spare
ones for its own calls that change something. Leaves out how it gets into a database:
`crawl_build.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fleet.registry.vin import compute_check_digit
from kit.sealed import SealingKey

Identifiers = dict[str, Any]

PASSWORD: Final = "Kiln-lantern-42"
KEY_TEXT: Final = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
KEY: Final = SealingKey.from_text(KEY_TEXT)
NOW: Final = datetime.now(UTC).replace(microsecond=0)
LONG_AGO: Final = NOW - timedelta(days=60)
HANDED_OVER: Final = NOW - timedelta(days=3)
TENANTS: Final = ("a", "b")
PARTS: Final = (("root", None), ("south", "root"), ("north", "root"), ("depot", "south"))
ROLES: Final = ("owner", "viewer")
BELOW: Final = {
    "root": {"root", "south", "north", "depot"},
    "south": {"south", "depot"},
    "north": {"north"},
    "depot": {"depot"},
}
"""Which parts of its own tenant a part sees."""


@dataclass(slots=True)
class Organisation:
    """One of the eight, with what it is known by and every mark that is its own."""

    tenant: str
    part: str
    number: int
    id: int = 0
    ids: Identifiers = field(default_factory=dict)
    spare: Identifiers = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    """Credentials by role; `machine` is an API key."""

    @property
    def name(self) -> str:
        return f"{self.tenant}-{self.part}"

    @property
    def mark(self) -> str:
        """Stands in every text of the organisation, and in nobody else's."""
        return f"zq{self.tenant}{self.part}x"

    @property
    def odometer_km(self) -> float:
        """A mark among numbers."""
        return 411_001.25 + 1_000 * self.number

    def sees(self, other: "Organisation") -> bool:
        """Whether the other is itself or below it."""
        return other.tenant == self.tenant and other.part in BELOW[self.part]


@dataclass(frozen=True, slots=True)
class World:
    """The eight organisations by name, and the vehicle that was handed over in each tenant."""

    organisations: dict[str, Organisation]
    handed_over: dict[str, str]

    def barred(self, viewer: Organisation) -> list[Organisation]:
        """Whom the viewer may know nothing of."""
        return [other for other in self.organisations.values() if not viewer.sees(other)]


def vin_of(number: int, place: int) -> str:
    """A VIN with its check digit; nobody else's tests use the series."""
    vin = f"LZK{number:02d}RMP0{place:02d}{number * 7919 % 1_000_000:06d}"
    return vin[:8] + compute_check_digit(vin) + vin[9:]


def plate_of(number: int, place: int) -> str:
    """A green plate of a province of its own for each tenant."""
    return f"{'琼藏'[number % 2]}ZD{number * 17 + place + 2_000:05d}"


def nowhere() -> Iterator[Identifiers]:
    """Identifiers of nothing that exists, other ones every time."""
    number = 0
    while True:
        number += 1
        vin = f"LZX99RMP0{number:08d}"
        vin = vin[:8] + compute_check_digit(vin) + vin[9:]
        text = f"nowhere-{number:05d}"
        yield {
            **dict.fromkeys(("code", "child", "login", "actor", "text", "object_key"), text),
            **dict.fromkeys(("vin", "vin_free", "vin_other"), vin),
            **dict.fromkeys(("serial", "serial_free", "serial_bound", "serial_other"), text),
            "plate": f"青ZD{number:05d}",
            "key_id": f"nowhere{number:05d}",
            "refusal_id": 2**40 + number,
        }
