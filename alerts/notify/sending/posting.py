"""Posts to a checked address, and says how that went where no answer came.

Leaves out what an answer means, which is the sender's to say.
"""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

from alerts.notify.sending.addresses import ForbiddenTarget
from alerts.notify.sending.http_post import Answer, Resolve, post, resolve
from alerts.notify.sending.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Poster:
    """How an installation posts."""

    timeout_s: float
    private_allowed: bool = False
    resolving: Resolve = resolve

    def ask(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer | Outcome:
        """What the receiver answered, or what became of it without one."""
        try:
            return post(
                url,
                body,
                headers,
                timeout_s=self.timeout_s,
                private_allowed=self.private_allowed,
                resolving=self.resolving,
            )
        except ForbiddenTarget as forbidden:
            return Outcome("forbidden_target", str(forbidden), final=True)
        except TimeoutError:
            return Outcome("timed_out", f"no answer within {self.timeout_s:g} s")
        except (OSError, http.client.HTTPException) as fault:
            return Outcome("unreachable", type(fault).__name__)
