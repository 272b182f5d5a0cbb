"""How bills of a lease are named: a purpose is used once by bills that stand."""

from itertools import count


def rent_purpose(period_no: int) -> str:
    """Of the rent of a period."""
    return f"rent:{period_no}"


def free_purpose(wanted: str, issued: frozenset[str]) -> str:
    """The purpose, or with a number behind it where it is taken.

    >>> taken = frozenset({"charges:2026-05-01", "charges:2026-05-01:2"})
    >>> free_purpose("charges:2026-05-01", taken)
    'charges:2026-05-01:3'
    >>> free_purpose("charges:2026-05-02", taken)
    'charges:2026-05-02'
    """
    if wanted not in issued:
        return wanted
    return next(name for no in count(2) if (name := f"{wanted}:{no}") not in issued)
