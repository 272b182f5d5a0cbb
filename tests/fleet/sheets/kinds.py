"""A kind of sheet for tests, small and with every kind of cell."""

from typing import Final

from fleet.sheets.cells import (
    parse_choice,
    parse_code,
    parse_decimal,
    parse_integer,
    parse_money_fen,
    parse_percent,
    parse_text,
    parse_yes_no,
)
from fleet.sheets.dates import parse_date, parse_instant, parse_month
from fleet.sheets.model import Column, Kind

NATURE: Final = {"freight": "freight", "货运": "freight", "lease": "lease", "租赁": "lease"}
VIN: Final = Column(
    *("vin", "车架号", "VIN", ("车辆识别代号", "VIN码"), parse_code),
    required=True,
    key=True,
    example="LSGPC52U6AF102554",
    meaning_zh="17 位",
    meaning_en="17 characters",
)
COLUMNS: Final = (
    VIN,
    Column("plate", "车牌号", "Plate", ("号牌号码", "车牌"), parse_code),
    Column("use_nature", "使用性质", "Use nature", (), parse_choice(NATURE), holds="choice",
           choices=("货运", "租赁"), example="货运"),
    Column("registered_on", "注册日期", "Registered on", ("初次登记日期",), parse_date,
           holds="date"),
    Column("valid_to", "检验有效期至", "Inspection valid to", ("年检到期",), parse_month,
           holds="month"),
    Column("price_fen", "购置价", "Price", ("购买价格",), parse_money_fen, holds="money"),
    Column("compulsory_no", "交强险保单号", "Compulsory policy no", (), parse_text),
    Column("compulsory_until", "交强险止", "Compulsory until", ("交强险止期",),
           parse_instant(day="end"), holds="instant"),
    Column("commercial_no", "商业险保单号", "Commercial policy no", (), parse_text),
    Column("commercial_until", "商业险止", "Commercial until", (), parse_instant(day="end"),
           holds="instant"),
    Column("pooled", "可调配", "Pooled", (), parse_yes_no, holds="yes_no"),
    Column("seats", "核定载客", "Seats", ("座位数",), parse_integer, holds="integer"),
    Column("residual_pct", "残值率", "Residual value", (), parse_percent, holds="percent"),
    Column("range_km", "续航里程", "Range", (), parse_decimal, holds="decimal"),
    Column("remarks", "备注", "Remarks", ("说明",), parse_text),
)  # fmt: skip
BOOK: Final = Kind("book", "车辆台账", "Vehicle book", COLUMNS, "每行一辆车。", "A vehicle a row.")
