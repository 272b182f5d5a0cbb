"""The figures the migrations bring, and papers to decide about, without a database."""

import json
import re
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from fleet.compliance.model import (
    Inspection,
    InspectionForm,
    Licence,
    Permit,
    Policy,
    PolicyKind,
    Rules,
    VehiclePapers,
)
from fleet.figures import (
    BatteryTestLimits,
    Figures,
    InspectionIntervals,
    InspectionOverdue,
    InspectionWindow,
    InsuredUse,
    Intervals,
    PermitRules,
    RenewalWindows,
    ScrapRisk,
    ServiceLife,
)

MIGRATIONS: Final = Path(__file__).parents[3] / "schemas" / "migrations"
ROW: Final = re.compile(r"\('([a-z_.]+)', '(\d{4}-\d\d-\d\d)', '(\{.*?\})',\s*'", re.DOTALL)
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

Kind = TypeVar("Kind", bound=Figures)


@cache
def _rows() -> list[tuple[str, date, dict[str, Any]]]:
    text = (MIGRATIONS / "0009_papers.sql").read_text(encoding="utf-8")
    return [
        (name, date.fromisoformat(on), json.loads(body)) for name, on, body in ROW.findall(text)
    ]


def figures(kind: type[Kind], *, on: date) -> Kind:
    known = [(since, body) for name, since, body in _rows() if name == kind.name and since <= on]
    return kind.model_validate(max(known, key=lambda each: each[0])[1])


def rules(on: date = date(2026, 11, 21)) -> Rules:
    return Rules(
        intervals=figures(InspectionIntervals, on=on),
        window=figures(InspectionWindow, on=on),
        overdue=figures(InspectionOverdue, on=on),
        scrap=figures(ScrapRisk, on=on),
        life=figures(ServiceLife, on=on),
        renewal=figures(RenewalWindows, on=on),
        insured_use=figures(InsuredUse, on=on),
        permit=figures(PermitRules, on=on),
        battery=figures(BatteryTestLimits, on=on),
    )


def battery_rules(*, required: bool, every_months: int | None) -> Rules:
    known = rules()
    limits = known.battery.model_copy(update={"required": required, "every_months": every_months})
    return replace(known, battery=limits)


def intervals(of: str) -> Intervals:
    found: Intervals = getattr(rules().intervals, of)
    return found


def noon(text: str) -> datetime:
    """Midday of a day in Shanghai."""
    return at(f"{text} 12:00")


def at(text: str) -> datetime:
    """An instant by the clocks of Shanghai; 24:00 is the end of a day."""
    day, clock = text.split(" ")
    if clock == "24:00":
        return at(f"{date.fromordinal(date.fromisoformat(day).toordinal() + 1)} 00:00")
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


def licence(
    vehicle_type: str = "轻型厢式货车",
    use_nature: str = "货运",
    registered_on: str = "2019-05-10",
    *,
    gvw_kg: int | None = 4495,
    seats: int | None = None,
    stricter: bool = False,
) -> Licence:
    return Licence(
        vehicle_type,
        use_nature,
        date.fromisoformat(registered_on),
        gvw_kg=gvw_kg,
        seats=seats,
        stricter=stricter,
    )


def passed(on: str, valid_to: str, form: InspectionForm = "line") -> Inspection:
    return Inspection(form, date.fromisoformat(on), passed=True, valid_to_on=day(valid_to))


def failed(on: str) -> Inspection:
    return Inspection("line", date.fromisoformat(on), passed=False, valid_to_on=None)


def policy(
    no: str,
    from_at: str,
    until_at: str,
    kind: PolicyKind = "compulsory",
    *,
    use_nature: str | None = "营业货车",
    voided: bool = False,
) -> Policy:
    return Policy(
        kind,
        no,
        "PICC",
        at(from_at),
        at(until_at),
        use_nature=use_nature,
        voided_at=at(from_at) if voided else None,
        voided_because="typed twice" if voided else None,
    )


def permit(
    no: str = "440300000001",
    *,
    holder: str = "粤通物流有限公司",
    issued: str = "2024-06-15",
    valid_to: str | None = "2028-06-14",
    reviewed_to: str | None = None,
    technical_to: str | None = None,
    withdrawn_at: datetime | None = None,
) -> Permit:
    return Permit(
        no,
        holder,
        date.fromisoformat(issued),
        valid_to_on=None if valid_to is None else date.fromisoformat(valid_to),
        reviewed_to_on=None if reviewed_to is None else date.fromisoformat(reviewed_to),
        technical_to_on=None if technical_to is None else date.fromisoformat(technical_to),
        withdrawn_at=withdrawn_at,
    )


def day(text: str) -> date:
    return date.fromisoformat(text)


IN_ORDER: Final = VehiclePapers(
    vehicle_id=1,
    vin="LSGPC52U6AF102554",
    tenant_id=1,
    zone="Asia/Shanghai",
    stage="in_stock",
    licence=licence(),
    inspections=(passed("2026-04-20", "2027-05-31"),),
    policies=(
        policy("JQ1", "2026-07-01 00:00", "2027-06-30 24:00"),
        policy("SY1", "2026-07-01 00:00", "2027-06-30 24:00", "commercial"),
    ),
    battery_chemistry="lfp",
    holder_names=("粤通物流有限公司", "华南区域中心"),
)
"""A light goods vehicle of which everything is in order on 2026-11-21."""
TODAY: Final = noon("2026-11-21")


def papers(**changes: Any) -> VehiclePapers:
    """Those in order, but for what is named."""
    return replace(IN_ORDER, **changes)
