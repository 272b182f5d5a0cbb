"""Makes imports and exports of one organisation, every text with its mark."""

from typing import Any

from psycopg import Connection

from schemas.access import Actor
from tests.isolation.crawl_world import Identifiers, Organisation


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """Beside the vehicles in `known`, which `owner` owns and `one` operates; `by` may do all.

    Called twice for each organisation: for what others ask about, and for its own changes. What it
    makes is named in `known`, and every text that must not leak in `one.marks`.
    """
