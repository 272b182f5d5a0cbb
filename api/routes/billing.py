"""Billing over HTTP: its settings, a run now, what could not be billed, what will be."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.billing import (
    BillingPlanOut,
    BillingSettingsIn,
    BillingSettingsOut,
    FaultOut,
    RunOut,
)
from api.models.bills import BillOut
from api.models.hand_overs import LeaseNoPath
from api.models.text import Day
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from api.routes.bills import OfCustomer, OfLease, OfOrganisation
from fleet.billing import jobs
from fleet.billing import service as billing

operations = Operations("bills")

MOST_AT_ONCE: Final = 1_000
"""Leases that one request looks at."""
FAULTS: Final = Export(
    Words("出账异常", "billing-faults"),
    {
        "lease_no": Words("合同号", "Lease"),
        "customer_no": Words("客户编号", "Customer no"),
        "fault": Words("异常", "Fault"),
        "looked_at": Words("检查时间", "Looked at"),
    },
)
Organisation = Annotated[
    str | None, Query(max_length=63, description="Code of the organisation [your own].")
]
UntilOn = Annotated[Day | None, Query(description="Due before this day [a year from now].")]


@operations.get("/billing-settings", tells=["ETag"])
def get_billing_settings(
    call: Call, organisation: Organisation = None
) -> Answer[BillingSettingsOut]:
    """From when, how far ahead, and as whom an organisation bills: by its own settings, or those of
    the nearest above.

    The ETag is that of its own; `"0"` where it has none.
    """
    code = organisation or call.actor.organisation_code or ""
    return _answer(billing.settings_of(call.conn, call.actor, organisation_code=code))


@operations.put("/billing-settings", tells=["ETag"])
def set_billing_settings(
    call: Call,
    body: BillingSettingsIn,
    organisation: Organisation = None,
    if_match: IfMatch = None,
) -> Answer[BillingSettingsOut]:
    """Say from when, how far ahead, and as whom an organisation, and those below it, bill.

    If-Match: the ETag of its own settings, `"0"` for the first. What was issued stays; drafts are
    made anew. Asks for a step-up.
    """
    code = organisation or call.actor.organisation_code or ""
    set_ = billing.set_settings(
        call.conn,
        call.actor,
        organisation_code=code,
        version=version_of(if_match),
        billing=body.billing(),
        now=call.now,
    )
    return _answer(set_)


@operations.post("/billing-runs")
def run_billing(call: Call) -> RunOut:
    """Bill now what is to be billed of your organisation and those below: draft, issue, take off.

    It is done by itself, too; doing it again does nothing more. Some leases a request: `left` says
    whether to ask again.
    """
    assert call.actor.organisation_id is not None
    done = jobs.run(
        call.conn,
        call.actor,
        organisation_id=call.actor.organisation_id,
        now=call.now,
        limit=MOST_AT_ONCE,
    )
    return RunOut.of(done)


@operations.get("/billing-faults", exported=FAULTS)
def list_billing_faults(
    call: Call,
    lease: OfLease = None,
    customer: OfCustomer = None,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[FaultOut]:
    """Leases that could not be billed, and why; all others were."""
    given = {"lease": lease, "customer": customer, "organisation": organisation}
    rows = billing.list_faults(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[FaultOut](
        items=[FaultOut.of(row) for row in page], next=last and cursor_of(last.lease_no)
    )


@operations.post("/leases/{lease_no}/bills", status=201, idempotent="bill.issue")
def bill_lease(call: Call, lease_no: LeaseNoPath) -> list[BillOut]:
    """Bill a lease now: all that would be drafted today is issued today; perhaps nothing."""
    made = billing.bill_now(call.conn, call.actor, lease_no=lease_no, now=call.now)
    return [BillOut.of(each) for each in made]


@operations.get("/leases/{lease_no}/billing-plan")
def get_billing_plan(call: Call, lease_no: LeaseNoPath, until_on: UntilOn = None) -> BillingPlanOut:
    """What will be billed of a lease and when, by what is known today; nothing is written."""
    found = billing.get_billing_plan(
        call.conn, call.actor, lease_no=lease_no, until_on=until_on, now=call.now
    )
    return BillingPlanOut.of(found)


def _answer(settings: billing.BillingSettings) -> Answer[BillingSettingsOut]:
    return Answer(BillingSettingsOut.of(settings), version=settings.version)
