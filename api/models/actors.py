"""Who wrote something or decided on it, as answers say it: never somebody the reader does not see.

The database leaves them out (`actor_in_sight`). Programs are named: `guanche`, `system`.
"""

from typing import Annotated

from pydantic import Field

Writer = Annotated[
    str | None,
    Field(description="A log-in, or `key:` and the id of a key; null where out of your sight."),
]
Decider = Annotated[str | None, Field(description="Null, too, where out of your sight.")]
"""Of what nobody may have done yet."""
