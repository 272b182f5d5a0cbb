"""The sheet of vehicles: its columns, and what must hold in a row.

The words are those of sheets in use: of the vehicle licence, of dealers' lists and of operators'
own books. Leaves out how they are found in a sheet (`headers.py`).
"""

from typing import Final

from fleet.sheets.cells import (
    decimal_between,
    integer_between,
    money_at_least,
    parse_choice,
    parse_code,
    parse_percent,
    parse_tags,
    parse_text,
)
from fleet.sheets.dates import parse_date, parse_month
from fleet.sheets.importing import ImportKind, Told
from fleet.sheets.model import Column, Kind, Problem

STAGES: Final = {
    **dict.fromkeys(("ordered", "已订购", "在途", "订购"), "ordered"),
    **dict.fromkeys(("in_stock", "in stock", "在库", "库存", "闲置", "待租", "空闲"), "in_stock"),
    **dict.fromkeys(("let", "leased", "在租", "出租", "已出租", "租出"), "let"),
    **dict.fromkeys(("in_service", "in service", "维修", "维修中", "整备", "保养"), "in_service"),
    **dict.fromkeys(("for_sale", "for sale", "待售", "待处置"), "for_sale"),
    **dict.fromkeys(("disposed", "已处置", "已售", "报废", "已报废"), "disposed"),
}
DEPRECIATION: Final = {
    **dict.fromkeys(("straight_line", "straight line", "直线法", "平均年限法"), "straight_line"),
    **dict.fromkeys(("double_declining", "双倍余额递减法", "双倍余额"), "double_declining"),
    **dict.fromkeys(("none", "不计提", "不折旧", "无"), "none"),
}
VIN_WORDS: Final = (
    *("VIN码", "车辆识别代号", "车辆识别代码", "车辆识别码", "车架", "底盘号", "大架号", "VIN号"),
    *("车架号VIN", "车架号码", "识别代码", "车架号/VIN", "vehicle identification number"),
)
PLATE_WORDS: Final = (
    *("车牌", "号牌号码", "牌照", "牌照号", "车牌号码", "牌号", "车号", "车辆号牌", "号牌"),
    *("plate no", "plate number", "license plate", "licence plate", "number plate"),
)
VIN: Final = Column(
    *("vin", "车架号", "VIN", VIN_WORDS, parse_code),
    required=True,
    key=True,
    example="LSGPC52U6AF102554",
    meaning_en="17 characters, as on the vehicle licence.",
    meaning_zh="17 位，与行驶证一致。",
)
PLATE: Final = Column(
    *("plate", "车牌号", "Plate", PLATE_WORDS, parse_code),
    example="粤BD12345",
    meaning_en="Blank until it is issued.",
    meaning_zh="未上牌可留空。",
)
_MODEL_CODE: Final = Column(
    *("model_code", "车型编码", "Model code", ("车型代码", "型号编码"), parse_text),
    example="ec35",
    meaning_en="Code or exact name of a model of the catalogue.",
    meaning_zh="车型库中的编码或准确名称。",
)
_MODEL: Final = Column(
    *("model", "车型", "Model", ("车辆型号", "品牌型号", "型号", "车辆品牌", "品牌车型")),
    parse_text,
    example="瑞驰 EC35",
    meaning_en="As the maker calls it; one of the catalogue is recognised by its exact name.",
    meaning_zh="品牌型号；与车型库名称完全一致时自动关联。",
)
_OWNER: Final = Column(
    *("owner", "所有人", "Owner"),
    ("产权单位", "产权方", "车辆所有人", "所有权人", "资产所属", "产权公司"),
    parse_text,
    example="qingfan",
    meaning_en="Code or exact name of the organisation that owns it; blank: yours.",
    meaning_zh="所有单位的编码或准确名称；留空为本单位。",
)
_OPERATOR: Final = Column(
    *("operator", "运营商", "Operator"),
    ("所属公司", "运营单位", "运营公司", "使用单位", "所属门店", "运营方", "归属公司", "所属单位"),
    parse_text,
    example="shenzhen-nanshan",
    meaning_en="Code or exact name of who operates it; blank: its owner. Only of new vehicles.",
    meaning_zh="运营单位的编码或准确名称；留空为所有人。仅对新增车辆有效。",
)
_DEPOT: Final = Column(
    *("depot", "停放场站", "Depot"),
    ("场站", "车场", "停车场", "所在场站", "停放地点", "停放点"),
    parse_text,
    example="nanshan-yard",
    meaning_en="Code or exact name of the organisation where it stands.",
    meaning_zh="场站的编码或准确名称。",
)
_STAGE: Final = Column(
    *("stage", "车辆状态", "Stage", ("状态", "资产状态", "使用状态"), parse_choice(STAGES)),
    example="在库",
    holds="choice",
    choices=("已订购", "在库", "在租", "维修", "待售", "已处置"),
    meaning_en="Blank: in stock. Only of new vehicles.",
    meaning_zh="留空为在库。仅对新增车辆有效。",
)
_TAGS: Final = Column(
    *("tags", "标签", "Tags", ("分组", "标记", "备注标签"), parse_tags),
    example="冷链、城配",
    meaning_en="Several with a comma between them; they replace those that are there.",
    meaning_zh="多个用逗号分隔；将替换原有标签。",
)
_LICENCE: Final = (
    Column(
        *("vehicle_type", "车辆类型", "Vehicle type", ("类型",), parse_text),
        example="轻型厢式货车",
        meaning_en="As printed on the vehicle licence.",
        meaning_zh="与行驶证一致。",
    ),
    Column(
        *("use_nature", "使用性质", "Use nature", ("车辆使用性质", "营运性质"), parse_text),
        example="货运",
        meaning_en="As printed on the vehicle licence.",
        meaning_zh="与行驶证一致。",
    ),
    Column(
        *("registered_on", "注册日期", "Registered on"),
        (
            *("初次登记日期", "初登日期", "登记日期", "注册登记日期"),
            *("上牌日期", "上牌时间", "初次登记"),
        ),
        parse_date,
        holds="date",
        example="2023-05-10",
        meaning_en="Registration date of the vehicle licence.",
        meaning_zh="行驶证上的注册日期。",
    ),
    Column(
        *("issued_on", "发证日期", "Issued on", ("行驶证发证日期",), parse_date),
        holds="date",
        example="2023-05-12",
    ),
    Column(
        *("motor_no", "电机号", "Motor no"),
        ("发动机号", "发动机号码", "电动机号", "发动机/电机号", "发动机号/电机号", "engine no"),
        parse_text,
        example="TZ180XS001",
    ),
    Column(
        *("gvw_kg", "总质量(kg)", "GVW kg", ("总质量", "最大总质量", "总质量kg", "gvw")),
        integer_between(100, 60_000),
        holds="integer",
        example=2_600,
    ),
    Column(
        *("seats", "核定载人数", "Seats", ("座位数", "核载人数", "核定人数", "座位")),
        integer_between(1, 99),
        holds="integer",
        example=2,
    ),
)
_INSPECTION: Final = Column(
    *("inspection_valid_to", "检验有效期至", "Inspection valid to"),
    (
        *("年检到期", "年检有效期", "年审到期", "年审有效期", "检验有效期"),
        *("年检到期日", "年检有效期至"),
    ),
    parse_month,
    holds="month",
    example="2027-05",
    meaning_en="The month printed on the vehicle licence.",
    meaning_zh="行驶证上印刷的年月。",
)
_PURCHASE: Final = (
    Column(
        *("purchased_on", "购置日期", "Purchased on"),
        ("购买日期", "采购日期", "购车日期", "购入日期", "购车时间"),
        parse_date,
        holds="date",
        example="2023-04-20",
    ),
    Column(
        *("price_fen", "购置价格", "Price"),
        ("购置价格", "购车价格", "购置原值", "采购价", "车价", "原值", "购置价", "购车款", "price"),
        money_at_least(0),
        holds="money",
        example=68_500,
    ),
    Column(
        *("depreciation_method", "折旧方法", "Depreciation", ("折旧方式",)),
        parse_choice(DEPRECIATION),
        holds="choice",
        choices=("直线法", "双倍余额递减法", "不计提"),
        example="直线法",
    ),
    Column(
        *("useful_life_months", "折旧年限(月)", "Useful life months"),
        ("折旧月数", "使用年限(月)", "折旧期(月)"),
        integer_between(1, 600),
        holds="integer",
        example=60,
    ),
    Column(
        *("residual_pct", "残值率(%)", "Residual %", ("残值率", "预计残值率")),
        parse_percent,
        holds="percent",
        example=5,
    ),
)
_ODOMETER: Final = Column(
    *("odometer_km", "里程(km)", "Odometer km"),
    ("里程", "里程数", "行驶里程", "总里程", "公里数", "表显里程", "里程表读数", "odometer"),
    decimal_between(0, 99_999_999),
    holds="decimal",
    example=35_120,
)
PURCHASE_FIELDS: Final = tuple(column.field for column in _PURCHASE)
LICENCE_FIELDS: Final = tuple(column.field for column in _LICENCE)


def _issued_later(row: Told) -> Problem | None:
    registered_on, issued_on = row.get("registered_on"), row.get("issued_on")
    if registered_on is None or issued_on is None or registered_on <= issued_on:
        return None
    en, zh = "a licence is issued on or after the registration", "发证日期不能早于注册日期"
    return Problem("issued_on", "issued_before_registered", en, zh)


def _set_once(name: str, en: str, zh: str) -> Problem:
    return Problem(name, "not_changed_by_sheet", en, zh)


VEHICLES: Final = ImportKind(
    Kind(
        *("vehicles", "车辆", "Vehicles"),
        (
            *(VIN, PLATE, _MODEL_CODE, _MODEL, _OWNER, _OPERATOR, _DEPOT, _STAGE, _TAGS),
            *(*_LICENCE, _INSPECTION, *_PURCHASE, _ODOMETER),
        ),
        note_zh="按车架号识别车辆；空白单元格保留原值。",
        note_en="A vehicle is known by its VIN; a blank cell leaves what is there.",
    ),
    key_fields=("vin",),
    may_add="vehicle.create",
    may_change="vehicle.change",
    checks=(_issued_later,),
    distinct=("plate",),
    kept={
        "owner": _set_once(
            "owner", "a sheet does not change the owner of a vehicle", "表格不能更改车辆所有人"
        ),
        "operator": _set_once(
            "operator",
            "another operator takes a hand-over, not a sheet",
            "更换运营商须办理车辆调拨，不能用表格更改",
        ),
        "stage": _set_once(
            "stage",
            "the stage of a vehicle that is there is changed at the vehicle",
            "已有车辆的状态须在车辆页面变更，不能用表格更改",
        ),
    },
    restricted={
        **dict.fromkeys(PURCHASE_FIELDS, ("purchase.read", "purchase.change")),
        **dict.fromkeys((*LICENCE_FIELDS, "inspection_valid_to"), ("paper.record",)),
        "odometer_km": ("odometer.record",),
    },
    organisations=("owner", "operator", "depot"),
    models=("model_code",),
    of_sender=("owner",),
)
