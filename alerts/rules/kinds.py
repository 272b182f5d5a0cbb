"""All kinds of rules, by name."""

from typing import Final

from alerts.rules.model import Kind
from alerts.rules.obligation_kinds import OBLIGATION_KINDS
from alerts.rules.telemetry_kinds import TELEMETRY_KINDS

KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in (*OBLIGATION_KINDS, *TELEMETRY_KINDS)}
