"""Service packages, as everybody else asks for them.

Parts: `catalogue` (what is sold), `selling` (sales and the terms to bill), `visiting` (what was
done of them).
"""

from fleet.packages.catalogue.service import add_package, list_packages, retire_package
from fleet.packages.model import VISIT_KINDS, Package, PackageTerm, Sale, VisitKind
from fleet.packages.selling.service import (
    end_sale,
    list_of_lease,
    list_sales,
    sell_package,
    terms_due,
)
from fleet.packages.visiting.service import get_sale, record_visit

__all__ = [
    "VISIT_KINDS",
    "Package",
    "PackageTerm",
    "Sale",
    "VisitKind",
    "add_package",
    "end_sale",
    "get_sale",
    "list_of_lease",
    "list_packages",
    "list_sales",
    "record_visit",
    "retire_package",
    "sell_package",
    "terms_due",
]
