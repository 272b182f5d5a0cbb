"""Sets a contract as a PDF, by the layout of the package, contract.typ.

The same facts at the same instant give the same bytes. Leaves out what stands in a contract
(`facts.py`) and how anything is set (`kit/typesetting.py`).
"""

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from kit import typesetting

LAYOUT: Final = "contract.typ"


def typeset(facts: dict[str, Any], *, at: datetime) -> bytes:
    """The contract as a PDF. `at` is its date of creation.

    Characters that no font has are 〓, and the last page names them.

    Raises:
        FontsMissing: the installation lacks its fonts.
    """
    return typesetting.typeset(layout(), facts, at=at)


@cache
def layout() -> bytes:
    """The layout as it is shipped."""
    return files("fleet.contracts").joinpath(LAYOUT).read_bytes()
