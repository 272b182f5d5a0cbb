"""What is typed about a person: ID card, log-in, name, phone, and what is shown of it."""

import pytest

from fleet.id_card import IdCardCheckDigitWrong, IdCardMalformed, parse_id_card
from fleet.identity.errors import (
    LoginMalformed,
    NameMalformed,
    PhoneMalformed,
    ReasonMissing,
)
from fleet.identity.typed import parse_login, parse_name, parse_phone, parse_reason
from fleet.masking import mask_id_card, mask_phone
from kit.errors import DomainError


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("11010519491231002X", "11010519491231002X", id="the standard's example"),
        pytest.param("440524188001010014", None, id="born in 1880"),
        pytest.param("11010519491231002x", "11010519491231002X", id="a small x"),
        pytest.param(" 110105 19491231 002X ", "11010519491231002X", id="in groups"),
        pytest.param("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X", id="full width"),
        pytest.param("110105200002290013", "110105200002290013", id="born on a leap day"),
        pytest.param("110105190002290017", None, id="1900 had no leap day"),
        pytest.param("110105194913310020", None, id="a month 13"),
        pytest.param("110105491231002", None, id="the old 15 digits"),
        pytest.param("X10105194912310021", None, id="X at the wrong end"),
        pytest.param("", None, id="nothing"),
        pytest.param("1101051949123100\x002", None, id="NUL"),
    ],
)
def test_an_id_card_is_read(typed: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(IdCardMalformed) as raised:
            parse_id_card(typed)
        assert raised.value.facts == {}
    else:
        assert parse_id_card(typed) == stored


@pytest.mark.parametrize("last", "0123456789")
def test_a_slip_in_the_last_place_is_found(last: str) -> None:
    with pytest.raises(IdCardCheckDigitWrong) as raised:
        parse_id_card("11010519491231002" + last)
    assert "1101" not in str(raised.value)


@pytest.mark.parametrize("place", range(17))
def test_every_single_slip_is_found(place: int) -> None:
    right = "11010519491231002X"
    for digit in "0123456789":
        if digit != right[place]:
            with pytest.raises((IdCardCheckDigitWrong, IdCardMalformed)):
                parse_id_card(right[:place] + digit + right[place + 1 :])


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        (None, None),
        ("13812345678", "138****5678"),
        ("+8613812345", "+86****2345"),
        ("1234567", "*******"),
        ("", ""),
    ],
)
def test_a_phone_is_masked(phone: str | None, shown: str | None) -> None:
    assert mask_phone(phone) == shown


def test_an_id_card_is_masked() -> None:
    assert mask_id_card("440301199001011234") == "440***********1234"
    assert mask_id_card(None) is None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("li.na", "li.na", id="as it is"),
        pytest.param(" Li.Na ", "li.na", id="capitals and spaces"),
        pytest.param("ｌｉ＠青.com", None, id="Chinese"),
        pytest.param("ｌｉ．ｎａ＠ｘ", "li.na@x", id="full width"),
        pytest.param("a" * 63, "a" * 63, id="the longest"),
        pytest.param("a" * 64, None, id="too long"),
        pytest.param("a", None, id="too short"),
        pytest.param(".na", None, id="a dot first"),
        pytest.param("li na", None, id="a space"),
        pytest.param("li\x00na", None, id="NUL"),
        pytest.param("li.na\n", "li.na", id="a line end"),
        pytest.param("\ud800li", None, id="half a character"),
    ],
)
def test_a_login_is_read(typed: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(LoginMalformed):
            parse_login(typed)
    else:
        assert parse_login(typed) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("13812345678", "13812345678", id="mobile"),
        pytest.param("+86 138 1234 5678", "13812345678", id="mobile, international"),
        pytest.param("１３８１２３４５６７８", "13812345678", id="full width"),
        pytest.param("+852 6123-4567", "+85261234567", id="Hong Kong"),
        pytest.param("12812345678", None, id="no such mobile"),
        pytest.param("1381234567", None, id="too short"),
        pytest.param("+86 12 345 678 90", None, id="China, but no mobile"),
        pytest.param("+0123456789", None, id="no such country"),
        pytest.param("call me", None, id="words"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_phone_is_read(typed: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(PhoneMalformed) as raised:
            parse_phone(typed)
        assert raised.value.facts == {}
    else:
        assert parse_phone(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "  ", "a\x00b", "a\nb", "a\x1bb", "\ud800", "x\u2028y", "n" * 201]
)
@pytest.mark.parametrize(
    ("parse", "fact"), [(parse_name, NameMalformed), (parse_reason, ReasonMissing)]
)
def test_a_line_that_cannot_be_shown_is_refused(
    typed: str, parse: object, fact: type[DomainError]
) -> None:
    with pytest.raises(fact):
        parse(typed)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["李娜", "阿卜杜拉·买买提", "张　三", "O'Neill 🚚", "n" * 100])
def test_names_are_of_all_kinds(name: str) -> None:
    assert parse_name(f" {name} ") == name
