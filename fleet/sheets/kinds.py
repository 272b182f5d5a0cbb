"""The kinds of sheets that can be brought in, by name.

Leaves out how what is there is read and written for each (`service.py`).
"""

from typing import Final

from fleet.sheets.errors import ImportKindUnknown
from fleet.sheets.importing import ImportKind
from fleet.sheets.kinds_customers import CUSTOMERS
from fleet.sheets.kinds_leases import LEASES
from fleet.sheets.kinds_models import MODELS
from fleet.sheets.kinds_papers import INSPECTIONS, POLICIES
from fleet.sheets.kinds_service import WORK_ORDERS
from fleet.sheets.kinds_vehicles import VEHICLES

IMPORT_KINDS: Final[dict[str, ImportKind]] = {
    each.name: each
    for each in (VEHICLES, MODELS, POLICIES, INSPECTIONS, WORK_ORDERS, CUSTOMERS, LEASES)
}


def import_kind(name: str) -> ImportKind:
    """The kind of that name.

    Raises:
        ImportKindUnknown: there is none.
    """
    found = IMPORT_KINDS.get(name)
    if found is None:
        raise ImportKindUnknown(f"there is no kind of sheet {name!r}", kind=name)
    return found
