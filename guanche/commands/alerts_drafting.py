"""Reads what somebody gives of a rule to be tried: settings one by one, a file.

Leaves out what the parameters of a kind may be: the rules say so (`alerts/rules`).
"""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from alerts.model import SEVERITIES
from alerts.rules.kinds import KINDS
from kit.errors import Invalid

PARTS: Final = {"kind", "parameters", "scope", "severity", "name"}


def settings_from(given: list[str]) -> dict[str, Any]:
    """Parameters that were given one by one.

    Raises:
        Invalid: one of them is no name=value.
    """
    settings = {}
    for each in given:
        name, equals, text = each.partition("=")
        if not equals:
            raise Invalid(f"{each!r} is not a setting; write name=value")
        settings[name] = _parsed(text)
    return settings


def rule_in(path: Path) -> dict[str, Any]:
    """The rule that a file holds; what it does not say is as shipped.

    Raises:
        Invalid: it cannot be read, or is no rule.
    """
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        json.dumps(found)  # a date of a .toml is nothing that a rule holds
    except (OSError, ValueError, TypeError) as error:
        raise Invalid(f"{path}: {error}") from None
    unknown = set(found) - PARTS if isinstance(found, dict) else {"what is no table"}
    if unknown or "kind" not in found:
        raise Invalid(f"{path}: a rule has {', '.join(sorted(PARTS))}, and a kind at least")
    if found["kind"] not in list(KINDS):
        raise Invalid(f"{path}: no kind {found['kind']!r}; `guanche alerts rules` lists them")
    for part in ("parameters", "scope"):
        if not isinstance(found.setdefault(part, {}), dict):
            raise Invalid(f"{path}: {part} is a table")
    if found.setdefault("severity", None) not in (None, *SEVERITIES):
        raise Invalid(f"{path}: severity is one of {', '.join(SEVERITIES)}")
    return {"code": found["kind"], **found}


def completed(kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """All parameters of a kind, what is not given as shipped.

    Raises:
        Invalid: it has none of a name.
    """
    shipped = KINDS[kind].parameters.model_dump(mode="json")
    unknown = sorted(set(parameters) - set(shipped))
    if unknown:
        raise Invalid(
            f"{kind} has no parameter {', '.join(map(repr, unknown))};"
            f" it has {', '.join(shipped) or 'none'}"
        )
    return {**shipped, **parameters}


def _parsed(text: str) -> Any:
    """A number, true, false, null or a list where it reads as such, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
