"""The shapes of rules. A kind is code; a rule is a kind with its parameters, as somebody set it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from alerts.model import Severity, SubjectKind

Source = Literal["obligation", "telemetry", "clock"]
Days = Annotated[int, Field(ge=-365, le=365)]


class Parameters(BaseModel):
    """What can be set of a kind; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Scope(BaseModel):
    """Which vehicles a rule is for; what is not given does not narrow. All given must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    groups: tuple[str, ...] = Field((), max_length=50, description="Codes of vehicle groups.")
    models: tuple[str, ...] = Field((), max_length=100, description="Models of vehicles.")
    vins: tuple[str, ...] = Field((), max_length=1_000, description="VINs.")
    lease_no: str | None = Field(None, description="Vehicles out on this lease.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rule, and how it stands as shipped."""

    name: str
    chinese: str
    english: str
    meaning: str
    """One sentence: when it fires."""
    source: Source
    subject: SubjectKind
    severity: Severity
    parameters: Parameters
    verb: str
    """The permission without which its alerts are not seen (schemas/access.py)."""
    inhibited_by: frozenset[str] = frozenset()
    enabled: bool = True
    many: bool = False
    """Whether further rules of it may stand beside the shipped one, under codes of their own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it holds for an organisation. `version` None: as shipped."""

    organisation_id: int
    """For whom it holds."""
    set_by: str | None
    """Code of the organisation that set it; None: as shipped."""
    code: str
    kind: Kind
    name: str | None
    enabled: bool
    severity: Severity
    parameters: Any
    """An instance of the kind's parameter model."""
    scope: Scope
    version: int | None
    rule_id: int | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """The organisation whose rules, groups or places are asked for."""

    id: int
    code: str
    tenant_id: int


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as it could be set for an organisation: checked, not written."""

    acted: Acted
    code: str
    kind: Kind
    name: str | None
    enabled: bool
    severity: Severity
    parameters: Any
    """An instance of the kind's parameter model."""
    scope: Scope

    def content(self) -> dict[str, Any]:
        """What it says, as it is kept and told."""
        return {
            "kind": self.kind.name,
            "name": self.name,
            "enabled": self.enabled,
            "severity": self.severity,
            "parameters": self.parameters.model_dump(mode="json"),
            "scope": self.scope.model_dump(mode="json", exclude_defaults=True),
        }


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """What an organisation's rule said from `changed_at` on."""

    no: int
    content: dict[str, Any]
    changed_by: str | None
    changed_at: datetime


Origin = Literal["own", "above", "shipped"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule as somebody looks at it."""

    acted: Acted
    """For whom it holds."""
    rule: Rule
    origin: Origin
    """Whether the organisation sets it itself, has it from above, or has it as shipped."""
    set_by: str | None
    """Code of the organisation that set it, if it is in sight."""
    version: int
    """Of the organisation's own row, taken back or not; 0: it never set the rule itself."""
