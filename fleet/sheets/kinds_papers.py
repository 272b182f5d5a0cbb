"""The sheets of insurance policies and of inspections: their columns, and what must hold in a row.

A vehicle is named by its VIN or its plate. Cover begins and ends at instants; where a sheet names
days, it begins with the first and ends with the last one. Leaves out gaps and due dates, which
`fleet/compliance` decides.
"""

from typing import Any, Final

from fleet.sheets.cells import (
    money_at_least,
    parse_choice,
    parse_code,
    parse_text,
)
from fleet.sheets.dates import parse_date, parse_instant, parse_month
from fleet.sheets.importing import ImportKind, Told
from fleet.sheets.kinds_vehicles import PLATE_WORDS, VIN_WORDS
from fleet.sheets.model import Column, Kind, Problem

POLICY_KINDS: Final = {
    **dict.fromkeys(("compulsory", "交强险", "交强", "强制险", "强险"), "compulsory"),
    **dict.fromkeys(("commercial", "商业险", "商业", "商业保险"), "commercial"),
}
INSPECTION_FORMS: Final = {
    **dict.fromkeys(("line", "on the line", "上线检验", "上线", "检测线", "线上检测"), "line"),
    **dict.fromkeys(("sticker", "mark only", "免检", "申领标志", "免上线", "领标"), "sticker"),
    **dict.fromkeys(("免上线申领标志", "免上线检验"), "sticker"),
    **dict.fromkeys(("printed", "read off the licence", "行驶证记载", "行驶证"), "printed"),
}
_PASSED_WORDS: Final = {
    **dict.fromkeys(("passed", "pass", "yes", "true", "合格", "通过", "是"), "passed"),
    **dict.fromkeys(("failed", "fail", "no", "false", "不合格", "未通过", "否"), "failed"),
}
_parse_passed_word: Final = parse_choice(_PASSED_WORDS)


def parse_unspaced(cell: Any) -> str:
    """A number that is written in groups here and there, without the spaces."""
    return "".join(parse_text(cell).split())


NAMED_VIN: Final = Column(
    *("vin", "车架号", "VIN", VIN_WORDS, parse_code),
    example="LSGPC52U6AF102554",
    meaning_en="VIN or plate: one of the two names the vehicle.",
    meaning_zh="车架号和车牌号至少填一项。",
)
NAMED_PLATE: Final = Column(
    *("plate", "车牌号", "Plate", PLATE_WORDS, parse_code),
    example="粤BD12345",
    meaning_en="VIN or plate: one of the two names the vehicle.",
    meaning_zh="车架号和车牌号至少填一项。",
)
SUMS: Final = ("damage_fen", "third_party_fen", "occupants_fen")


def parse_passed(cell: Any) -> bool:
    """Whether an inspection was passed: 合格, 通过, yes … or 不合格, 未通过, no …

    Raises:
        CellProblem: another word.
    """
    word = ("no", "yes")[cell] if isinstance(cell, bool) else cell
    return bool(_parse_passed_word(word) == "passed")


def _ends_before_it_begins(row: Told) -> Problem | None:
    from_at, until_at = row.get("covered_from_at"), row.get("covered_until_at")
    if from_at is None or until_at is None or from_at < until_at:
        return None
    en, zh = "the cover ends before it begins", "保险止期须晚于起期"
    return Problem("covered_until_at", "ends_before_it_begins", en, zh)


def _passed_without_month(row: Told) -> Problem | None:
    if row.get("passed") is None or row["passed"] == (row.get("valid_to") is not None):
        return None
    return Problem(
        *("valid_to", "valid_to_when_passed"),
        "a passed inspection says until which month it is valid, a failed one does not",
        "检验合格须填写有效期至的年月，不合格则不填",
    )


def _complete_inspection(row: dict[str, Any]) -> None:
    if row.get("passed") is None:
        row["passed"] = row.get("valid_to") is not None


def _sum(name: str, zh: str, en: str, words: tuple[str, ...], yuan: int) -> Column:
    return Column(name, zh, en, words, money_at_least(0), holds="money", example=yuan * 100)


POLICIES: Final = ImportKind(
    Kind(
        *("policies", "保险", "Policies"),
        (
            NAMED_VIN,
            NAMED_PLATE,
            Column(
                *("kind", "险种", "Kind", ("保险类型", "保险种类", "险别", "类型")),
                parse_choice(POLICY_KINDS),
                holds="choice",
                choices=("交强险", "商业险"),
                example="交强险",
            ),
            Column(
                *("policy_no", "保单号", "Policy no"),
                ("保单号码", "保险单号", "保单编号", "保险单号码", "policy number"),
                parse_unspaced,
                required=True,
                key=True,
                example="PDZA202644030000012345",
            ),
            Column(
                *("insurer", "保险公司", "Insurer", ("承保公司", "保险人", "承保单位")),
                parse_text,
                example="人保财险",
            ),
            Column(
                *("insured", "被保险人", "Insured", ("投保人", "被保人", "投保单位")),
                parse_text,
                example="深圳前行新能源有限公司",
            ),
            Column(
                *("use_nature", "使用性质", "Use nature", ("保单使用性质", "投保使用性质")),
                parse_text,
                example="营业货车",
            ),
            Column(
                *("covered_from_at", "起保日期", "Covered from"),
                ("保险起期", "起期", "生效日期", "保险开始日期", "保险起始日期", "起保时间"),
                parse_instant(),
                holds="instant",
                example="2026-07-01",
                meaning_en="A day begins at 00:00; a time may stand behind it.",
                meaning_zh="填日期即当日 00:00 起，也可填到时分。",
            ),
            Column(
                *("covered_until_at", "终保日期", "Covered until"),
                (
                    *(
                        "保险止期",
                        "止期",
                        "到期日",
                        "到期日期",
                        "保险到期日",
                        "保险到期",
                        "终保时间",
                    ),
                    *("保险终期", "保险结束日期", "失效日期", "交强险到期", "商业险到期"),
                    *("交强险到期日", "商业险到期日", "交强险到期日期", "商业险到期日期"),
                ),
                parse_instant(day="end"),
                holds="instant",
                example="2027-06-30",
                meaning_en="A day counts to its end, 24:00; a time may stand behind it.",
                meaning_zh="填日期即当日 24:00 止，也可填到时分。",
            ),
            Column(
                *("premium_fen", "保费", "Premium"),
                ("保费", "保险费", "保费合计", "保费金额", "含税保费", "premium"),
                money_at_least(0),
                holds="money",
                example=950,
            ),
            _sum("damage_fen", "车损险保额", "Damage sum", ("车损", "车损保额"), 68_500),
            _sum(
                *("third_party_fen", "三者险保额", "Third party sum"),
                ("三者", "三者险", "三者保额", "第三者责任险", "三责险"),
                2_000_000,
            ),
            _sum(
                *("occupants_fen", "车上人员险保额", "Occupants sum"),
                ("车上人员", "车上人员险", "座位险", "车上人员责任险"),
                20_000,
            ),
        ),
        note_zh="按保单号识别；空白单元格保留原值。",
        note_en="A policy is known by its number; a blank cell leaves what is there.",
    ),
    key_fields=("policy_no",),
    may_add="paper.record",
    may_change="paper.record",
    checks=(_ends_before_it_begins,),
    needed_when_new=("kind", "insurer", "covered_from_at", "covered_until_at"),
    kept={
        "vin": Problem(
            *("vin", "policy_of_another_vehicle"),
            "the policy is there already, of another vehicle",
            "该保单号已登记在其他车辆上",
        ),
        "kind": Problem(
            *("kind", "not_changed_by_sheet"),
            "a policy does not become one of another kind",
            "已登记保单的险种不能更改",
        ),
    },
    restricted={"premium_fen": ("cost.read",)},
    names_vehicle=True,
)

INSPECTIONS: Final = ImportKind(
    Kind(
        *("inspections", "年检", "Inspections"),
        (
            NAMED_VIN,
            NAMED_PLATE,
            Column(
                *(
                    "form",
                    "检验方式",
                    "Form",
                    ("检验形式", "年检方式", "检验类型", "年检类型", "way"),
                ),
                parse_choice(INSPECTION_FORMS),
                holds="choice",
                choices=("上线检验", "免检", "行驶证记载"),
                example="上线检验",
                meaning_en="Blank: on the inspection line.",
                meaning_zh="留空为上线检验。",
            ),
            Column(
                *("inspected_on", "检验日期", "Inspected on"),
                ("年检日期", "年审日期", "检测日期", "年检时间", "检验时间"),
                parse_date,
                required=True,
                key=True,
                holds="date",
                example="2026-05-12",
            ),
            Column(
                *("passed", "是否合格", "Passed", ("检验结果", "年检结果", "结果", "检验结论")),
                parse_passed,
                holds="yes_no",
                example="是",
                meaning_en="Blank: passed, where a month of validity is given.",
                meaning_zh="留空时，填写了有效期即为合格。",
            ),
            Column(
                *("valid_to", "检验有效期至", "Valid to"),
                ("有效期至", "下次年检", "年检到期", "年检有效期", "下次年检日期", "年审到期"),
                parse_month,
                holds="month",
                example="2027-05",
                meaning_en="The month printed afterwards.",
                meaning_zh="检验后行驶证上印刷的年月。",
            ),
            Column(
                *("place", "检验机构", "Place", ("检测站", "年检地点", "检测机构", "检验地点")),
                parse_text,
                example="深圳市龙岗检测站",
            ),
            Column(
                *("report_no", "检验报告编号", "Report no", ("报告编号", "报告号", "检验报告号")),
                parse_text,
                example="BG20260512001",
            ),
            Column(
                *(
                    "cost_fen",
                    "检验费用",
                    "Cost",
                    ("检验费用", "年检费用", "费用", "年检费"),
                ),
                money_at_least(0),
                holds="money",
                example=320,
            ),
        ),
        note_zh="按车辆、检验日期和检验方式识别；空白单元格保留原值。",
        note_en="Known by vehicle, day and form; a blank cell leaves what is there.",
    ),
    key_fields=("vin", "inspected_on", "form"),
    may_add="paper.record",
    may_change="paper.record",
    checks=(_passed_without_month,),
    assumed={"form": "line"},
    completed=_complete_inspection,
    restricted={"cost_fen": ("cost.read",)},
    names_vehicle=True,
)
