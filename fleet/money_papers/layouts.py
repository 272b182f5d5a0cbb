"""Sets a paper of money as a PDF, by the layouts of this package.

Leaves out what stands on a paper (`*_sheet.py`) and how anything is set (`kit/typesetting.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from kit.typesetting import typeset

Layout = Literal["bill", "statement", "notice", "settlement"]
SHARED: Final = "paper.typ"
"""Stands before every layout."""


def set_paper(layout: Layout, content: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF. `at` is its date of creation; the same content at the same instant, the same bytes.

    Raises:
        FontsMissing: the installation lacks its fonts.
    """
    return typeset(text_of(layout), content, at=at)


@cache
def text_of(layout: Layout) -> bytes:
    """The layout as it is shipped."""
    folder = files("fleet.money_papers")
    return b"\n".join(folder.joinpath(name).read_bytes() for name in (SHARED, f"{layout}.typ"))
