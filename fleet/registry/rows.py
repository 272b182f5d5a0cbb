"""Decides whether a row of a sheet of vehicles can be taken.

A row holds what is known of a vehicle by the names of the sheet; what is absent or None is left as
it is. Leaves out how a cell is read (`fleet/sheets`).
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fleet.registry.stages import may_follow
from fleet.row_problems import RowProblem

Row = Mapping[str, Any]
FIELDS: Final = (
    "vin",
    "plate",
    "model_code",
    "model",
    "owner",
    "operator",
    "depot",
    "stage",
    "tags",
    "purchased_on",
    "price_fen",
    "depreciation_method",
    "useful_life_months",
    "residual_pct",
    "odometer_km",
)
"""What a row may say of a vehicle."""
PURCHASE: Final = (
    "purchased_on",
    "price_fen",
    "depreciation_method",
    "useful_life_months",
    "residual_pct",
)
MOST_TAGS: Final = 20
LONGEST_TAG: Final = 30


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row may name: organisations in sight with all they stand at or below, models, and who
    bears a plate.
    """

    above: Mapping[str, frozenset[str]]
    model_codes: frozenset[str]
    vin_of_plate: Mapping[str, str]


def check_vehicle_row(row: Row, known: Row | None, around: Surroundings) -> list[RowProblem]:
    """What is wrong with a row, beside the vehicle of its VIN as it is, if it is known."""
    problems = _of_identity(row, known, around) + _of_purchase(row, known)
    if known is None:
        return problems + _of_newcomer(row, around)
    return problems + _of_known(row, known)


def said_of(rows: Iterable[Row], field: str) -> list[Any]:
    """What the rows say of a field, each once.

    >>> said_of([{"plate": "A"}, {}, {"plate": None}], "plate")
    ['A']
    """
    return list(dict.fromkeys(row[field] for row in rows if row.get(field) is not None))


def verbs_for(new: Sequence[Row], known: Sequence[Row]) -> list[str]:
    """The permissions that writing these rows takes.

    >>> verbs_for([], [{"vin": "LSGPC52U6AF102554", "stage": "let"}])
    ['vehicle.change', 'vehicle.change_stage']
    """
    rows = [*new, *known]
    asked: dict[str, Any] = {
        "vehicle.create": new,
        "vehicle.change": known,
        "vehicle.change_stage": said_of(known, "stage"),
        "purchase.change": any(row.get(name) is not None for row in rows for name in PURCHASE),
        "odometer.record": said_of(rows, "odometer_km"),
    }
    return [verb for verb, needed in asked.items() if needed]


def tidy_tags(tags: Iterable[str]) -> list[str]:
    """The tags, each once, half-width and without surrounding space, in their order.

    >>> tidy_tags([" 冷链 ", "", "冷链", "Ａ 1"])
    ['冷链', 'A 1']
    """
    plain = (" ".join(unicodedata.normalize("NFKC", tag).split()) for tag in tags)
    return list(dict.fromkeys(tag for tag in plain if tag))


def tags_fit(tags: list[str]) -> bool:
    """Whether they are few and short enough."""
    return len(tags) <= MOST_TAGS and all(len(tag) <= LONGEST_TAG for tag in tags)


def _of_identity(row: Row, known: Row | None, around: Surroundings) -> list[RowProblem]:
    problems = []
    bearer = around.vin_of_plate.get(row.get("plate") or "", row["vin"])
    if bearer != row["vin"]:
        problems.append(
            RowProblem(
                "plate_taken",
                "plate",
                f"vehicle {bearer} bears this plate",
                f"号牌已被车辆 {bearer} 使用",
            )
        )
    code = row.get("model_code")
    if code is not None and code not in around.model_codes:
        problems.append(
            RowProblem("model_not_found", "model_code", f"no model {code}", f"没有型号 {code}")
        )
    for field in ("owner", "operator", "depot"):
        code = row.get(field)
        if code is not None and code not in around.above:
            problems.append(_no_organisation(field, code))
    holder = _holder(known or row)
    depot = row.get("depot")
    if depot is not None and depot in around.above and holder not in around.above[depot]:
        problems.append(
            RowProblem(
                "depot_not_of_operator",
                "depot",
                f"{depot} does not stand below {holder}",
                f"{depot} 不在 {holder} 之下",
            )
        )
    if not tags_fit(row.get("tags") or []):
        problems.append(
            RowProblem(
                "tags_too_many",
                "tags",
                f"at most {MOST_TAGS} tags of {LONGEST_TAG} characters",
                f"标签最多 {MOST_TAGS} 个，每个最多 {LONGEST_TAG} 字",
            )
        )
    return problems


def _of_newcomer(row: Row, around: Surroundings) -> list[RowProblem]:
    if row.get("owner") is None:
        return [
            RowProblem("owner_missing", "owner", "a new vehicle has an owner", "新车须填写产权方")
        ]
    owner, operator = row["owner"], row.get("operator")
    roots = [around.above.get(code, frozenset()) for code in (owner, operator or owner)]
    if all(roots) and not roots[0] & roots[1]:
        return [
            RowProblem(
                "operator_in_other_tenant",
                "operator",
                "the operator stands in another tree than the owner",
                "运营方与产权方不属于同一平台",
            )
        ]
    return []


def _of_known(row: Row, known: Row) -> list[RowProblem]:
    if not known["held"]:
        return [
            RowProblem(
                "vehicle_not_yours", "vin", "the vehicle is not yours any more", "车辆已不属于贵方"
            )
        ]
    problems = [
        RowProblem(
            f"{field}_not_changed",
            field,
            f"the {field} is {known[field]}; a sheet does not change it",
            f"{chinese}现为 {known[field]}，不能通过表格变更",
        )
        for field, chinese in (("owner", "产权方"), ("operator", "运营方"))
        if row.get(field) is not None and known[field] is not None and row[field] != known[field]
    ]
    was, stage = known["stage"], row.get("stage")
    if stage is not None and was is not None and stage != was and not may_follow(was, stage):
        problems.append(
            RowProblem(
                "stage_not_reachable",
                "stage",
                f"it does not go from {was} to {stage}",
                f"不能由 {was} 变更为 {stage}",
            )
        )
    return problems


def _of_purchase(row: Row, known: Row | None) -> list[RowProblem]:
    if all(row.get(field) is None for field in PURCHASE):
        return []
    if known is not None and known["held"] and known["owner"] is None:
        return [
            RowProblem(
                "purchase_not_yours",
                "purchased_on",
                "the purchase is its owner's business",
                "购置信息由产权方登记",
            )
        ]
    whole = {
        field: row[field] if row.get(field) is not None else (known or {}).get(field)
        for field in PURCHASE
    }
    needed = {"purchased_on": "购置日期", "price_fen": "购置价"}
    if whole["depreciation_method"] not in (None, "none"):
        needed |= {"useful_life_months": "折旧年限", "residual_pct": "残值率"}
    return [
        RowProblem(
            "purchase_incomplete",
            field,
            f"a purchase needs its {field}",
            f"购置信息须填写{chinese}",
        )
        for field, chinese in needed.items()
        if whole[field] is None
    ]


def _holder(row: Row) -> str | None:
    holder: str | None = row.get("operator") or row.get("owner")
    return holder


def _no_organisation(field: str, code: str) -> RowProblem:
    return RowProblem(
        "organisation_not_found", field, f"no organisation {code}", f"没有组织 {code}"
    )
