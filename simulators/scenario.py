"""Scenario files: what the vehicles do and what goes wrong, in TOML, typed and checked.

Decides which keys there are, their units and ranges. Leaves out: how a fault is done (`faults.py`).
"""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from kit.errors import Invalid
from simulators.alarm_flags import ALARMS
from simulators.incidents import INCIDENTS
from simulators.malformed import Breakage

SCENARIO_FOLDER: Final = Path(__file__).parent / "scenarios"


class BadScenario(Invalid):
    """A scenario that does not exist or cannot be used; the message names file and key."""

    code = "bad_scenario"


def _ordered(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] > span[1]:
        raise ValueError("the first number must not be greater than the second")
    return span


def _known_alarm(name: str) -> str:
    if name not in ALARMS:
        raise ValueError(f"no such alarm; there are {', '.join(ALARMS)}")
    return name


def _known_incident(name: str) -> str:
    if name not in INCIDENTS:
        raise ValueError(f"no such incident; there are {', '.join(INCIDENTS)}")
    return name


Share = Annotated[float, Field(ge=0, le=1)]
PerHour = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Span = Annotated[tuple[Positive, Positive], AfterValidator(_ordered)]
AlarmName = Annotated[str, AfterValidator(_known_alarm)]
IncidentName = Annotated[str, AfterValidator(_known_incident)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Vehicles(_Part):
    """How the vehicles work and how often they report by themselves."""

    round_the_clock: bool = Field(True, description="Off: day shifts, parked at night.")
    interval_driving_s: Positive = 10.0
    interval_parked_s: Positive = 30.0


class Faults(_Part):
    """What goes wrong. Shares are of the samples, rates are per vehicle and simulated hour."""

    loss: Share = Field(0.0, description="Samples never sent.")
    duplicate: Share = Field(0.0, description="Samples sent twice.")
    reorder: Share = Field(0.0, description="Samples held back behind later ones.")
    reorder_depth: int = Field(3, ge=1, le=100, description="Behind at most so many.")
    malformed: Share = Field(0.0, description="Samples sent broken.")
    malformed_kinds: tuple[Breakage, ...] = Field(
        ("bad_json", "bad_encoding", "bad_schema", "out_of_range"), min_length=1
    )
    offline_per_h: PerHour = Field(0.0, description="Dead zones; the backlog follows in batches.")
    offline_s: Span = (60.0, 900.0)
    gps_drift_per_h: PerHour = Field(0.0, description="Times the position walks away.")
    gps_drift_s: Span = (30.0, 300.0)
    gps_drift_m: Span = (30.0, 400.0)
    power_cut_per_h: PerHour = Field(0.0, description="Times the terminal is unplugged.")
    power_cut_s: Span = (60.0, 1_200.0)
    alarm_per_h: PerHour = Field(0.0, description="GB/T 32960 alarms.")
    alarm_s: Span = (20.0, 300.0)
    alarms: tuple[AlarmName, ...] = Field(tuple(ALARMS), min_length=1)
    clock_skew: Share = Field(0.0, description="Share of the vehicles whose clock is wrong.")
    clock_skews: tuple[float | AwareDatetime, ...] = Field(
        (-3_600.0, -90.0, 90.0, 240.0),
        min_length=1,
        description="Offsets in s, or instants at which the clock stood when the run began.",
    )

    def skews_us(self, start_us: int) -> tuple[int, ...]:
        """The possible offsets of a wrong clock in µs, for a run that begins at `start_us`."""
        return tuple(
            int(skew.timestamp() * 1e6) - start_us
            if isinstance(skew, datetime)
            else int(skew * 1e6)
            for skew in self.clock_skews
        )


class Incidents(_Part):
    """What happens on purpose, from the start on, to the last vehicles of the roster."""

    to_the_last: tuple[IncidentName, ...] = Field(
        (), description="The first to the last vehicle, the next to the one before it, and so on."
    )


class Scenario(_Part):
    """A named situation to simulate."""

    title: str = Field(description="One line on what it is for.")
    vehicles: Vehicles = Vehicles()
    faults: Faults = Faults()
    incidents: Incidents = Incidents()


def list_scenarios() -> dict[str, str]:
    """Names and titles of the scenarios that come with the program."""
    return {p.stem: read_scenario(p).title for p in sorted(SCENARIO_FOLDER.glob("*.toml"))}


def load_scenario(name_or_path: str) -> Scenario:
    """A scenario by its name, or from a TOML file.

    Raises:
        BadScenario: there is none, or it cannot be used.
    """
    if name_or_path.endswith(".toml"):
        return read_scenario(Path(name_or_path))
    path = SCENARIO_FOLDER / f"{name_or_path}.toml"
    if not path.is_file():
        names = ", ".join(sorted(p.stem for p in SCENARIO_FOLDER.glob("*.toml")))
        raise BadScenario(f"no scenario {name_or_path!r}; there are {names}, or give a .toml file")
    return read_scenario(path)


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file.

    Raises:
        BadScenario: it cannot be read, is no TOML, or has a key or value that does not fit.
    """
    try:
        return Scenario.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadScenario(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadScenario(f"{path}: {error}") from None
    except ValidationError as error:
        problems = []
        for part in error.errors(include_url=False):
            key = ".".join(str(step) for step in part["loc"])
            if part["type"] == "extra_forbidden":
                problems.append(f"{key}: unknown key")
            else:
                reason = part["msg"].removeprefix("Value error, ")
                problems.append(f"{key}: {reason[0].lower()}{reason[1:]}")
        raise BadScenario(f"{path}: {'; '.join(problems)}") from None
