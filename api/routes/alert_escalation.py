"""Escalation of alerts over HTTP: who is told next of what nobody acknowledges."""

from typing import Annotated

from fastapi import Query

from alerts.inbox import service as inbox
from api.deps import Call
from api.models.alert_escalation import EscalationIn, EscalationOut
from api.operation import Answer, IfMatch, Operations, version_of

operations = Operations("alerts")

OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of the organisation [your own].")
]


@operations.get("/alert-escalation", tells=["ETag"])
def get_alert_escalation(call: Call, organisation: OfOrganisation = None) -> Answer[EscalationOut]:
    """The escalation that holds for an organisation: its own, or the nearest one above."""
    found = inbox.get_escalation(call.conn, call.actor, organisation=organisation)
    return Answer(EscalationOut.of(found), version=found.version)


@operations.put("/alert-escalation", tells=["ETag"])
def set_alert_escalation(
    call: Call,
    body: EscalationIn,
    organisation: OfOrganisation = None,
    if_match: IfMatch = None,
) -> Answer[EscalationOut]:
    """Say who is told next, for an organisation and all below that do not say so themselves.

    Steps null: as set above it, none of its own any more. If-Match: the ETag of its escalation;
    `"0"` where it has none of its own.
    """
    after = inbox.set_escalation(
        call.conn,
        call.actor,
        organisation=organisation,
        version=version_of(if_match),
        steps=None if body.steps is None else [step.step() for step in body.steps],
        now=call.now,
    )
    return Answer(EscalationOut.of(after), version=after.version)
