"""Decides through which states a work order goes.

open → in_progress ⇄ waiting, → done → closed; what is done is taken up again where it was not.
What was begun may be cancelled, what is done may not: it has cost something. Leaves out who may do
so, and what else happens with it: `service.py`.
"""

from typing import Final, Literal, get_args

State = Literal["open", "in_progress", "waiting", "done", "closed", "cancelled"]
STATES: Final[tuple[State, ...]] = get_args(State)
UNFINISHED: Final[frozenset[State]] = frozenset({"open", "in_progress", "waiting"})
OVER: Final[frozenset[State]] = frozenset({"closed", "cancelled"})

NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    "open": frozenset({"in_progress", "cancelled"}),
    "in_progress": frozenset({"waiting", "done", "cancelled"}),
    "waiting": frozenset({"in_progress", "cancelled"}),
    "done": frozenset({"in_progress", "closed"}),
    "closed": frozenset(),
    "cancelled": frozenset(),
}
"""Where an order may go from each."""


def may_follow(state: State, following: State) -> bool:
    """Whether an order goes from the one to the other in one step.

    >>> may_follow("waiting", "in_progress"), may_follow("waiting", "done")
    (True, False)
    """
    return following in NEXT_STATES[state]
