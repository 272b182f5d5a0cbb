"""Decides how idle vehicles of a model are cared for: the figures in force, but for its own.

Leaves out the figures in force (`fleet/parameters`) and when care is due (`fleet/service`).
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from fleet.figures import IdleCare
from fleet.models.errors import CareMalformed


def check_care(base: IdleCare, care: Mapping[str, Any]) -> dict[str, Any]:
    """A model's own figures, each of `IdleCare`, that hold together with those in force.

    >>> base = IdleCare(target_from_pct=50, target_to_pct=60, warn_below_pct=40,
    ...                 critical_below_pct=20, check_every_days=30)
    >>> check_care(base, {"check_every_days": 14})
    {'check_every_days': 14}

    Raises:
        CareMalformed: an unknown figure, one out of its range, or they contradict one another.
    """
    try:
        whole = IdleCare.model_validate({**base.model_dump(mode="json"), **care})
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise CareMalformed(
            f"care: {place} {first['msg']}".replace("  ", " ")[:200], place=place
        ) from None
    return {name: whole.model_dump(mode="json")[name] for name in care}


def care_of(base: IdleCare, care: Mapping[str, Any]) -> IdleCare:
    """The care of a model's idle vehicles. What was in force may have changed since `check_care`;
    the model's own figures are kept even so.

    >>> base = IdleCare(target_from_pct=50, target_to_pct=60, warn_below_pct=40,
    ...                 critical_below_pct=20, check_every_days=30)
    >>> care_of(base, {"check_every_days": 14}).check_every_days
    14
    """
    return base.model_copy(update=dict(care))
