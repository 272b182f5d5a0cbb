"""The shapes of what is known of a lease when its bills are planned."""

from dataclasses import dataclass
from datetime import date

from fleet.billing.changes import OpenDraft
from fleet.billing.context import PlanContext
from fleet.billing.settings.model import Billing


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a lease: what it is planned by, its drafts, how it is billed.

    `package_on`: when the next term of a package is to be drafted that is not by now.
    """

    context: PlanContext
    drafts: tuple[OpenDraft, ...]
    billing: Billing
    package_on: date | None
