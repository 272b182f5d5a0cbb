"""Decides whether a goods vehicle needs a transport permit (道路运输证), and when it is looked at.

道路运输条例 §22, §24: plain goods vehicles up to the weight of the figures need none. Leaves out
people's qualifications and the business permit of the carrier.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from fleet.compliance.classes import VehicleClass
from fleet.compliance.cycles import ages, steps_of_technical
from fleet.compliance.model import Permit
from fleet.figures import PermitRules
from fleet.months import add_months

Need = Literal["required", "not_required", "unknown"]


def need_of(vehicle_class: VehicleClass, gvw_kg: int | None, rules: PermitRules) -> Need:
    """Whether a vehicle of that gross weight in kg needs a permit; "above" excludes the number.

    >>> from fleet.compliance.classes import classify
    >>> rules = PermitRules(above_gvw_kg=4500, review_months=12, technical_months=12,
    ...                     technical_months_old=6, old_from_months=120)
    >>> [need_of(classify("轻型厢式货车", "货运"), kg, rules) for kg in (4500, 4501, None)]
    ['not_required', 'required', 'unknown']
    """
    if vehicle_class.body == "passenger":
        return "not_required"
    if "hazmat" in vehicle_class.life:
        return "required"  # of plain goods only is it said that a light vehicle needs none
    if gvw_kg is None:
        return "unknown"
    if gvw_kg <= rules.above_gvw_kg:
        return "not_required"
    return "required" if vehicle_class.body == "goods" else "unknown"


def permit_on(permits: Iterable[Permit], *, on: date, now: datetime) -> Permit | None:
    """The permit that counts: of those issued by that day and not withdrawn, the last."""
    counted = [
        each
        for each in permits
        if each.issued_on <= on and (each.withdrawn_at is None or each.withdrawn_at > now)
    ]
    return max(counted, key=lambda each: (each.issued_on, each.permit_no), default=None)


def review_due_on(permit: Permit, rules: PermitRules) -> date:
    """The last day to have it reviewed: as written on it, else so many months after its issue.

    >>> rules = PermitRules(above_gvw_kg=4500, review_months=12, technical_months=12,
    ...                     technical_months_old=6, old_from_months=120)
    >>> review_due_on(Permit("1", "A", date(2024, 2, 29)), rules)
    datetime.date(2025, 2, 28)
    """
    return permit.reviewed_to_on or add_months(permit.issued_on, rules.review_months)


def next_technical_on(registered_on: date, rules: PermitRules, *, after_on: date) -> date:
    """The first technical inspection after a day, counted from registration.

    >>> rules = PermitRules(above_gvw_kg=4500, review_months=12, technical_months=12,
    ...                     technical_months_old=6, old_from_months=120)
    >>> [str(next_technical_on(date(2015, 3, 31), rules, after_on=day))
    ...  for day in (date(2025, 3, 30), date(2025, 3, 31), date(2025, 9, 30))]
    ['2025-03-31', '2025-09-30', '2026-03-31']
    """
    days = (add_months(registered_on, age) for age in ages(steps_of_technical(rules)))
    return next(day for day in days if day > after_on)


def technical_due_on(permit: Permit, registered_on: date | None, rules: PermitRules) -> date:
    """The last day for the technical inspection: as written down, else the first after its issue.

    Without a licence nothing tells the vehicle's age: then it is counted from the issue.
    """
    if permit.technical_to_on is not None:
        return permit.technical_to_on
    if registered_on is None:
        return add_months(permit.issued_on, rules.technical_months)
    return next_technical_on(registered_on, rules, after_on=permit.issued_on)


def is_held_by(permit: Permit, names: Iterable[str]) -> bool:
    """Whether its holder is one of these, however wide the brackets of the name are written.

    >>> permit = Permit("1", "粤通物流（深圳）有限公司", date(2026, 1, 5))
    >>> is_held_by(permit, ["粤通物流(深圳)有限公司"]), is_held_by(permit, ["华东分公司"])
    (True, False)
    """
    return _plain(permit.holder) in {_plain(name) for name in names}


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
