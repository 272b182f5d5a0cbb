"""Tells the figures in force on a day.

A tenant's own figures come before everybody's. Before the first day anything is known of, the first
figures count. Leaves out what may stand in them (`fleet/figures.py`) and what is decided from them.
"""

from datetime import date
from typing import Any, TypeVar

from psycopg import Connection

from fleet.figures import Figures
from fleet.parameters import store

Kind = TypeVar("Kind", bound=Figures)


def figures(conn: Connection[Any], kind: type[Kind], *, tenant_id: int, on: date) -> Kind:
    """The figures of this kind in force for the tenant on that day.

    Takes no permission: they are law. Raises LookupError if the migrations that brought them are
    missing, a fault of the installation.
    """
    content = store.find_figures(conn, kind.name, tenant_id=tenant_id, on=on)
    if content is None:
        raise LookupError(f"no figures of {kind.name}")
    return kind.model_validate(content)
