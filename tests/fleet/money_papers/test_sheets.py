"""What stands on a paper, read from its PDF as an accountant would."""

from datetime import UTC, datetime
from typing import Any

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.money_papers.bases import basis_words
from fleet.money_papers.bill_sheet import bill_sheet, credit_note_sheet
from fleet.money_papers.layouts import Layout, set_paper
from fleet.money_papers.notice_sheet import notice_sheet
from fleet.money_papers.settlement_sheet import settlement_sheet
from fleet.money_papers.statement_sheet import StatementFacts, statement_sheet
from tests.fleet.money_papers.samples import (
    CUSTOMER,
    LONG_NAME,
    SELLER,
    awkward_lines,
    line,
    snapshot,
)

AT = datetime(2026, 10, 25, 2, tzinfo=UTC)


def pages_of(content: bytes) -> list[str]:
    """What each page says, without blanks."""
    document = pdfium.PdfDocument(content)
    said = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    return said


def printed(layout: Layout, content: dict[str, Any]) -> list[str]:
    return pages_of(set_paper(layout, content, at=AT))


def test_a_bill_says_all_that_an_accountant_asks_for() -> None:
    [said] = printed("bill", bill_sheet(snapshot([line(1), line(2, 140_000, days=14)])))
    for words in (
        "账单编号B2026-12-000001",
        "应付日期2026-11-01",
        "账期2026-11-01至2026-11-30",
        "租约编号L2603-ABCDEF",
        "91440300MA5EQXL178",
        "91440300MA5F00001X",
        "粤BD00001",
        "2,654.8713%345.133,000.00",
        "人民币肆仟肆佰元整",
        "（小写）¥4,400.00",
        "13%3,893.81506.194,400.00",
        "收款账号7559123456789012345",
        "依照租赁合同第8.2条，应付日后3日内付清的不计滞纳金",
        "每日0.05%计收滞纳金（逾期付款违约金），不计复利，累计不超过逾期金额的20%",
        "不是发票",
        "第1页共1页",
    ):
        assert words in said, words


def test_a_long_bill_goes_over_pages_under_its_head_and_shows_everything() -> None:
    first, second = printed("bill", bill_sheet(snapshot(awkward_lines())))
    for page, number in ((first, 1), (second, 2)):
        assert "序号项目车牌号计费期间天数不含税金额税率税额价税合计" in page
        assert f"第{number}页共2页" in page
    assert LONG_NAME in first
    assert "代垫交通违法罚款粤BD00031200.00不征税0.00200.00" in second
    assert "跨境运输服务粤BD00032500.000%0.00500.00" in second
    assert "-1,092.5313%-142.03-1,234.56" in second
    assert "12,345,678.90" in second
    assert "张〓三" in second
    assert "其统一码为：U+1F600" in second
    rates = second[second.index("按税率汇总") :]
    places = [rates.index(rate) for rate in ("13%", "6%", "0%500.00", "不征税")]
    assert places == sorted(places)


def test_a_credit_note_stands_below_zero_and_says_what_is_left() -> None:
    note = snapshot(
        [line(1, 100_000)],
        credit_no="N2026-12-000001",
        bill_issued_on="2026-10-25",
        bill_total_fen=300_000,
        credited_before_fen=50_000,
        reason="停租 10 天",
    )
    [said] = printed("bill", credit_note_sheet(note))
    assert "账单冲减通知单（红字）" in said
    assert "冲减原因停租10天" in said
    assert "人民币负壹仟元整（小写）-¥1,000.00" in said
    assert "-884.9613%-115.04-1,000.00" in said
    assert "此前已冲减¥500.00，本次冲减¥1,000.00，冲减后¥1,500.00" in said


def test_whoever_has_no_tax_number_gets_a_bill_too() -> None:
    person = {"customer_no": "C2601-AAAAAA", "name": "欧阳〇"}
    bare = snapshot([line(1)], customer=person, seller={"name": "华东"}, late_fee=None)
    [said] = printed("bill", bill_sheet(bare))
    assert "名称华东名称欧阳〇" in said
    assert "纳税人识别号—" in said
    assert "滞纳金" not in said
    assert "付款信息" not in said


@pytest.mark.parametrize(
    ("kind", "basis", "words"),
    [
        pytest.param("late_fee", {}, "", id="a late fee that tells nothing"),
        pytest.param("damage", {"estimate_fen": 5}, "", id="a kind that says all in its title"),
        pytest.param(
            "late_fee",
            {
                "capped": True,
                "pieces": [
                    {"from_on": "2026-03-02", "to_on": "2026-03-04", "days": 3, "open_fen": 100}
                ],
            },
            "2026-03-02 至 2026-03-04 未付 1.00 元 × 3 天（达到约定上限）",
            id="a late fee at its cap",
        ),
    ],
)
def test_a_basis_is_told_as_far_as_it_goes(kind: str, basis: dict[str, Any], words: str) -> None:
    assert basis_words(kind, basis) == words


def notice(**facts: Any) -> dict[str, Any]:
    usual = {
        "customer": CUSTOMER,
        "seller": SELLER,
        "made_on": "2026-11-08",
        "lease_no": "L2603-ABCDEF",
        "claims": [
            {
                "bill_no": f"B2026-12-{number:06}",
                "due_on": "2026-11-01",
                "days_overdue": 7,
                "open_fen": 300_000,
                "late_fee_fen": 1_050,
            }
            for number in (1, 2)
        ],
    }
    text = f"编号：D2026-7K3M9Q\n致：{LONG_NAME}\n现依法向贵方催告。\n特此函告。"
    signed = f"{text}\n{SELLER['name']}\n2026年11月8日"
    return {"title": "催告函", "text": signed, "facts": usual | facts}


def test_a_notice_is_a_letter_with_what_it_asks_for_below() -> None:
    content = notice_sheet(notice(), notice_no="D2026-7K3M9Q")
    assert content["paragraphs"] == ["现依法向贵方催告。", "特此函告。"]
    [said] = printed("notice", content)
    for words in (
        "催告函编号：D2026-7K3M9Q致：深圳市顺达",
        f"特此函告。付款信息收款户名{SELLER['name']}",
        "（盖章）2026年11月8日附：款项明细",
        "合计6,000.0021.006,021.00",
    ):
        assert words in said, words


def test_an_account_that_the_text_names_is_not_said_twice() -> None:
    told = notice()
    told["text"] = told["text"].replace("特此函告。", f"账号：{SELLER['account']}。")
    assert notice_sheet(told, notice_no="D2026-7K3M9Q")["pay"] == []


def settlement(count: int, **given: Any) -> dict[str, Any]:
    vehicles = [
        {
            "plate": f"粤BD{no:05}",
            "vin": f"LSGPC52U6AF1025{no:02}",
            "days": 30,
            "of_days": 30,
            "basis_fen": 265_487,
            "share_fen": 79_646,
            "floor_fen": 100_000,
            "amount_fen": 100_000,
        }
        for no in range(1, count + 1)
    ]
    usual = {
        "month_on": "2026-11-01",
        "owner": {"code": "head", "name": "总部"},
        "operator": {"code": "east", "name": "华东运营中心"},
        "basis": "earned",
        "share_pct": "30.00",
        "floor_fen": 100_000,
        "settled_on": "2026-12-02",
        "vehicles": vehicles,
        "amount_fen": 100_000 * count,
    }
    return usual | given


def test_a_settlement_tells_every_vehicle_and_its_sum() -> None:
    first, second = printed("settlement", settlement_sheet(settlement(50)))
    assert "结算月份2026-11" in first
    assert "分成比例30%" in first
    assert "粤BD00001LSGPC52U6AF10250130/302,654.87796.461,000.001,000.00" in first
    assert "合计132,743.5039,823.0050,000.0050,000.00" in second
    assert "人民币伍万元整（小写）¥50,000.00" in second
    assert "以前月份更正" not in first + second


def test_what_was_corrected_and_carried_makes_up_the_amount() -> None:
    corrections = [
        {
            "month_on": "2026-10-01",
            "vin": "LSGPC52U6AF102501",
            "was_fen": 120_000,
            "is_fen": 100_000,
            "amount_fen": -20_000,
        }
    ]
    told = settlement(1, corrections=corrections, carried_in_fen=-5_000, amount_fen=75_000)
    [said] = printed("settlement", settlement_sheet(told))
    assert "以前月份更正-200.00上月结转-50.00本月应结750.00" in said
    assert "2026-10LSGPC52U6AF1025011,200.001,000.00-200.00" in said


def facts(count: int, closing_fen: int = 100_000, **given: Any) -> StatementFacts:
    rows = [("2026-11-01", "租金账单", f"B2026-12-{n:06}", "L2603-ABCDEF", 100, 0, 100 * n)
            for n in range(1, count + 1)]  # fmt: skip
    usual: dict[str, Any] = {
        "customer": CUSTOMER,
        "customer_nos": ["C2601-7K3M9Q"],
        "seller": SELLER,
        "first_on": "2026-11-01",
        "last_on": "2026-11-30",
        "made_on": "2026-12-01",
        "opening_fen": 0,
        "rows": rows,
        "debits_fen": 100 * count,
        "credits_fen": 0,
        "closing_fen": closing_fen,
        "open_bills": [],
        "open_fen": 0,
        "credit_fen": 0,
        "ageing": [("未到期", 0), ("1–30 天", 100_000)],
        "deposits_opening_fen": 0,
        "deposits": [],
        "deposits_held_fen": 0,
    }
    return StatementFacts(**usual | given)


def test_a_long_statement_repeats_its_head_and_ends_with_the_balance() -> None:
    pages = printed("statement", statement_sheet(facts(120)))
    assert len(pages) == 3
    for page in pages:
        assert "日期摘要单据编号租约编号" in page
    assert "本期合计及期末余额120.000.001,000.00" in pages[-1]
    assert "客户尚欠¥1,000.00（人民币壹仟元整）" in pages[-1]
    assert "数据核对无误" in pages[-1]


@pytest.mark.parametrize(
    ("closing_fen", "words"),
    [
        pytest.param(0, "往来余额为零", id="nothing"),
        pytest.param(-250, "客户结余¥2.50（人民币贰元伍角整），可抵付以后账单", id="credit"),
    ],
)
def test_a_statement_says_who_owes_whom(closing_fen: int, words: str) -> None:
    [said] = printed("statement", statement_sheet(facts(1, closing_fen)))
    assert words in said
    assert "押金" not in said
    assert "未结清账单" not in said


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_any_text_can_stand_on_a_bill(text: str) -> None:
    given_text = snapshot([line(1, title=text, plate=text)], customer=CUSTOMER | {"title": text})
    assert set_paper("bill", bill_sheet(given_text), at=AT).startswith(b"%PDF")


def test_what_is_typed_is_no_markup_on_any_paper() -> None:
    typed = '#panic("x") *a* $x$ \\ ] }'
    title = "".join(typed.split())
    [said] = printed("bill", bill_sheet(snapshot([line(1, title=typed)])))
    assert title in said
    [said] = printed("notice", notice_sheet(notice() | {"title": typed}, notice_no="D1"))
    assert title in said


def test_the_same_content_is_the_same_bytes() -> None:
    content = bill_sheet(snapshot(awkward_lines()))
    assert set_paper("bill", content, at=AT) == set_paper("bill", content, at=AT)
    assert b"<pdfaid:part>2</pdfaid:part>" in set_paper("bill", content, at=AT)
