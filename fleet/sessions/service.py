"""Lets people and machines in, and says who asks.

Each act stands in its own part: `recognising` (whose a token or key is), `opening` (sessions),
`proving` (whether a password is right), `passwording` (new ones). A failure at the door is given
back, not raised: the count of wrong passwords has to be committed. What the door cannot know before
it has found a secret comes from the four functions `identity_find_…` of the database; from then on
the transaction acts for the person's organisation. Leaves out HTTP, cookies, and who there is:
`fleet/identity`.
"""

from fleet.sessions.opening.service import (
    list_sessions,
    log_in,
    log_out,
    log_out_everywhere,
    step_up,
)
from fleet.sessions.passwording.service import change_password, redeem_reset, set_password
from fleet.sessions.recognising.service import (
    actor_of,
    actor_of_machine,
    find_machine,
    find_session,
    is_stale,
    touch_machine,
    touch_session,
)

__all__ = [
    "actor_of",
    "actor_of_machine",
    "change_password",
    "find_machine",
    "find_session",
    "is_stale",
    "list_sessions",
    "log_in",
    "log_out",
    "log_out_everywhere",
    "redeem_reset",
    "set_password",
    "step_up",
    "touch_machine",
    "touch_session",
]
