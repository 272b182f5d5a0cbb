"""Decides how a vehicle may be moved on by hand while a lease has it or is promised it.

What a lease has comes back by a return or a swap, never by hand: the book would say otherwise. To
the workshop it may go at any time, and from there back to its lessee. By hand a vehicle is let only
where no lease of ours is promised it: so are fleets brought in whose leases are kept elsewhere.
Leaves out the table of stages (`fleet/registry`) and the papers (`fleet/clearance`).
"""


def may_move(to: str, *, held: bool, promised: bool) -> bool:
    """Whether it may come to a stage by hand. `held`: a lessee has it; `promised`: a lease shall.

    >>> may_move("in_service", held=True, promised=True)
    True
    >>> may_move("in_stock", held=True, promised=False)
    False
    >>> [may_move("let", held=held, promised=True) for held in (True, False)]
    [True, False]
    >>> [may_move(to, held=False, promised=True) for to in ("in_stock", "for_sale", "disposed")]
    [True, False, False]
    """
    if to == "in_service" or not (held or promised):
        return True
    if to == "let":
        return held
    return to == "in_stock" and not held
