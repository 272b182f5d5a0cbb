"""Sends sheets to the API and waits for what becomes of them."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from fastapi.testclient import TestClient
from httpx2 import Response

from api.deps import AppState
from fleet.registry.vin import compute_check_digit
from fleet.sheets import jobs
from tests.reliability.process import wait_until

IMPORTS: Final = "/api/v1/imports"
PATIENCE_S: Final = 40.0
"""For a process that starts, imports everything and reads a few rows, on a machine that is busy."""
ASLEEP_MS: Final = 60_000
"""An API that looks for sheets as seldom as this leaves them to the test."""
Rows = Sequence[Sequence[Any]]
VEHICLES: Final = (
    *("车架号", "号牌号码", "车型", "所属公司"),
    *("初次登记日期", "车辆类型", "使用性质", "年检到期"),
)
PURCHASED: Final = ("购置日期", "购置价格(元)", "折旧方法", "折旧月数", "残值率", "里程")


def vehicle_rows(*numbers: int) -> list[list[Any]]:
    """Rows under VEHICLES, of vehicles that alpha-south operates."""
    return [
        [
            *(vin_of(number), f"粤BD{number:05d}", "瑞驰 EC35", "alpha-south"),
            *("2023-05-10", "微型厢式货车", "货运", "2027年5月"),
        ]
        for number in numbers
    ]


def bad_and_good(first: int) -> Rows:
    """One good row and five bad ones."""
    good, short, twice, strange, dated = vehicle_rows(*range(first, first + 5))
    return [
        VEHICLES,
        good,
        [short[0][:-1], *short[1:]],
        twice,
        twice,
        [*strange[:3], "omega-depot", *strange[4:]],
        [*dated[:4], "2023-13-45", *dated[5:]],
    ]


def sheets_of(first: int, second: int) -> list[tuple[str, Rows]]:
    """Sheets of every kind about two vehicles, in the order in which they are brought in."""
    vins = [vin_of(first), vin_of(second)]
    bought = ("瑞驰 EC35X", "冷链、城配", "2023-04-20", "68,500.00", "直线法", 60, "5%", 35120.5)
    cover = ("2026-07-01", "2027-06-30")
    return [
        (
            "models",
            [
                ("车型编码", "名称", "厂家", "车身类型", "电池容量(kWh)", "电池类型", "续航"),
                ("ec35x", "瑞驰 EC35X", "瑞驰", "微型厢式货车", "38.70", "磷酸铁锂", 270),
            ],
        ),
        (
            "vehicles",
            [
                (*VEHICLES, "车型编码", "标签", *PURCHASED),
                *([*row, *bought] for row in vehicle_rows(first, second)),
            ],
        ),
        (
            "policies",
            [
                ("车架号", "险种", "保单号", "保险公司", "起保日期", "终保日期", "保费", "三者"),
                *((vin, "交强险", f"PD {vin}", "人保财险", *cover, 950, None) for vin in vins),
                (vins[0], "商业险", f"SY{vins[0]}", "平安", *cover, None, "200万"),
            ],
        ),
        (
            "inspections",
            [
                ("车牌号", "检验日期", "结果", "有效期至", "检测站", "费用"),
                (f"粤BD{first:05d}", "2026-05-12", "合格", "2027.5", "龙岗", "320"),
                (f"粤BD{second:05d}", "2026-05-13", "不合格", None, "龙岗", None),
            ],
        ),
        (
            "work_orders",
            [
                (
                    *("维修单号", "VIN", "类型", "状态", "维修内容"),
                    *("进厂日期", "出厂日期", "费用", "停驶开始"),
                ),
                (
                    *(f"wx-{first}", vins[0], "维修", "已关闭", "换刹车片"),
                    *("2026-05-01", "2026-05-03", 480, None),
                ),
                (
                    *(f"wx-{second}", vins[1], "保养", "处理中", "首保"),
                    *("2026-06-01", None, None, "2026-06-01 9:00"),
                ),
            ],
        ),
    ]


def csv_of(rows: Rows) -> bytes:
    """The rows as a .csv of UTF-8 with a mark, as Excel writes it."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def vin_of(number: int, series: str = "LZS") -> str:
    """A VIN with its check digit, another for each number."""
    vin = f"{series}77RMP0SH{number:06d}"
    return vin[:8] + compute_check_digit(vin) + vin[9:]


def send(
    client: TestClient, kind: str, content: bytes | Rows, *, name: str = "a.csv", **more: str
) -> Response:
    """The answer to a sheet."""
    body = content if isinstance(content, bytes) else csv_of(content)
    return client.post(
        IMPORTS,
        params={"kind": kind, "file_name": name, **more},
        content=body,
        headers={
            "Idempotency-Key": uuid4().hex,
            "Content-Type": "application/octet-stream",
        },
    )


def settled(client: TestClient, key: str) -> dict[str, Any]:
    """The import once nobody works on it any more.

    Where the API's own worker sleeps, its work is done here, without a process of its own.
    """
    state: AppState = client.app.state.guanche  # type: ignore[attr-defined]
    if state.settings.import_poll_ms >= ASLEEP_MS:
        work_on_all(state)
    found: dict[str, Any] = {}

    def is_settled() -> bool:
        answer = client.get(f"{IMPORTS}/{key}")
        assert answer.status_code == 200, answer.text
        found.update(answer.json())
        return found["state"] in ("checked", "applied", "failed")

    wait_until(is_settled, within_s=PATIENCE_S, what="the import is worked on")
    return found


def work_on_all(state: AppState) -> None:
    """Do what the worker would do, for every import that waits."""
    while True:
        with state.pool.connection() as conn:
            claim = jobs.claim_next(conn)
        if claim is None:
            return
        jobs.run_import(state.settings, claim)


def checked(client: TestClient, kind: str, content: bytes | Rows, **more: str) -> dict[str, Any]:
    """The import of a sheet, looked at."""
    sent = send(client, kind, content, **more)
    assert sent.status_code == 202, sent.text
    return settled(client, sent.json()["key"])


def ask_to_apply(client: TestClient, found: dict[str, Any], mode: str) -> Response:
    """The answer to an application."""
    return client.post(
        f"{IMPORTS}/{found['key']}/apply",
        json={"mode": mode},
        headers={"If-Match": f'"{found["version"]}"'},
    )


def applied(
    client: TestClient, found: dict[str, Any], mode: str = "all_or_nothing"
) -> dict[str, Any]:
    """The import, applied."""
    asked = ask_to_apply(client, found, mode)
    assert asked.status_code == 202, asked.text
    return settled(client, found["key"])


def rows_of(client: TestClient, found: dict[str, Any], **filters: Any) -> list[dict[str, Any]]:
    """Its rows, all pages."""
    rows: list[dict[str, Any]] = []
    after = None
    while True:
        params = {**filters, **({"after": after} if after else {})}
        page = client.get(f"{IMPORTS}/{found['key']}/rows", params=params).json()
        rows += page["items"]
        after = page["next"]
        if after is None:
            return rows


def counts(found: dict[str, Any]) -> tuple[int, int, int, int]:
    """(new, changed, same, bad)."""
    return tuple(found[f"rows_{name}"] for name in ("new", "changed", "same", "bad"))
