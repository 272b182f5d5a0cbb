"""The sample texts the product brings, one for each kind of lease; until a tenant has its own."""

from collections.abc import Mapping
from typing import Final

from fleet.contracts.model import LeaseKind, TemplateDraft
from fleet.contracts.texts_lease_to_own import LEASE_TO_OWN
from fleet.contracts.texts_long import LONG
from fleet.contracts.texts_short import SHORT

DEFAULT_TEMPLATES: Final[tuple[TemplateDraft, ...]] = (SHORT, LONG, LEASE_TO_OWN)
DEFAULT_CODES: Final[Mapping[LeaseKind, str]] = {
    one.lease_kind: one.code for one in DEFAULT_TEMPLATES
}
"""Which text a lease gets where none is named."""
