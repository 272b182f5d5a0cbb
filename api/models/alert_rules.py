"""Rules of alerts over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from alerts.model import Severity, SubjectKind
from alerts.rules.chinese import MEANINGS, PARAMETERS
from alerts.rules.model import Kind, Origin, RuleVersion, Shown, Source
from api.models.actors import Writer
from api.models.text import Input, Line, Vin

NAMED: Final[dict[str, Any]] = {
    "kind": "low_soc_parked",
    "name": "夜间停放",
    "enabled": True,
    "severity": "warning",
}
PARAMETERS_EXAMPLE: Final[dict[str, Any]] = {
    "raise_at": 20,
    "clear_above": 25,
    "for_s": 600,
    "keep_s": 60,
    "reopen_within_s": 1800,
}
SCOPE: Final[dict[str, Any]] = {"groups": ["night"], "models": [], "vins": [], "lease_no": None}
RULE: Final[dict[str, Any]] = {
    "organisation": "shenzhen-nanshan",
    "code": "low_soc_parked",
    **NAMED,
    "chinese": "停放电量低",
    "english": "Low charge, parked",
    "parameters": PARAMETERS_EXAMPLE,
    "scope": SCOPE,
    "origin": "above",
    "set_by": None,
    "version": 0,
}
KIND: Final[dict[str, Any]] = {
    "kind": "low_soc_parked",
    "chinese": "停放电量低",
    "english": "Low charge, parked",
    "chinese_meaning": "停放未充电时电量过低（%）。",
    "meaning": "Little charge while it stands unplugged.",
    "source": "telemetry",
    "subject": "vehicle",
    "severity": "warning",
    "enabled": True,
    "many": False,
    "permission": "vehicle.read",
    "inhibited_by": ["offline"],
    "parameters": [
        {
            "name": "raise_at",
            "meaning": "At or below, it is raised.",
            "chinese": "告警阈值",
            "default": 20,
            "value_schema": {"type": "number", "minimum": -1000000.0, "maximum": 1000000.0},
        }
    ],
    "parameter_schema": {"type": "object", "properties": {"raise_at": {"type": "number"}}},
}
RuleCodePath = Annotated[
    str, Path(max_length=60, description="Code of the rule.", examples=["low_soc_parked"])
]
NameCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=41,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="a–z, 0–9, _; begins with a letter.",
        examples=["night"],
    ),
]
KindName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=41,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="A kind of `GET /alert-kinds`.",
        examples=["low_soc_parked"],
    ),
]
Parameters = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "title": "Parameters",
            "description": "What the kind takes, as its `parameter_schema` says; what is not given"
            " stands as shipped.",
        }
    ),
]


class AlertParameterOut(BaseModel):
    """One thing that can be set of a kind."""

    model_config = ConfigDict(json_schema_extra={"example": KIND["parameters"][0]})

    name: str
    meaning: str = Field(description="With its unit.")
    chinese: str = Field(description="The meaning in Chinese.")
    default: Any = Field(description="As shipped.")
    value_schema: dict[str, Any] = Field(description="JSON schema of the value.")


class AlertKindOut(BaseModel):
    """A kind of rules, and how it stands as shipped."""

    model_config = ConfigDict(json_schema_extra={"example": KIND})

    kind: str
    chinese: str
    english: str
    chinese_meaning: str
    meaning: str = Field(description="When it fires.")
    source: Source = Field(
        description="What drives it: what falls due, telemetry, or the clock and its silence."
    )
    subject: SubjectKind = Field(description="What its alerts are about.")
    severity: Severity
    enabled: bool
    many: bool = Field(description="Whether there may be further rules of it.")
    permission: str = Field(description="Without it its alerts are not seen.")
    inhibited_by: list[str] = Field(description="Kinds that explain it.")
    parameters: list[AlertParameterOut]
    parameter_schema: dict[str, Any] = Field(description="JSON schema of all parameters.")

    @classmethod
    def of(cls, kind: Kind) -> "AlertKindOut":
        """As the kinds are written."""
        schema = type(kind.parameters).model_json_schema()
        schema.pop("description", None)
        defaults = kind.parameters.model_dump(mode="json")
        for name, default in defaults.items():  # a kind may ship others than its model has
            schema["properties"][name]["default"] = default
        parameters = [
            AlertParameterOut(
                name=name,
                meaning=info.description or "",
                chinese=PARAMETERS[name],
                default=defaults[name],
                value_schema=schema["properties"][name],
            )
            for name, info in type(kind.parameters).model_fields.items()
        ]
        return cls(
            kind=kind.name,
            chinese=kind.chinese,
            english=kind.english,
            chinese_meaning=MEANINGS[kind.name],
            meaning=kind.meaning,
            source=kind.source,
            subject=kind.subject,
            severity=kind.severity,
            enabled=kind.enabled,
            many=kind.many,
            permission=kind.verb,
            inhibited_by=sorted(kind.inhibited_by),
            parameters=parameters,
            parameter_schema=schema,
        )


class ScopeOut(BaseModel):
    """Which vehicles a rule is for; what is empty does not narrow, all others must hold."""

    groups: list[str] = Field(description="Codes of vehicle groups, any of them.")
    models: list[str]
    vins: list[str]
    lease_no: str | None = Field(description="Vehicles out on this lease.")


class ScopeIn(Input):
    """Which vehicles a rule is for; only of kinds about vehicles."""

    model_config = ConfigDict(json_schema_extra={"example": SCOPE})

    groups: list[NameCode] = Field([], max_length=50, description="Vehicles of any of them.")
    models: list[Line] = Field([], max_length=100, description="Models, as vehicles have them.")
    vins: list[Vin] = Field([], max_length=1_000)
    lease_no: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        None, description="Vehicles out on this lease."
    )


class AlertRuleOut(BaseModel):
    """A rule as it holds for an organisation."""

    model_config = ConfigDict(json_schema_extra={"example": RULE})

    organisation: str = Field(description="For whom it holds.")
    code: str = Field(description="Of the kind; another for a further rule of it.")
    kind: str
    chinese: str = Field(description="What the kind is called.")
    english: str
    name: str | None = Field(description="What the rule is called where it is a further one.")
    enabled: bool
    severity: Severity
    parameters: dict[str, Any]
    scope: ScopeOut
    origin: Origin = Field(description="Set by the organisation, from above, or as shipped.")
    set_by: str | None = Field(description="Who set it; null: as shipped, or out of sight.")
    version: int = Field(
        ge=0, description="Of the organisation's own setting, its ETag; 0: it never set it."
    )

    @classmethod
    def of(cls, shown: Shown) -> "AlertRuleOut":
        """As the service gives it."""
        rule = shown.rule
        return cls(
            organisation=shown.acted.code,
            code=rule.code,
            kind=rule.kind.name,
            chinese=rule.kind.chinese,
            english=rule.kind.english,
            name=rule.name,
            enabled=rule.enabled,
            severity=rule.severity,
            parameters=rule.parameters.model_dump(mode="json"),
            scope=ScopeOut(**rule.scope.model_dump(mode="json")),
            origin=shown.origin,
            set_by=shown.set_by,
            version=shown.version,
        )


class AlertRuleIn(Input):
    """A rule as an organisation sets it, whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": NAMED | {"parameters": {"raise_at": 20, "clear_above": 25}, "scope": SCOPE}
        }
    )

    kind: KindName | None = Field(
        None, description="Needed for a further rule that is new: under a code of its own."
    )
    name: Line | None = None
    enabled: bool = True
    severity: Severity | None = Field(None, description="That of the kind unless said.")
    parameters: Parameters = Field(default_factory=dict)
    scope: ScopeIn = Field(default_factory=ScopeIn)


class AlertRuleVersionOut(BaseModel):
    """What an organisation's rule said from then on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "no": 1,
                "content": NAMED | {"parameters": PARAMETERS_EXAMPLE, "scope": {}},
                "changed_by": "nanshan.manager",
                "changed_at": "2026-11-21T02:00:00Z",
            }
        }
    )

    no: int = Field(ge=1)
    content: dict[str, Any] = Field(description='With `"retired": true` where it was taken back.')
    changed_by: Writer
    changed_at: datetime

    @classmethod
    def of(cls, version: RuleVersion) -> "AlertRuleVersionOut":
        """As the service gives it."""
        return cls(**{name: getattr(version, name) for name in cls.model_fields})
