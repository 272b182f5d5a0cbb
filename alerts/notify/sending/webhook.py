"""Sends to webhooks, signed as Standard Webhooks has it (webhook-id, -timestamp, -signature).

The id is the message's, the same at each attempt: a receiver that has it already may drop it.
Leaves out how the secret is made (`channels/targets.py`).
"""

import json
from datetime import UTC
from typing import Final

from standardwebhooks import Webhook

from alerts.notify.sending.http_post import Resolve, resolve
from alerts.notify.sending.outcome import Outcome, Outgoing, outcome_of
from alerts.notify.sending.posting import Poster

MOST_BODY: Final = 64 * 1024


class WebhookSender:
    """Posts the payload as JSON; what a receiver answers decides."""

    def __init__(
        self, *, timeout_s: float, private_allowed: bool, resolving: Resolve = resolve
    ) -> None:
        self._poster = Poster(timeout_s, private_allowed, resolving)

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
        answer = self._poster.ask(str(outgoing.target["url"]), body, headers)
        if isinstance(answer, Outcome):
            return answer
        return outcome_of(answer.status, answer.text, answer.retry_after)
