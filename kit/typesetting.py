"""Sets a layout and what stands in it as PDF/A, with typst and the fonts of the product.

What is set comes in as JSON and is never read as markup. The same layout and content at the same
instant give the same bytes. Leaves out layouts, and what stands in them.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import typst

from kit.fonts import all_shown, fonts_folder


def typeset(layout: bytes, content: Mapping[str, Any], *, at: datetime) -> bytes:
    """The content as a PDF. `at` is its date of creation.

    A layout reads the JSON `content` of `sys.inputs`. Characters that no font has are 〓 in it, and
    their numbers stand in its `unshown`.

    Raises:
        FontsMissing: the installation lacks its fonts.
    """
    unshown: set[str] = set()
    printed = all_shown(dict(content), unshown)
    printed["unshown"] = sorted(f"U+{ord(character):04X}" for character in unshown)
    return typst.compile(
        layout,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"content": json.dumps(printed, ensure_ascii=False)},
        pdf_standards="a-2b",  # fonts within, nothing from outside: for keeping
        timestamp=int(at.timestamp()),
    )


@cache
def _fonts() -> typst.Fonts:
    """The fonts, read once."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts_folder()]
    )
