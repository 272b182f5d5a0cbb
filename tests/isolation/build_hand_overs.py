"""Makes hand-overs of one organisation, every text with its mark."""

from typing import Any

from psycopg import Connection

from schemas.access import Actor
from tests.isolation.crawl_world import Identifiers, Organisation


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`."""
