"""Decides whether what somebody typed is a rule of its kind; leaves out what it names.

Errors say which field and what is wrong with it, in the places of the request: `parameters.for_s`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from alerts.errors import AlertCodeMalformed
from alerts.rules.errors import (
    RuleKindUnknown,
    RuleParametersInvalid,
    RuleScopeInvalid,
    RuleStandsAlone,
)
from alerts.rules.kinds import KINDS
from alerts.rules.model import Kind, Parameters, Scope
from schemas.addresses import check_not_reserved

Checked = TypeVar("Checked", bound=BaseModel)
MOST_FAULTS: Final = 10
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")


def check_code(code: str) -> str:
    """The code of a rule, a group or a place.

    Raises:
        AlertCodeMalformed: it is none.
        CodeReserved: it is a word of the addresses.

    >>> check_code("night_shift")
    'night_shift'
    """
    check_form(code)
    check_not_reserved(code)
    return code


def check_form(code: str) -> None:
    """What any code looks like, a reserved one too.

    Raises:
        AlertCodeMalformed: it is none.
    """
    if _CODE.fullmatch(code) is None:
        raise AlertCodeMalformed(
            "a code is a–z, 0–9 and _, begins with a letter and has 41 characters at most",
            code=code[:60],
        )


def kind_for(code: str, kind: str | None) -> Kind:
    """The kind of a rule under this code; a kind's own code needs no saying.

    Raises:
        RuleKindUnknown: there is no such kind, or the code says none.
        RuleStandsAlone: another code than the kind's own, of which there is one rule only; or the
            code of one kind for a rule of another.

    >>> kind_for("over_speed", None).english, kind_for("motorway", "over_speed").english
    ('Over-speed', 'Over-speed')
    """
    found = KINDS.get(code if kind is None else kind)
    if found is None:
        raise RuleKindUnknown(f"there is no kind of rules {kind or code!r}", kind=kind or code)
    if found.name != code and (not found.many or code in KINDS):
        raise RuleStandsAlone(
            f"a rule of kind {found.name} cannot stand under the code {code!r}",
            kind=found.name,
            code=code,
        )
    return found


def checked_parameters(kind: Kind, given: Mapping[str, Any]) -> Parameters:
    """What the kind takes, with what is not given as shipped.

    Raises:
        RuleParametersInvalid: it does not take them; the facts name each field and its fault.
    """
    whole = kind.parameters.model_dump(mode="json") | dict(given)
    return _checked(type(kind.parameters), whole, "parameters", RuleParametersInvalid)


def checked_scope(kind: Kind, given: Mapping[str, Any]) -> Scope:
    """Which vehicles the rule is for.

    Raises:
        RuleScopeInvalid: no scope, or one for a kind that is not about vehicles.
    """
    scope = _checked(Scope, given, "scope", RuleScopeInvalid)
    if kind.subject != "vehicle" and scope != Scope.model_validate({}):
        raise RuleScopeInvalid(
            f"a rule about a {kind.subject} is for all of them",
            faults=[{"field": "scope", "problem": f"{kind.name} is not about vehicles"}],
        )
    return scope


def _checked(
    model: type[Checked],
    given: Mapping[str, Any],
    place: str,
    fact: type[RuleParametersInvalid],
) -> Checked:
    try:
        return model.model_validate_json(_as_json(given, place, fact), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        faults = [
            {
                "field": ".".join([place, *map(str, each["loc"])])[:120],
                "problem": each["msg"].removeprefix("Value error, "),
            }
            for each in found[:MOST_FAULTS]
        ]
        raise _at_fault(faults, fact) from None


def _as_json(given: Mapping[str, Any], place: str, fact: type[RuleParametersInvalid]) -> str:
    """As it came by the API; a file of another form can hold more than that, such as a day."""
    faults = []
    for name, value in given.items():
        try:
            json.dumps(value)
        except (TypeError, ValueError) as error:
            faults.append({"field": f"{place}.{name}"[:120], "problem": str(error)})
    if faults:
        raise _at_fault(faults[:MOST_FAULTS], fact)
    return json.dumps(dict(given))


def _at_fault(
    faults: list[dict[str, str]], fact: type[RuleParametersInvalid]
) -> RuleParametersInvalid:
    told = "; ".join(f"{each['field']}: {each['problem']}" for each in faults)
    return fact(told, place=faults[0]["field"], faults=faults)
