"""A layout and its content are set as data, the same ones as the same bytes."""

from datetime import UTC, datetime

import pypdfium2 as pdfium

from kit.typesetting import typeset

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
LAYOUT = b"""#let c = json(bytes(sys.inputs.content))
#set document(title: c.title, date: auto)
#set text(font: "Noto Sans CJK SC", fallback: false)
#c.title #c.unshown.join(",")"""


def text_of(content: bytes) -> str:
    """What the only page of a PDF says, without blanks."""
    document = pdfium.PdfDocument(content)
    [said] = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return "".join(said.split())


def test_what_comes_in_is_data_whatever_it_looks_like() -> None:
    assert text_of(typeset(LAYOUT, {"title": '#panic("x") *甲*'}, at=AT)) == '#panic("x")*甲*'


def test_what_no_font_shows_is_told_to_the_layout() -> None:
    assert text_of(typeset(LAYOUT, {"title": "张😀三"}, at=AT)) == "张〓三U+1F600"


def test_the_same_is_the_same_bytes_and_another_instant_is_not() -> None:
    once = typeset(LAYOUT, {"title": "甲"}, at=AT)
    assert once == typeset(LAYOUT, {"title": "甲"}, at=AT)
    assert once != typeset(LAYOUT, {"title": "甲"}, at=AT.replace(minute=1))
    assert once != typeset(LAYOUT, {"title": "乙"}, at=AT)
