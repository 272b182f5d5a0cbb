"""A sheet over HTTP: sent, looked at by the worker, shown, applied, sent again."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.import_hands import applied, checked, counts, rows_of, vin_of
from tests.api.served import Served

VEHICLES = ("车架号", "号牌号码", "车型", "所属公司", "初次登记日期", "车辆类型", "使用性质", "年检到期")


@pytest.fixture
def manager(api: Served) -> TestClient:
    """A manager at the head of alpha."""
    return api.person("alpha.manager")


def vehicle_rows(*numbers: int) -> list[list[Any]]:
    return [
        [
            *(vin_of(number), f"粤BD{number:05d}", "瑞驰 EC35", "alpha-south", "2023-05-10"),
            *("微型厢式货车", "货运", "2027年5月"),
        ]
        for number in numbers
    ]


def test_a_sheet_is_looked_at_first_and_applied_then(api: Served, manager: TestClient) -> None:
    sheet = [VEHICLES, *vehicle_rows(101, 102)]
    found = checked(manager, "vehicles", sheet)
    assert (found["state"], found["problem"]) == ("checked", None)
    assert counts(found) == (2, 0, 0, 0)
    assert manager.get(f"/api/v1/vehicles/{vin_of(101)}").status_code == 404
    [first, _] = rows_of(manager, found)
    assert (first["row_no"], first["outcome"], first["key"]) == (2, "new", vin_of(101))
    assert first["changes"]["operator"] == [None, "alpha-south"]
    done = applied(manager, found)
    assert (done["state"], done["problem"]) == ("applied", None)
    card = manager.get(f"/api/v1/vehicles/{vin_of(101)}").json()
    assert card["plate"] == "粤BD00101"
    again = checked(manager, "vehicles", sheet)
    assert counts(again) == (0, 0, 2, 0)
