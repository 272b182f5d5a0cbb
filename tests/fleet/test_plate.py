"""Which texts are Chinese number plates, and of which kind."""

import pytest

from fleet.registry.errors import PlateMalformed
from fleet.registry.plate import PROVINCES, Plate, PlateKind, parse_plate


@pytest.mark.parametrize(
    ("written", "text", "kind"),
    [
        pytest.param("京A12345", "京A12345", "ordinary", id="ordinary"),
        pytest.param("粤B·D1234", "粤BD1234", "ordinary", id="ordinary, letter first, dot"),
        pytest.param("沪A•8K2L9", "沪A8K2L9", "ordinary", id="ordinary, another dot"),
        pytest.param("粤BD12345", "粤BD12345", "small_nev", id="small, battery electric"),
        pytest.param("粤BF12345", "粤BF12345", "small_nev", id="small, other new energy"),
        pytest.param("粤BDX1234", "粤BDX1234", "small_nev", id="small, second letter"),
        pytest.param("京AA12345", "京AA12345", "small_nev", id="small, later letter A"),
        pytest.param("沪B12345D", "沪B12345D", "large_nev", id="large, battery electric"),
        pytest.param("沪B12345F", "沪B12345F", "large_nev", id="large, other new energy"),
        pytest.param("粤b d12345 ", "粤BD12345", "small_nev", id="lower case and spaces"),
        pytest.param("粤ＢＤ１２３４５", "粤BD12345", "small_nev", id="full width"),
        pytest.param("粤B-D12345", "粤BD12345", "small_nev", id="hyphen"),
        pytest.param("京A1234学", "京A1234学", "ordinary", id="driving school"),
        pytest.param("鲁B1234挂", "鲁B1234挂", "ordinary", id="trailer"),
        pytest.param("京A1234警", "京A1234警", "ordinary", id="police"),
        pytest.param("粤Z1234港", "粤Z1234港", "ordinary", id="cross-border, Hong Kong"),
        pytest.param("粤Z1234澳", "粤Z1234澳", "ordinary", id="cross-border, Macau"),
        pytest.param("沪A·0023领", "沪A0023领", "ordinary", id="consulate"),
        pytest.param("川O·C123警", "川OC123警", "ordinary", id="police of a province, office O"),
        pytest.param("使014·578", "使014578", "embassy", id="embassy, older"),
        pytest.param("224578使", "224578使", "embassy", id="embassy"),
        pytest.param("川X·1234应急", "川X1234应急", "rescue", id="fire and rescue"),
        pytest.param("川S1234应急", "川S1234应急", "rescue", id="forest fires"),
        pytest.param("WJ京12345", "WJ京12345", "armed_police", id="armed police of a province"),
        pytest.param("wj 1234x", "WJ1234X", "armed_police", id="armed police, fire fighting"),
        pytest.param("VA·12345", "VA12345", "army", id="army"),
    ],
)
def test_a_plate_is_read(written: str, text: str, kind: PlateKind) -> None:
    assert parse_plate(written) == Plate(text, kind)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="empty"),
        pytest.param("A12345", id="no province"),
        pytest.param("東A12345", id="no such province"),
        pytest.param("京12345", id="no office letter"),
        pytest.param("京AI2345", id="letter I"),
        pytest.param("京A1234O", id="letter O"),
        pytest.param("京I12345", id="office letter I"),
        pytest.param("京A1234", id="four characters"),
        pytest.param("京A123456", id="six digits without power letter"),
        pytest.param("京AL12345", id="small with L, no power letter"),
        pytest.param("京AD1234X", id="small, letter among the last four"),
        pytest.param("京A1234XD", id="large, letter among the first five"),
        pytest.param("京A12345L", id="large with L, no power letter"),
        pytest.param("粤BD123456", id="nine characters"),
        pytest.param("京A学1234", id="special ending in the middle"),
        pytest.param("京A12345学", id="special ending too far right"),
        pytest.param("LSGPC52U6AF102554", id="a VIN"),
        pytest.param("京O12345", id="office O, not the police"),
        pytest.param("使01457", id="embassy, five digits"),
        pytest.param("川A1234应急", id="rescue of an office that has none"),
        pytest.param("WJ粤1234Q", id="armed police, no such arm"),
        pytest.param("OI12345", id="army, letters that are not used"),
    ],
)
def test_what_is_no_plate_is_refused(written: str) -> None:
    with pytest.raises(PlateMalformed) as refused:
        parse_plate(written)
    assert refused.value.facts == {"plate": written}


def test_mainland_china_has_31_provinces() -> None:
    assert len(set(PROVINCES)) == len(PROVINCES) == 31


@pytest.mark.parametrize("province", list(PROVINCES))
def test_every_province_is_read(province: str) -> None:
    assert parse_plate(f"{province}AD12345").text == f"{province}AD12345"
