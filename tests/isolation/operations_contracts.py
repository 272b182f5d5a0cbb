"""Operations of contracts, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Operation

OPERATIONS: Final[dict[str, Operation]] = {}
NO_IDENTIFIER: Final[dict[str, str]] = {}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {}
