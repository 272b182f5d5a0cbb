"""What is set is data: nothing typed becomes markup, and every character is shown or named."""

from datetime import UTC, date, datetime
from typing import Any

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.contracts.defaults import DEFAULT_TEMPLATES
from fleet.contracts.facts import MOST_PERIODS, facts_of, parties_of
from fleet.contracts.model import (
    LeaseFacts,
    Particulars,
    Party,
    RentPeriod,
    Template,
    VehicleFacts,
)
from fleet.contracts.template_rules import sha256_of
from fleet.contracts.typesetting import typeset

from .conftest import agreed, pages_of, text_of

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
PERIOD = RentPeriod(1, date(2026, 3, 2), date(2026, 4, 1), date(2026, 3, 2), 300_000)


def facts(
    name: str = "顺达物流", *, periods: int = 0, vehicle: str | None = None, **given: Any
) -> dict[str, Any]:
    """A contract with a lessee of this name."""
    draft = DEFAULT_TEMPLATES[1]
    text = Template(
        1, 1, draft.code, 3, "long", draft.title, draft.clauses,
        sha256_of(draft.title, draft.clauses), "x", AT,
    )  # fmt: skip
    lease = LeaseFacts(
        *(1, 1, 1, "华东", "Asia/Shanghai", "L2603-ABCDEF", "signed", "long", 1),
        starts_on=date(2026, 3, 2),
        ends_on=date(2027, 3, 1),
        ended_at=None,
        terms=agreed(**given).model_dump(mode="json"),
    )
    return facts_of(
        lease,
        contract_no="L2603-ABCDEF/1",
        template=text,
        parties=parties_of(lease, Party(name, "person"), Particulars()),
        vehicles=[VehicleFacts(1, "LSGPC52U6AF102554", "粤BD12345", vehicle)],
        particulars=Particulars(),
        periods=[PERIOD] * periods,
        rescission={"unpaid_periods": 2, "unpaid_share_pct": 15},
        keeping_years=5,
        made_on=date(2026, 3, 2),
    )


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param('#panic("x")', id="code"),
        pytest.param('#read("/etc/passwd")', id="a file"),
        pytest.param("$x^2$ $ $$", id="mathematics"),
        pytest.param("\\ \\u{41} \\", id="escapes"),
        pytest.param("*强* _调_ `x` <label> @ref = = -- ~ // /* */ [a] {b}", id="marks"),
        pytest.param("{lessor_name}{", id="a placeholder"),
        pytest.param('] ) } "', id="closing brackets"),
        pytest.param("<script>alert(1)</script>", id="a script"),
    ],
)
def test_what_is_typed_is_printed_as_it_is(typed: str) -> None:
    said = text_of(typeset(facts(f"甲{typed}乙", remarks=typed, vehicle=typed), at=AT))
    assert said.count("".join(typed.split())) >= 3


@pytest.mark.parametrize("name", ["𠮷田龘", "㐂喆犇", "Ωmega Ünlü", "买买提·艾力", "欧阳〇"])
def test_rare_characters_of_names_are_shown(name: str) -> None:
    made = facts(name)
    said = text_of(typeset(made, at=AT))
    assert "".join(name.split()) in said
    assert "统一码" not in said


def test_what_no_font_has_is_a_geta_and_named() -> None:
    said = text_of(typeset(facts("张😀三"), at=AT))
    assert "张〓三" in said
    assert "其统一码为：U+1F600" in said


@pytest.mark.parametrize("name", ["甲" * 400, "Averyverylongname" * 20, "A" * 200 + "甲" * 20])
def test_a_very_long_name_stays_on_the_page(name: str) -> None:
    made = typeset(facts(name), at=AT)
    assert name in text_of(made).replace("\u200b", "")
    assert pages_of(made) <= 12


def test_the_same_facts_are_the_same_bytes_and_another_instant_is_not() -> None:
    assert typeset(facts(), at=AT) == typeset(facts(), at=AT)
    assert typeset(facts(), at=AT) != typeset(facts(), at=AT.replace(minute=1))


def test_a_schedule_that_fits_is_an_annex() -> None:
    assert "附件二各期租金表" in text_of(typeset(facts(periods=12), at=AT))
    assert facts(periods=MOST_PERIODS)["periods"] is not None
    assert facts(periods=MOST_PERIODS + 1)["periods"] is None
    assert facts()["periods"] is None


def test_three_years_of_rents_stand_on_one_page_a_line_each() -> None:
    made = facts(periods=36)
    made["periods"] = [
        [str(no), "2026年11月22日—2026年12月21日", "2026年11月22日", "1,234,567.89"]
        for no in range(1, 37)
    ]
    document = pdfium.PdfDocument(typeset(made, at=AT))
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    [annex] = [page for page in pages if "2026年11月22日" in "".join(page.split())]
    said = ["".join(line.split()) for line in annex.splitlines()]
    assert "".join(said).count("2026年11月22日—2026年12月21日") == 36
    assert "日" not in said  # what wrapped stands on a line of its own


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_any_text_can_be_set(text: str) -> None:
    made = facts()
    made["parties"][1]["name"] = text
    made["remarks"] = [text]
    assert typeset(made, at=AT).startswith(b"%PDF")
