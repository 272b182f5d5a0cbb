"""Which texts are VINs, and where the check digit counts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.registry.errors import VinMalformed
from fleet.registry.vin import (
    Vin,
    compute_check_digit,
    parse_vin,
    uses_check_digit,
)

ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
# ISO 3779 counterparts, written out a second time and in another shape than the code's.
GROUPS = ["0", "1AJ", "2BKS", "3CLT", "4DMU", "5ENV", "6FW", "7GPX", "8HY", "9RZ"]
NUMBER_OF = {character: number for number, group in enumerate(GROUPS) for character in group}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("1M8GDM9AXKP042788", "1M8GDM9AXKP042788", id="american, check digit X"),
        pytest.param("11111111111111111", "11111111111111111", id="all ones"),
        pytest.param("5GZCZ43D13S812715", "5GZCZ43D13S812715", id="american, published"),
        pytest.param("LSGPC52U6AF102554", "LSGPC52U6AF102554", id="chinese car"),
        pytest.param("LDC613P23A1305189", "LDC613P23A1305189", id="chinese car, published"),
        pytest.param("LE4TG4DB1JL199517", "LE4TG4DB1JL199517", id="chinese, later year"),
        pytest.param("HXM000004P0000001", "HXM000004P0000001", id="chinese, newer H codes"),
        pytest.param("lsgpc52u6af102554", "LSGPC52U6AF102554", id="lower case"),
        pytest.param(" LSG PC52U6 AF102554\n", "LSGPC52U6AF102554", id="spaces and line end"),
        pytest.param("LSGPC52U6-AF-102554", "LSGPC52U6AF102554", id="hyphens"),
        pytest.param("ＬＳＧＰＣ５２Ｕ６ＡＦ１０２５５４", "LSGPC52U6AF102554", id="full width"),
        pytest.param("ＬＳＧＰＣ52u6　AF102554", "LSGPC52U6AF102554", id="mixed, wide space"),
    ],
)
def test_the_check_digit_proves_it(written: str, expected: str) -> None:
    assert parse_vin(written) == Vin(expected, "right")
    assert parse_vin(written).warning is None


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("WVWZZZ1JZ3W386752", id="german, filler Z in the place of the check digit"),
        pytest.param("JHMCM56557C404453", id="japanese, fits by chance or by habit"),
        pytest.param("JHMCM56567C404453", id="japanese, does not fit"),
        pytest.param("KMHXX00XX0X000000", id="korean"),
    ],
)
def test_makers_elsewhere_need_no_check_digit(written: str) -> None:
    assert parse_vin(written) == Vin(written, "not_used")
    assert parse_vin(written).warning == (
        f"{written}: its maker uses no check digit, so a typing slip would go unnoticed"
    )


@pytest.mark.parametrize(
    ("written", "expected_digit"),
    [
        pytest.param("LSGPC52U7AF102554", "6", id="chinese, digit off by one"),
        pytest.param("LSGPC52U6AF102545", "5", id="chinese, last two swapped"),
        pytest.param("1M8GDM9A1KP042788", "X", id="american, 1 for X"),
        pytest.param("3M8GDM9AXKP042788", "4", id="mexican, first character mistyped"),
        pytest.param("LSGPC52UAAF102554", "6", id="a letter where only 0–9 and X can be"),
    ],
)
def test_a_wrong_check_digit_is_a_warning(written: str, expected_digit: str) -> None:
    vin = parse_vin(written)
    assert vin == Vin(written, "wrong")
    assert vin.warning == (
        f"{written}: the 9th character should be {expected_digit}, a typing slip is likely"
    )


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="empty"),
        pytest.param("LSGPC52U6AF10255", id="16 characters"),
        pytest.param("LSGPC52U6AF1025544", id="18 characters"),
        pytest.param("LSGPC52U6AF1O2554", id="letter O for zero"),
        pytest.param("LSGPC52U6AFI02554", id="letter I for one"),
        pytest.param("LSGPC52U6AQ102554", id="letter Q"),
        pytest.param("LSGPC52U6AF10255*", id="punctuation"),
        pytest.param("京A12345", id="a plate"),
        pytest.param("LSGPC52U6AF10255４４", id="18 characters in mixed width"),
        pytest.param("LSGPC52U6АF102554", id="cyrillic А"),
    ],
)
def test_what_is_no_vin_is_refused(written: str) -> None:
    with pytest.raises(VinMalformed) as refused:
        parse_vin(written)
    assert refused.value.facts == {"vin": written}


@pytest.mark.parametrize(
    ("first", "used"),
    [(c, True) for c in "LH12345"] + [(c, False) for c in "ABCDEFGJKMNPRSTUVWXYZ06789"],
)
def test_the_maker_s_country_decides(first: str, used: bool) -> None:
    assert uses_check_digit(first + "0" * 16) is used


vins = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


def with_check_digit(vin: str) -> str:
    return vin[:8] + compute_check_digit(vin) + vin[9:]


@given(vins)
def test_a_computed_digit_is_accepted(vin: str) -> None:
    chinese = with_check_digit("L" + vin[1:])
    assert parse_vin(chinese) == Vin(chinese, "right")


@given(vins, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_caught_if_it_counts_differently(
    vin: str, place: int, character: str
) -> None:
    """Every weight is prime to 11, so any change of one counted number changes the remainder.

    A letter mistaken for another of the same number (J for A) goes unnoticed: the standard's limit.
    """
    right = with_check_digit(vin)
    wrong = right[:place] + character + right[place + 1 :]
    if place == 8:
        assert (compute_check_digit(wrong) == wrong[8]) is (character == right[8])
    else:
        same_number = NUMBER_OF[character] == NUMBER_OF[right[place]]
        assert (compute_check_digit(wrong) == wrong[8]) is same_number


@given(vins)
def test_the_present_ninth_character_does_not_matter(vin: str) -> None:
    assert {compute_check_digit(vin[:8] + c + vin[9:]) for c in ALPHABET} == {
        compute_check_digit(vin)
    }


@given(st.text())
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        vin = parse_vin(text)
    except VinMalformed:
        return
    assert re.fullmatch("[A-HJ-NPR-Z0-9]{17}", vin.text)
