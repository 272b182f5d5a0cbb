"""Bills, as everybody else asks for them.

A lease is looked at: what shall be billed, less what is (`plan.py`). Each act stands in its own
part: `settings`, `running` (what is due; `jobs.py` has the transactions), `issuing`, `crediting`,
`acts` (what people do), `views` (what is asked), `gathering` and `deciding` between them. What was
issued is never changed: it is corrected by credit notes.
"""

from fleet.billing.acts.model import DELIVERY_CHANNELS, Delivery, DeliveryChannel
from fleet.billing.acts.service import (
    bill_now,
    bring_in,
    discard_bill,
    issue_bill,
    list_deliveries,
    open_special,
    record_delivery,
)
from fleet.billing.crediting.model import (
    CreditNote,
    CreditNoteDetail,
    CreditNoteLine,
    CreditWanted,
)
from fleet.billing.crediting.service import credit_bill
from fleet.billing.model import (
    BILL_KINDS,
    LINE_KINDS,
    Bill,
    BillKind,
    BillLine,
    BillState,
    LineClass,
    LineKind,
)
from fleet.billing.running.model import BillingFault, RunCounts
from fleet.billing.running.service import list_due, list_faults, look_at
from fleet.billing.settings.model import Billing, BillingSettings
from fleet.billing.settings.service import set_settings, settings_for, settings_of
from fleet.billing.views.model import BillDetail, BillingPlan, Frozen, LineShown
from fleet.billing.views.service import (
    frozen_bill,
    frozen_credit_note,
    get_bill,
    get_billing_plan,
    get_credit_note,
    list_bills,
    list_credit_notes,
    tell_bill,
)

__all__ = [
    "BILL_KINDS",
    "DELIVERY_CHANNELS",
    "LINE_KINDS",
    "Bill",
    "BillDetail",
    "BillKind",
    "BillLine",
    "BillState",
    "Billing",
    "BillingFault",
    "BillingPlan",
    "BillingSettings",
    "CreditNote",
    "CreditNoteDetail",
    "CreditNoteLine",
    "CreditWanted",
    "Delivery",
    "DeliveryChannel",
    "Frozen",
    "LineClass",
    "LineKind",
    "LineShown",
    "RunCounts",
    "bill_now",
    "bring_in",
    "credit_bill",
    "discard_bill",
    "frozen_bill",
    "frozen_credit_note",
    "get_bill",
    "get_billing_plan",
    "get_credit_note",
    "issue_bill",
    "list_bills",
    "list_credit_notes",
    "list_deliveries",
    "list_due",
    "list_faults",
    "look_at",
    "open_special",
    "record_delivery",
    "set_settings",
    "settings_for",
    "settings_of",
    "tell_bill",
]
