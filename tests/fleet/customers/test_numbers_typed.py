"""Numbers of papers, phones, classes of licences: what is typed, what is kept, what is refused."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.customers.credit_code import compute_check_character, has_form, is_credit_code
from fleet.customers.errors import (
    AccountNoMalformed,
    EmailMalformed,
    IdNumberCheckWrong,
    IdNumberInClear,
    IdNumberMalformed,
    IdTypeUnfit,
    LicenceClassUnknown,
    LicenceNoMalformed,
    LicenceOverBeforeIssued,
    TaxNoIsIdNumber,
    TaxNoMalformed,
    TelephoneMalformed,
)
from fleet.customers.id_numbers import (
    check_texts,
    check_type,
    normalise,
    parse_account_no,
    parse_id_number,
    parse_licence_no,
    parse_tax_no,
)
from fleet.customers.licence_classes import (
    CLASSES,
    LONG_TERM,
    check_days,
    days_left,
    parse_classes,
)
from fleet.customers.typed import parse_email, parse_phone
from fleet.masking import mask_account, mask_number

from .numbers import credit_code, id_card

EXAMPLE = "11010519491231002X"
"""The example of GB 11643-1999."""
KNOWN_CODES = ("91330100799655058B", "914403001922038216", "9144030071526726XG")
"""Of three companies, as printed on their licences."""
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", KNOWN_CODES)
def test_codes_of_real_companies_pass(code: str) -> None:
    assert is_credit_code(code)
    assert compute_check_character(code) == code[17]


@pytest.mark.parametrize("place", range(18))
def test_every_single_slip_in_a_code_is_found(place: int) -> None:
    right = KNOWN_CODES[0]
    for character in ALPHABET:
        if character != right[place]:
            assert not is_credit_code(right[:place] + character + right[place + 1 :])


@pytest.mark.parametrize("place", range(17))
def test_two_neighbours_exchanged_in_a_code_are_found(place: int) -> None:
    right = KNOWN_CODES[0]
    if right[place] != right[place + 1]:
        left, one, other, rest = (
            right[:place],
            *(right[place], right[place + 1]),
            right[place + 2 :],
        )
        assert not is_credit_code(left + other + one + rest)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("9133010079965505", id="16 characters"),
        pytest.param("91330100799655058BB", id="19 characters"),
        pytest.param("9I330100799655058B", id="an I, which no code has"),
        pytest.param("91330A00799655058B", id="a letter in the region"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_has_not_the_form_of_a_code(code: str) -> None:
    assert not has_form(code)
    with pytest.raises(IdNumberMalformed) as raised:
        parse_id_number(code, "business_licence")
    assert raised.value.facts == {}


@pytest.mark.parametrize(
    ("typed", "id_type", "kept"),
    [
        ("110105 1949-1231 002x", "id_card", EXAMPLE),
        ("１１０１０５１９４９１２３１００２Ｘ", "id_card", EXAMPLE),
        ("9133 0100 7996 5505 8b", "business_licence", KNOWN_CODES[0]),
        ("e1234 5678", "passport", "E12345678"),
        ("H01234567 (8)", "travel_permit", "H01234567(8)"),
    ],
)
def test_a_number_is_kept_however_it_is_typed(typed: str, id_type: Any, kept: str) -> None:
    assert parse_id_number(typed, id_type) == kept


@pytest.mark.parametrize(
    ("typed", "id_type", "error"),
    [
        ("110105194912310020", "id_card", IdNumberCheckWrong),
        ("11010519491331002X", "id_card", IdNumberMalformed),
        ("91330100799655058A", "business_licence", IdNumberCheckWrong),
        ("E12", "passport", IdNumberMalformed),
        ("护照12345678", "passport", IdNumberMalformed),
    ],
)
def test_a_number_that_cannot_be(typed: str, id_type: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        parse_id_number(typed, id_type)
    assert typed[:6] not in str(raised.value)


def test_a_paper_is_of_a_person_or_of_a_company() -> None:
    check_type("person", "id_card")
    check_type("company", "business_licence")
    check_type("company", "other")
    for kind, id_type in (("person", "business_licence"), ("company", "id_card")):
        with pytest.raises(IdTypeUnfit):
            check_type(kind, id_type)  # type: ignore[arg-type]


@given(st.integers(0, 999_999))
def test_no_text_holds_a_citizens_number(number: int) -> None:
    card = id_card(number % 800_000)
    for text in (card, f"证号{card}。", f"{card[:6]} {card[6:14]} {card[14:].lower()}"):
        with pytest.raises(IdNumberInClear):
            check_texts("甲", text)


def test_a_text_may_hold_other_numbers() -> None:
    check_texts(
        None, "13812345678", "2026-11-22", credit_code(5), "110105194912310020", number="E1"
    )
    with pytest.raises(IdNumberInClear):
        check_texts("护照 e1234-5678", number="E12345678")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86-138-1234-5678", "13812345678"),
        ("0755-2345 6789", "075523456789"),
        ("(010) 8888 9999", "01088889999"),
        ("+86 10 8888 9999", "01088889999"),
        ("400-810-1234", "4008101234"),
        ("+852 6123 4567", "+85261234567"),
        ("１３８１２３４５６７８", "13812345678"),
    ],
)
def test_a_phone_is_kept_as_digits(typed: str, kept: str) -> None:
    assert parse_phone(typed) == kept
    assert parse_phone(kept) == kept


@pytest.mark.parametrize("typed", ["", "12345", "12812345678", "23456789", "138****5678", "+86 1"])
def test_what_is_no_phone(typed: str) -> None:
    with pytest.raises(TelephoneMalformed) as raised:
        parse_phone(typed)
    assert raised.value.facts == {}


@pytest.mark.parametrize("typed", ["", "wang", "@example.cn", "a b@example.cn", "a@b", "a@b.c."])
def test_what_is_no_address_of_mail(typed: str) -> None:
    with pytest.raises(EmailMalformed):
        parse_email(typed)


def test_a_tax_number_is_no_id_card() -> None:
    assert parse_tax_no("9133 0100 7996 5505 8b", "company") == KNOWN_CODES[0]
    assert parse_tax_no(EXAMPLE, "company") == EXAMPLE
    with pytest.raises(TaxNoIsIdNumber):
        parse_tax_no(EXAMPLE, "person")
    with pytest.raises(TaxNoMalformed):
        parse_tax_no("123", "company")


def test_a_licence_has_the_number_of_the_id_card_or_another() -> None:
    assert parse_licence_no("110105 19491231 002x") == EXAMPLE
    assert parse_licence_no("k1234567") == "K1234567"
    for typed in ("110105194912310020", "12", "驾123456"):
        with pytest.raises(LicenceNoMalformed):
            parse_licence_no(typed)


def test_an_account_has_6_to_34_characters() -> None:
    assert parse_account_no("6222 0212-3456 7890 123") == "6222021234567890123"
    for typed in ("12345", "6" * 35, "6222*****0123"):
        with pytest.raises(AccountNoMalformed):
            parse_account_no(typed)


def test_classes_stand_in_the_order_of_the_table() -> None:
    assert parse_classes(["d", "A2", "C1 ", "A2"]) == ["A2", "C1", "D"]
    assert len(CLASSES) == 17
    for unknown in ([], ["C7"], ["B1", ""], CLASSES[:9]):
        with pytest.raises(LicenceClassUnknown):
            parse_classes(unknown)


def test_a_licence_ends_on_its_last_day_or_never() -> None:
    assert check_days(date(2020, 1, 1), date(2026, 1, 1)) == date(2026, 1, 1)
    assert check_days(None, None) == LONG_TERM
    with pytest.raises(LicenceOverBeforeIssued):
        check_days(date(2026, 1, 2), date(2026, 1, 1))
    assert days_left(date(2026, 11, 22), date(2026, 11, 22)) == 0
    assert days_left(date(2026, 11, 21), date(2026, 11, 22)) == -1
    assert days_left(LONG_TERM, date(2026, 11, 22)) is None


@given(st.text("0123456789ABCX", min_size=5, max_size=30))
def test_a_mask_hides_five_places_of_a_paper_and_all_but_four_of_an_account(number: str) -> None:
    masked = mask_number(number)
    assert masked is not None
    assert len(masked) == len(number)
    assert masked.count("*") >= min(5, len(number) - 4)
    assert mask_account(number).count("*") >= len(number) - 4


@given(st.text("09AZazＸ１ -－\u2010\u3000", max_size=40))
def test_a_number_is_normal_at_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
