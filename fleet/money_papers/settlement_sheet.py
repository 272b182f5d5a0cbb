"""Decides what stands on the paper of a settlement of shares 分成结算单, from its frozen content.

Leaves out how the share comes about (`fleet/shares`) and the layout (`settlement.typ`).
"""

from typing import Any, Final

from fleet.capitals import in_capitals
from fleet.money_papers.words import BLANK, Rows, Told, figures, priced, rate

HEAD: Final = [*("序号", "车牌号", "车架号", "天数", "计算基数", "按比例分成", "保底", "应结金额")]
CORRECTIONS_HEAD: Final = ["月份", "车架号", "原结算金额", "更正后金额", "差额"]
BASES: Final = {"earned": "当月确认的不含税收入", "received": "当月实收款项"}


def settlement_sheet(content: Told) -> dict[str, Any]:
    """A settlement as `settlement.typ` sets it."""
    settled_on = content["settled_on"]
    owner, operator = content.get("owner") or {}, content.get("operator") or {}
    month = str(content["month_on"])[:7]
    basis = BASES.get(str(content.get("basis")), BLANK)
    pct = rate(str(content["share_pct"])) if content.get("share_pct") is not None else BLANK
    floor = content.get("floor_fen") or 0
    vehicles = content.get("vehicles") or []
    return {
        "title": "分成结算单",
        "number": f"{month}　{operator.get('code') or ''}",
        "sender": owner.get("name") or "",
        "foot": f"结算日期 {settled_on}",
        "facts": [
            ["结算月份", month],
            ["结算日期", settled_on],
            ["计算基数", basis],
            ["分成比例", pct],
            ["每车月保底", priced(floor)],
            ["车辆数", str(len(vehicles))],
        ],
        "owner_heading": "车辆所有方（收取分成）",
        "owner": _party(owner),
        "operator_heading": "运营方（支付分成）",
        "operator": _party(operator),
        "rows_heading": "车辆明细",
        "head": HEAD,
        "rows": [_row(number, vehicle) for number, vehicle in enumerate(vehicles, 1)],
        "closing": _closing(content, vehicles),
        "corrections_heading": "以前月份更正",
        "corrections_head": CORRECTIONS_HEAD,
        "corrections": [_correction(one) for one in content.get("corrections") or []],
        "total_label": "应结合计（大写）",
        "total_capitals": in_capitals(content["amount_fen"]),
        "total_figures": f"（小写）{priced(content['amount_fen'])}",
        "notes_heading": "说明",
        "notes": [
            f"每辆车应结金额为{basis}乘以分成比例 {pct} 与保底金额二者中的较高者。",
            "保底按该车当月由运营方使用的天数占当月天数折算。",
            "金额单位：人民币元。本单据为结算凭据，不是发票。",
        ],
        "confirm": [
            ["所有方（盖章）", "日期："],
            ["运营方（盖章）", "日期："],
        ],
    }


def _party(party: Told) -> Rows:
    return [["名称", party.get("name") or BLANK], ["组织编码", party.get("code") or BLANK]]


def _row(number: int, vehicle: Told) -> list[str]:
    days, of_days = vehicle.get("days"), vehicle.get("of_days")
    return [
        str(number),
        vehicle.get("plate") or "",
        vehicle.get("vin") or "",
        f"{days}/{of_days}" if of_days else str(days if days is not None else ""),
        *(figures(vehicle.get(name)) for name in ("basis_fen", "share_fen", "floor_fen")),
        figures(vehicle["amount_fen"]),
    ]


def _correction(one: Told) -> list[str]:
    """A month that was settled otherwise than it is now."""
    amounts = [figures(one[name]) for name in ("was_fen", "is_fen", "amount_fen")]
    return [str(one["month_on"])[:7], one["vin"], *amounts]


def _closing(content: Told, vehicles: list[Told]) -> Rows:
    """The sum of the vehicles, and what else makes up the amount where something does."""
    sums = [
        sum(vehicle.get(name) or 0 for vehicle in vehicles)
        for name in ("basis_fen", "share_fen", "floor_fen", "amount_fen")
    ]
    rows: Rows = [["", "合计", "", "", *map(figures, sums)]]
    corrected = sum(one["amount_fen"] for one in content.get("corrections") or [])
    for words, fen in (
        ("以前月份更正", corrected),
        ("上月结转", content.get("carried_in_fen") or 0),
        ("结转下月", -(content.get("carried_out_fen") or 0)),
    ):
        if fen:
            rows.append(["", words, "", "", "", "", "", figures(fen)])
    if len(rows) > 1:
        rows.append(["", "本月应结", "", "", "", "", "", figures(content["amount_fen"])])
    return rows
