"""Tells a share of something in basis points, rounded once, half up; no float comes near it."""


def share_bp(part: int, whole: int) -> int | None:
    """A part of a whole in basis points (1/100 of a per cent); None where there is no whole.

    >>> share_bp(2, 3), share_bp(1, 8), share_bp(5, 0), share_bp(0, 7)
    (6667, 1250, None, 0)
    """
    if whole <= 0:
        return None
    return (2 * part * 10_000 + whole) // (2 * whole)


def as_pct(share: int | None) -> str | None:
    """Basis points as per cent with two places.

    >>> as_pct(6667), as_pct(5), as_pct(10_000), as_pct(None), as_pct(-150)
    ('66.67', '0.05', '100.00', None, '-1.50')
    """
    if share is None:
        return None
    whole, rest = divmod(abs(share), 100)
    return f"{'-' if share < 0 else ''}{whole}.{rest:02}"
