"""The fonts of the installation: what they show, and what is said where one is missing."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from kit import fonts
from kit.fonts import FontsMissing, read_coverage, shown, shown_everywhere


def test_marks_that_only_choose_a_form_are_left_out() -> None:
    unshown: set[str] = set()
    assert shown("葛\U000e0100飾\ufe0f区\u200d", unshown) == "葛飾区"
    assert shown("a\u0301\tb\n", unshown) == "á b "
    assert unshown == set()


def test_what_the_table_of_the_font_says_is_what_typst_sets() -> None:
    for character in "一龘𠮷〓□¥①《】·—":
        assert shown_everywhere(character), character
    for character in "😀\ue000☐":
        assert not shown_everywhere(character), character


def test_a_font_that_is_missing_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package")
    fonts.fonts_folder.cache_clear()
    with pytest.raises(FontsMissing, match="no_such_package is not installed"):
        fonts.fonts_folder()
    monkeypatch.setattr(fonts, "PACKAGE", "mplfonts")
    monkeypatch.setattr(fonts, "SERIF", "gone.otf")
    with pytest.raises(FontsMissing, match=r"gone\.otf is missing"):
        fonts.fonts_folder()
    (tmp_path / "broken.otf").write_bytes(b"OTTO\x00\x01")
    with pytest.raises(FontsMissing, match="cannot be read as a font"):
        read_coverage(tmp_path / "broken.otf")
    fonts.fonts_folder.cache_clear()


def test_what_draws_with_the_fonts_is_not_imported() -> None:
    assert find_spec("mplfonts") is not None
    assert find_spec("matplotlib") is None
