"""The shapes of the settings of billing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

SELLER_PARTS: Final = (
    "name",
    "tax_no",
    "address",
    "phone",
    "bank",
    "account",
    "contact",
    "wechat",
    "note",
)
"""What is printed of the seller; only the name is always there."""


@dataclass(frozen=True, slots=True)
class Billing:
    """From when, how far ahead, and as whom an organisation bills."""

    bills_from_on: date
    draft_days: int
    issue_days: int
    issues_itself: bool
    """Whether drafts are issued when their day has come; else somebody issues them."""
    seller: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class BillingSettings:
    """The settings that count for an organisation: its own, or the nearest above.

    `of_organisation_code`: whose they are; None: out of sight. `version` is that of its own, 0
    where it has none.
    """

    organisation_id: int
    tenant_id: int
    organisation_code: str
    of_organisation_code: str | None
    billing: Billing
    version: int
    changed_by: str | None
    changed_at: datetime
