"""Writes down in dunning what notifications sent to lessees: the two rooms meet here only."""

from dataclasses import replace
from typing import Any, Final

from psycopg import Connection

from alerts.notify.service import ReminderDelivered
from fleet.dunning import service as dunning
from schemas.access import SYSTEM

_ALERTS: Final = replace(SYSTEM, name="guanche alerts")


def record_reminder(conn: Connection[Any], delivered: ReminderDelivered) -> None:
    """What came of sending it; the proof is the message's id. That it arrived, none can say."""
    noted = dunning.record_delivery(
        conn,
        _ALERTS,
        notice_no=delivered.notice_no,
        channel=delivered.channel,
        result=delivered.result,
        sent_at=delivered.sent_at,
        proof=delivered.proof,
        now=delivered.sent_at,
    )
    found = noted.listed.notice
    if (found.tenant_id, found.organisation_id) != (delivered.tenant_id, delivered.organisation_id):
        raise RuntimeError(f"two tenants have a notice {delivered.notice_no}; nothing is noted")
