"""Policies and cover over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.amounts import Fen
from api.models.paper_texts import DayOrInstant, PaperNumber
from api.models.recorded import RECORDED, RecordedOut, about
from api.models.text import Input, Line, Name
from fleet.compliance.cover import GapWeight
from fleet.compliance.model import InsuredSum, Policy, PolicyKind
from fleet.compliance.records import Cover, PolicyTerms, Recorded

SUM: Final[dict[str, Any]] = {"cover": "third_party", "sum_fen": 200000000}
POLICY: Final[dict[str, Any]] = {
    "kind": "commercial",
    "policy_no": "PDAA202644030001",
    "insurer": "平安财险",
    "insured": "青帆新能源",
    "use_nature": "营业货车",
    "covered_from": "2026-06-30T16:00:00Z",
    "covered_until": "2027-06-30T16:00:00Z",
    "covers": [SUM],
    "voided_at": None,
    "voided_because": None,
    "version": 1,
}
TERMS: Final[dict[str, Any]] = {
    "insurer": "平安财险",
    "insured": "青帆新能源",
    "use_nature": "营业货车",
    "covered_from": "2026-07-01",
    "covered_until": "2027-06-30",
    "covers": [SUM],
    "premium_fen": 395000,
}
KIND: Final = "`compulsory` 交强险, `commercial` 商业险."
FROM: Final = "A day alone begins at 00:00 in the zone of who has the vehicle."
UNTIL: Final = "A day alone ends at its 24:00. Cover ends at this instant, and does not include it."


class InsuredSumIn(Input):
    """What is covered, and up to how much."""

    model_config = ConfigDict(json_schema_extra={"example": SUM})

    cover: Name = Field(
        description="`damage` 车损, `third_party` 三者, `occupants` 车上人员, or as it says."
    )
    sum_fen: Fen


class InsuredSumOut(BaseModel):
    """What is covered, and up to how much."""

    model_config = ConfigDict(json_schema_extra={"example": SUM})

    cover: str
    sum_fen: int


class PolicyChange(Input):
    """What a policy says, all of it."""

    model_config = ConfigDict(json_schema_extra={"example": TERMS})

    insurer: Name
    insured: Name | None = None
    use_nature: Name | None = Field(None, description="使用性质, as the policy names it.")
    covered_from: DayOrInstant = Field(description=FROM)
    covered_until: DayOrInstant = Field(description=UNTIL)
    covers: Annotated[list[InsuredSumIn], Field(max_length=20)] = Field(
        default_factory=list, description="Of a commercial policy."
    )
    premium_fen: Fen | None = Field(None, description="Null leaves what is known.")

    def terms(self) -> PolicyTerms:
        """As the service takes it."""
        return PolicyTerms(
            insurer=self.insurer,
            covered_from=self.covered_from,
            covered_until=self.covered_until,
            insured=self.insured,
            use_nature=self.use_nature,
            covers=tuple(InsuredSum(each.cover, each.sum_fen) for each in self.covers),
        )


class PolicyIn(PolicyChange):
    """A new policy."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"kind": "commercial", "policy_no": "PDAA202644030001", **TERMS}
        }
    )

    kind: PolicyKind = Field(description=KIND)
    policy_no: PaperNumber


class PolicyVoid(Input):
    """Why a policy never counted."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "录错车辆"}})

    reason: Line


class PolicyPaper(BaseModel):
    """What a policy says. Cover is [covered_from, covered_until)."""

    model_config = ConfigDict(json_schema_extra={"example": POLICY})

    kind: PolicyKind = Field(description=KIND)
    policy_no: str
    insurer: str
    insured: str | None
    use_nature: str | None
    covered_from: datetime
    covered_until: datetime
    covers: list[InsuredSumOut]
    voided_at: datetime | None
    voided_because: str | None
    version: int = Field(ge=1)

    @classmethod
    def of_paper(cls, policy: Policy) -> "PolicyPaper":
        """As the service gives it."""
        return cls(**told_of(policy))


class PolicyOut(PolicyPaper, RecordedOut):
    """A policy. Cover is [covered_from, covered_until). The premium stands among the costs."""

    model_config = ConfigDict(json_schema_extra={"example": {**RECORDED, **POLICY}})

    @classmethod
    def of(cls, recorded: Recorded[Policy]) -> "PolicyOut":
        """As the service gives it."""
        return cls(**about(recorded), **told_of(recorded.paper))


def told_of(policy: Policy) -> dict[str, Any]:
    """The fields of a policy."""
    same = set(POLICY) - {"covered_from", "covered_until", "covers"}
    covers = [InsuredSumOut(cover=each.cover, sum_fen=each.sum_fen) for each in policy.covers]
    return {
        **{name: getattr(policy, name) for name in same},
        "covered_from": policy.from_at,
        "covered_until": policy.until_at,
        "covers": covers,
    }


class GapOut(BaseModel):
    """A time [from_at, until_at) without cover, 脱保."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from_at": "2026-06-30T16:00:00Z",
                "until_at": "2026-07-02T16:00:00Z",
                "hours": 48.0,
            }
        }
    )

    from_at: datetime
    until_at: datetime
    hours: float


class OverlapOut(BaseModel):
    """A time [from_at, until_at) in which several policies were in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from_at": "2026-06-29T16:00:00Z",
                "until_at": "2026-06-30T16:00:00Z",
                "policy_nos": ["PDAA1", "PDAA2"],
            }
        }
    )

    from_at: datetime
    until_at: datetime
    policy_nos: list[str]


class CoverOut(BaseModel):
    """How a vehicle is insured by policies of a kind."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "compulsory",
                "covered": True,
                "policy_nos": ["PDZA202644030001"],
                "ends_at": "2027-06-30T16:00:00Z",
                "next_from_at": None,
                "gaps": [],
                "overlaps": [],
                "gap_weight": "critical",
            }
        }
    )

    kind: PolicyKind = Field(description=KIND)
    covered: bool = Field(description="Now.")
    policy_nos: list[str] = Field(description="Those in force now.")
    ends_at: datetime | None = Field(
        description="Where cover without a break ends, or ended; null: it never began."
    )
    next_from_at: datetime | None = Field(description="Where it begins again after that.")
    gaps: list[GapOut]
    overlaps: list[OverlapOut]
    gap_weight: GapWeight = Field(description="How bad a gap is at the vehicle's present stage.")

    @classmethod
    def of(cls, cover: Cover) -> "CoverOut":
        """As the service gives it."""
        return cls(
            kind=cover.state.kind,
            covered=cover.state.is_covered,
            policy_nos=[policy.policy_no for policy in cover.state.in_force],
            ends_at=cover.state.ends_at,
            next_from_at=cover.state.next_from_at,
            gaps=[
                GapOut(from_at=gap.from_at, until_at=gap.until_at, hours=gap.hours)
                for gap in cover.gaps
            ],
            overlaps=[
                OverlapOut(
                    from_at=each.from_at,
                    until_at=each.until_at,
                    policy_nos=list(each.policy_nos),
                )
                for each in cover.overlaps
            ],
            gap_weight=cover.gap_weight,
        )
