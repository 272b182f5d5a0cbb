"""People and the keys of machines, as everybody else asks for them.

Each act stands in its own part: `people` (who there is, with which roles), `admitting` (one-time
links, locks, logging out), `keys` (of machines). Phones and ID cards leave masked; unmasking is
written down with its reason. Leaves out passwords, log-in and sessions: `fleet/sessions`.
"""

from fleet.identity.admitting.service import log_out_user, make_reset_link_token, unlock_user
from fleet.identity.grants import list_grants
from fleet.identity.keys.service import (
    create_api_key,
    get_api_key,
    list_api_keys,
    person_behind,
    revoke_api_key,
)
from fleet.identity.model import RoleGrants
from fleet.identity.people.service import (
    change_user,
    create_user,
    end_sessions,
    find_colleague,
    get_user,
    list_users,
    read_login,
    unmask_user,
    use_up_resets,
)

__all__ = [
    "change_user",
    "create_api_key",
    "create_user",
    "end_sessions",
    "find_colleague",
    "get_api_key",
    "get_user",
    "list_api_keys",
    "list_roles",
    "list_users",
    "log_out_user",
    "make_reset_link_token",
    "person_behind",
    "read_login",
    "revoke_api_key",
    "unlock_user",
    "unmask_user",
    "use_up_resets",
]


def list_roles() -> list[RoleGrants]:
    """Every role with the verbs it allows."""
    return list_grants()
