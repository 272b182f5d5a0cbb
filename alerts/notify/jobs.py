"""Sends messages whose time has come: claim and begin, commit, send, note, commit.

Nothing is sent inside a transaction. Who dies between sending and noting leaves a claim that runs
out; the message is then sent again, under the same id: at least once, and each attempt is counted.
Any number of senders share the work. Leaves out how each kind is sent (`sending`), and what is sent
(`gathering`).
"""

import json
import os
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import Any, Final
from uuid import uuid4

from psycopg import Connection

from alerts.notify.model import (
    CHANNEL_SECRET,
    RECIPIENT_SECRET,
    ChannelKind,
    ReminderDelivered,
)
from alerts.notify.outbox.timing import Hours
from alerts.notify.reminders.ways import FROM, UNTIL
from alerts.notify.sending import store
from alerts.notify.sending.backoff import MOST_ATTEMPTS, after_quiet, try_again_at
from alerts.notify.sending.outcome import Outcome, Outgoing, Send
from alerts.notify.sending.senders import senders_of
from alerts.notify.sending.store import Claimed
from alerts.refusals.jobs import blame
from kit.errors import DomainError
from kit.log import get_logger
from kit.sealed import SealBroken, SealingKey
from kit.settings import Settings

log = get_logger("notify")

AT_ONCE: Final = 8
"""Messages that one process sends side by side."""
MOST_ROUNDS: Final = 10
"""Of one call; a round may take as long as its slowest receiver."""
MOST_PUT_OFF: Final = 200
_ADDRESS: Final = {"email": "address", "sms": "phone"}

OnDelivered = Callable[[Connection[Any], ReminderDelivered], None]
Clock = Callable[[], datetime]


class Sender:
    """All that sending needs: who sends each kind, the key of what is sealed, and its own name.

    `claim_s` is how long a claim holds: longer than any attempt takes. `on_delivered` is told what
    came of customers' notices, in the transaction that notes it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        on_delivered: OnDelivered | None = None,
        kinds: Mapping[ChannelKind, Send] | None = None,
        rng: Random | None = None,
    ) -> None:
        key = settings.secret_key
        self.sealing = None if key is None else SealingKey.from_text(key.get_secret_value())
        self.kinds = senders_of(settings) if kinds is None else kinds
        self.on_delivered = on_delivered
        self.claim_s = max(60.0, 6.0 * settings.notify_timeout_s)
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.rng = rng or SystemRandom()


@dataclass(slots=True)
class Sent:
    """What a run did: attempts by result, messages that were given up; and what waits still."""

    results: Counter[str] = field(default_factory=Counter)
    dead: int = 0
    waiting: int = 0


def send_due(conn: Connection[Any], sender: Sender, *, now: Clock) -> Sent:
    """Send all whose time has come, each in transactions of its own."""
    done = Sent()
    with conn.transaction():
        done.dead += store.give_up(conn, now=now(), most=MOST_ATTEMPTS)
        _put_off(conn, now())
    for _ in range(MOST_ROUNDS):
        claimed = _claim(conn, sender, now)
        if not claimed:
            break
        with ThreadPoolExecutor(min(AT_ONCE, len(claimed)), "sender") as pool:
            attempts = {pool.submit(_send, sender, each, now()): each for each in claimed}
            for attempt in as_completed(attempts):
                message, outcome = attempts[attempt], attempt.result()
                done.results[outcome.result] += 1
                with conn.transaction():
                    done.dead += _note(conn, sender, message, outcome, now())
    with conn.transaction():
        done.waiting = store.count_waiting(conn)
    return done


def _claim(conn: Connection[Any], sender: Sender, now: Clock) -> list[Claimed]:
    at = now()
    with conn.transaction():
        return store.claim(
            conn,
            holder=sender.holder,
            now=at,
            until=at + timedelta(seconds=sender.claim_s),
            most=AT_ONCE,
            hours=(FROM, UNTIL),
        )


def _send(sender: Sender, message: Claimed, at: datetime) -> Outcome:
    """In a thread of its own, without the database."""
    if sender.sealing is None:
        return Outcome("unreachable", "GUANCHE_SECRET_KEY is not set")
    try:
        target = _target(sender.sealing, message)
    except SealBroken:
        return Outcome("refused", "sealed with another key", final=True)
    outgoing = Outgoing(
        message.key,
        message.kind,
        target,
        message.subject,
        message.body,
        message.payload,
        at,
    )
    try:
        return sender.kinds[message.kind](outgoing)
    except Exception as fault:  # a fault of a sender must not stop the others; it may hold secrets
        log.error("sender_failed", kind=message.kind, fault=type(fault).__name__)
        return Outcome("unreachable", type(fault).__name__)


def _target(sealing: SealingKey, message: Claimed) -> dict[str, Any]:
    if message.recipient_sealed is not None:
        purpose = f"{RECIPIENT_SECRET}/{message.key}"
        address = sealing.unseal(message.recipient_sealed, purpose=purpose).decode()
        return {_ADDRESS[message.kind]: address}
    purpose = f"{CHANNEL_SECRET}/{message.channel_key}"
    opened = json.loads(sealing.unseal(message.target_sealed or b"", purpose=purpose))
    return dict(opened)


def _note(
    conn: Connection[Any], sender: Sender, message: Claimed, outcome: Outcome, now: datetime
) -> int:
    """Write down how an attempt ended; 1 if the message is dead now."""
    no = message.attempts
    store.end_attempt(conn, message.id, no, outcome.result, outcome.detail, now=now)
    works = outcome.result == "sent"
    if message.channel_id is not None:
        store.mark_channel(conn, message.channel_id, works=works, now=now)
    if works:
        if store.mark_sent(conn, message.id, now=now):
            _tell(conn, sender, message, now)
        return 0
    again_at = _again_at(conn, sender, message, outcome, now)
    words = f"{outcome.result}: {outcome.detail}" if outcome.detail else outcome.result
    noted = store.mark_failed(conn, message.id, no, words, again_at=again_at)
    if again_at is not None or not noted:
        return 0
    log.warning("message_dead", key=str(message.key), kind=message.kind, result=outcome.result)
    _tell(conn, sender, message, now, failed=True)
    return 1


def _again_at(
    conn: Connection[Any], sender: Sender, message: Claimed, outcome: Outcome, now: datetime
) -> datetime | None:
    """When it is tried again, if it is; not in the quiet hours of those it is for."""
    if outcome.final:
        return None
    again_at = try_again_at(
        message.attempts,
        created_at=message.created_at,
        now=now,
        retry_after_s=outcome.retry_after_s,
        rng=sender.rng,
    )
    return None if again_at is None else _heard_from(conn, message.id, again_at)


def _put_off(conn: Connection[Any], now: datetime) -> None:
    """Nobody was there to try them when they were due, and by now it is night.

    What is due since it is night was asked for by somebody (`resend`), and goes.
    """
    for message_id, due_at in store.list_retries(conn, now=now, most=MOST_PUT_OFF):
        until = _heard_from(conn, message_id, now)
        if until > now and _heard_from(conn, message_id, due_at) == due_at:
            store.put_off(conn, message_id, until=until)


def _heard_from(conn: Connection[Any], message_id: int, at: datetime) -> datetime:
    """That time, or when the quiet hours of those a message is for end."""
    told = [(_hours(each), each.critical) for each in store.list_hours(conn, message_id)]
    return after_quiet(at, told)


def _hours(heard: store.Heard) -> Hours:
    quiet = None
    if heard.quiet_from is not None and heard.quiet_until is not None:
        quiet = (heard.quiet_from, heard.quiet_until)
    return Hours(heard.zone, quiet, critical_anyway=heard.critical_anyway)


def _tell(
    conn: Connection[Any],
    sender: Sender,
    message: Claimed,
    now: datetime,
    *,
    failed: bool = False,
) -> None:
    """Tell whose notice it was, in the same transaction; a notice that is over stays as it is."""
    if sender.on_delivered is None or message.notice_no is None or message.purpose != "reminder":
        return
    delivered = ReminderDelivered(
        message.tenant_id,
        message.organisation_id,
        message.notice_no,
        "email" if message.kind == "email" else "sms",
        now,
        str(message.key),
        "failed" if failed else "sent",
    )
    try:
        with conn.transaction():
            sender.on_delivered(conn, delivered)
    except DomainError as refused:
        log.warning("delivery_not_recorded", notice_no=message.notice_no, code=refused.code)
    except Exception as fault:  # the customer has it: for that it must not be sent once more
        if blame(conn, fault) is None:
            raise
        log.error("delivery_not_recorded", notice_no=message.notice_no, exc_info=fault)
