"""Sends to webhooks, signed as Standard Webhooks has it (webhook-id, -timestamp, -signature).

The id is the message's, the same at each attempt: a receiver that has it already may drop it.
Leaves out how the secret is made (`channels/targets.py`).
"""

import http.client
import json
from datetime import UTC
from typing import Final

from standardwebhooks import Webhook

from alerts.notify.sending.addresses import ForbiddenTarget
from alerts.notify.sending.http_post import Resolve, post, resolve
from alerts.notify.sending.outcome import Outcome, Outgoing, outcome_of

MOST_BODY: Final = 64 * 1024


class WebhookSender:
    """Posts the payload as JSON; what a receiver answers decides."""

    def __init__(
        self, *, timeout_s: float, private_allowed: bool, resolving: Resolve = resolve
    ) -> None:
        self._timeout_s = timeout_s
        self._private_allowed = private_allowed
        self._resolving = resolving

    def __call__(self, outgoing: Outgoing, /) -> Outcome:
        """Send it, signed."""
        text = json.dumps(outgoing.payload, ensure_ascii=False, separators=(",", ":"))
        body = text.encode()
        if len(body) > MOST_BODY:
            return Outcome("refused", f"{len(body)} bytes are too many", final=True)
        key = str(outgoing.key)
        signature = Webhook(str(outgoing.target["secret"])).sign(
            key, outgoing.at.astimezone(UTC), text
        )
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Guanche",
            "webhook-id": key,
            "webhook-timestamp": str(int(outgoing.at.timestamp())),
            "webhook-signature": signature,
        }
        try:
            answer = post(
                str(outgoing.target["url"]),
                body,
                headers,
                timeout_s=self._timeout_s,
                private_allowed=self._private_allowed,
                resolving=self._resolving,
            )
        except ForbiddenTarget as forbidden:
            return Outcome("forbidden_target", str(forbidden), final=True)
        except TimeoutError:
            return Outcome("timed_out", f"no answer within {self._timeout_s:g} s")
        except (OSError, http.client.HTTPException) as fault:
            return Outcome("unreachable", type(fault).__name__)
        return outcome_of(answer.status, answer.text, answer.retry_after)
