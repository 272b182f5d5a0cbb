"""What was agreed, in the words of a contract."""

from datetime import date
from typing import Any

import pytest

from fleet.contracts.model import LeaseFacts, Particulars
from fleet.contracts.phrases import phrases_of
from fleet.contracts.placeholders import PLACEHOLDERS
from fleet.leasing.terms import EarlyEndPrice, LateFee, Mileage, Term, Terms

from .conftest import agreed, line


def phrases(terms: Terms, **given: Any) -> dict[str, str]:
    lease = LeaseFacts(
        *(1, 1, 1, "华东", "Asia/Shanghai", "L2603-ABCDEF", "signed", terms.kind, 1),
        starts_on=terms.starts_on,
        ends_on=date(2027, 3, 1),
        ended_at=None,
        terms=terms.model_dump(mode="json"),
    )
    return phrases_of(
        lease,
        contract_no="L2603-ABCDEF/1",
        particulars=Particulars(**given),
        lessee_name="顺达",
        rescission={"unpaid_periods": 2, "unpaid_share_pct": 15},
        keeping_years=5,
    )


def test_there_is_a_phrase_for_every_placeholder_and_no_other() -> None:
    assert set(phrases(agreed())) == set(PLACEHOLDERS)


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        pytest.param({"late_fee": None}, "late_fee_rule", "不约定逾期付款违约金", id="no late fee"),
        pytest.param(
            {"late_fee": LateFee(grace_days=0)},
            "late_fee_rule",
            "逾期的，自应付日的次日起至实际付款之日止（含当日），按逾期未付金额每日0.05%",
            id="no grace",
        ),
        pytest.param({}, "late_fee_rule", "应付日后3日（宽限期）内付清的，不计违约金", id="grace"),
        pytest.param(
            {"late_fee": LateFee(cap_pct=30)}, "late_fee_rule", "不超过该笔逾期款项的30%", id="cap"
        ),
        pytest.param(
            {"term": Term(count=12, end="corresponding_day")},
            "counting_rule",
            "起租日当日不计入，至对应日二十四时届满",
            id="counted by law",
        ),
        pytest.param({}, "counting_rule", "期满对应日的前一日二十四时届满", id="counted as agreed"),
        pytest.param({"term": Term()}, "counting_rule", "不定期租赁", id="open-ended"),
        pytest.param(
            {"early_end": EarlyEndPrice(kind="months_of_rent", months=2)},
            "early_end_rule",
            "相当于2个月租金的违约金",
            id="months of rent",
        ),
        pytest.param(
            {"early_end": EarlyEndPrice()}, "early_end_rule", "不承担提前退租的违约金", id="free"
        ),
        pytest.param(
            {"violation_hold_fen": 0}, "violation_hold_rule", "不因尚未知悉的", id="nothing held"
        ),
        pytest.param(
            {"lines": (line(1, mileage=Mileage(included_km=3_000, extra_fen_per_km=80)), line(2))},
            "mileage_rule",
            "序号1的车辆：每辆车每个账期含3,000公里，超出部分每公里¥0.80（人民币捌角整），"
            "当期未用里程结转至以后账期，超里程费于还车时一并结算；序号2的车辆：不限里程",
            id="lines that differ",
        ),
        pytest.param(
            {
                "lines": (
                    line(
                        1,
                        mileage=Mileage(included_km=10, extra_fen_per_km=1, settled="each_period"),
                    ),
                )
            },
            "mileage_rule",
            "超里程费按账期结算，计入下一期账单",
            id="kilometres settled each period",
        ),
        pytest.param(
            {"kind": "short", "lines": (line(1, rent_fen=20_000, per="day"), line(2))},
            "rent_total",
            "每日¥200.00（人民币贰佰元整），每月¥2,500.00（人民币贰仟伍佰元整）",
            id="by the day and by the month",
        ),
        pytest.param({"sub_letting": True}, "sub_letting_rule", "可以将车辆转租", id="sub-letting"),
        pytest.param({"insured_by": "lessee"}, "insurance_party", "乙方", id="who insures"),
        pytest.param({"pays_ahead_days": 5}, "payment_day_rule", "首日前5日", id="in advance"),
    ],
)
def test_a_term_is_said(given: dict[str, Any], name: str, said: str) -> None:
    assert said in phrases(agreed(**given))[name]


def test_what_was_told_beside_the_lease_goes_first() -> None:
    told = phrases(agreed(), lessor_name="南山租赁有限公司", jurisdiction="南山区人民法院")
    assert (told["lessor_name"], told["jurisdiction"]) == ("南山租赁有限公司", "南山区人民法院")
    assert phrases(agreed())["lessor_name"] == "华东"
