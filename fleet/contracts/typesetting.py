"""Sets a contract as PDF/A with typst and the fonts that come with the product.

The layout is one file of the package, contract.typ; what it sets comes in as JSON and is never
read as markup. The same facts at the same instant give the same bytes. Leaves out what stands in a
contract: `facts.py`.
"""

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import typst

from fleet.contracts.fonts import FontsMissing, all_shown, fonts_folder

LAYOUT: Final = "contract.typ"


def typeset(facts: dict[str, Any], *, at: datetime) -> bytes:
    """The contract as a PDF. `at` is its date of creation.

    Characters that no font has are 〓, and the last page names them.

    Raises:
        FontsMissing: the installation lacks its fonts.
    """
    unshown: set[str] = set()
    printed = all_shown(facts, unshown)
    printed["unshown"] = sorted(f"U+{ord(character):04X}" for character in unshown)
    return typst.compile(
        layout(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"contract": json.dumps(printed, ensure_ascii=False)},
        pdf_standards="a-2b",  # fonts within, nothing from outside: for keeping
        timestamp=int(at.timestamp()),
    )


@cache
def _fonts() -> typst.Fonts:
    """The fonts, read once."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts_folder()]
    )


@cache
def layout() -> bytes:
    """The layout as it is shipped."""
    return files("fleet.contracts").joinpath(LAYOUT).read_bytes()


__all__ = ["FontsMissing", "layout", "typeset"]
