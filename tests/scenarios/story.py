"""Reads a story: who is there, what is done when, what is asked.

Times are of the wall clock in Shanghai. Money may be told in yuan: `rent_yuan` becomes `rent_fen`.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

ZONE = ZoneInfo("Asia/Shanghai")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Vehicle(_Part):
    """A vehicle by its plate; papers it does not name are in order."""

    plate: str
    vin: str
    vehicle_type: str = "微型厢式货车"
    battery_kwh: Decimal = Decimal("41.86")
    inspection_valid_to_on: date = date(2031, 12, 31)
    compulsory_from_on: date = date(2023, 1, 1)
    compulsory_until_on: date = date(2031, 12, 31)


class Driver(_Part):
    name: str
    classes: tuple[str, ...] = ("C1",)
    valid_to_on: date = date(2031, 12, 31)


class Customer(_Part):
    name: str
    kind: Literal["person", "company"] = "company"
    email: str | None = None
    drivers: tuple[Driver, ...] = ()


class Channel(_Part):
    """Where the lessor's own people are told; without an `address` of e-mail, a webhook."""

    name: str
    kinds: tuple[str, ...]
    address: str | None = None
    least_severity: Literal["info", "warning", "critical"] = "info"
    tells_resolved: bool = False
    language: Literal["zh", "en"] = "zh"

    @property
    def kind(self) -> Literal["email", "webhook"]:
        """What it is."""
        return "webhook" if self.address is None else "email"


class Act(_Part):
    """One thing done or asked; what it takes beside stands in `facts`."""

    at: datetime
    do: str
    by: Literal["manager", "sales", "finance"] = "manager"
    lease: str = "A"
    facts: dict[str, Any] = Field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The instant it is done."""
        return self.at.replace(tzinfo=ZONE)


class Story(_Part):
    """All of `story.toml`."""

    title: str
    vehicles: tuple[Vehicle, ...]
    customers: tuple[Customer, ...] = ()
    acts: tuple[Act, ...]
    bills_from_on: date | None = None
    """Since when the lessor bills; None: it does not."""
    channels: tuple[Channel, ...] = ()


def read_story(path: Path) -> Story:
    """The story of a folder.

    Raises:
        ValueError: it is none; pydantic says where.
    """
    told = in_fen(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))
    own = {"at", "do", "by", "lease"}
    told["acts"] = [
        {name: part for name, part in act.items() if name in own}
        | {"facts": {name: part for name, part in act.items() if name not in own}}
        for act in told["acts"]
    ]
    return Story.model_validate(told)


def in_fen(told: Any) -> Any:
    """The same with every `…_yuan` as `…_fen`.

    >>> in_fen({"rent_yuan": Decimal("2500.50")})
    {'rent_fen': 250050}
    """
    if isinstance(told, Mapping):
        return dict(_entry(name, part) for name, part in told.items())
    return [in_fen(part) for part in told] if isinstance(told, list) else told


def _entry(name: str, part: Any) -> tuple[str, Any]:
    if name.endswith("_yuan"):
        return name.removesuffix("_yuan") + "_fen", int(Decimal(part) * 100)
    return name, in_fen(part)
