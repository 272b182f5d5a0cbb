"""Decides whether a row of a sheet of models can be taken."""

import re
from collections.abc import Mapping
from typing import Any, Final

from fleet.row_problems import RowProblem, reserved

FIELDS: Final = (
    "name",
    "maker",
    "body_type",
    "gvw_kg",
    "battery_kwh",
    "battery_chemistry",
    "rated_range_km",
    "box_volume_m3",
)
"""What a row may say of a model beside its code."""
NEEDED: Final = {"name": "型号名称", "maker": "厂商", "body_type": "车辆类型"}
CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def check_model_row(
    row: Mapping[str, Any], known: Mapping[str, Any] | None, code_of_name: Mapping[str, str]
) -> list[RowProblem]:
    """What is wrong with a row, beside the model of its code as it is, if there is one.

    `code_of_name` tells which model has a name.

    >>> check_model_row({"code": "ec35", "name": "EC35", "maker": "瑞驰"}, None, {})[0].field
    'body_type'
    """
    problems = []
    if not CODE.fullmatch(row["code"]):
        problems.append(
            RowProblem(
                "model_code_malformed",
                "code",
                "a code is 1–63 of a–z, 0–9 and hyphen",
                "型号编码为 1–63 个小写字母、数字或连字符",
            )
        )
    if known is None:
        problems += reserved(row["code"], "code")
        problems += [
            RowProblem(
                "model_incomplete",
                name,
                f"a new model needs its {name}",
                f"新型号须填写{chinese}",
            )
            for name, chinese in NEEDED.items()
            if row.get(name) is None
        ]
    other = code_of_name.get(row.get("name") or "", row["code"])
    if other != row["code"]:
        problems.append(
            RowProblem(
                "model_name_taken",
                "name",
                f"model {other} has this name",
                f"型号 {other} 已用此名称",
            )
        )
    return problems
