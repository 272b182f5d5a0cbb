"""Turns the violation of a named constraint into the fact it stands for.

Each `store.py` says which constraint means which domain error. A constraint nobody named stays a
database error: it is a fault of the program, not a fact of the business.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from kit.errors import DomainError


@contextmanager
def naming(constraints: Mapping[str, DomainError]) -> Iterator[None]:
    """Raise the domain error that stands beside the violated constraint's name."""
    try:
        yield
    except psycopg.IntegrityError as violation:
        fact = constraints.get(violation.diag.constraint_name or "")
        if fact is None:
            raise
        raise fact from violation
