"""Decides how far a vehicle was driven after the last day of its lease, from two odometers."""

from decimal import Decimal


def driven_km(then_km: Decimal | None, now_km: Decimal | None) -> Decimal | None:
    """Kilometres between two readings; None: one of them is missing, or it was turned back.

    >>> driven_km(Decimal("18342.6"), Decimal("18401.1"))
    Decimal('58.5')
    >>> driven_km(Decimal("18342.6"), Decimal("12.0")) is None
    True
    """
    if then_km is None or now_km is None or now_km < then_km:
        return None
    return now_km - then_km
