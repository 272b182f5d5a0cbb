"""All rules of all organisations at one instant, and the names they speak of: what engines read.

A name in a rule (a group, a place) is looked for with the organisation the rule holds for, then
with those above it: the nearest counts, as with rules. Leaves out reading it from the database
(`service.all_rules`) and judging by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

from alerts.geofences.model import Shape
from alerts.rules.inheritance import SetRule, Unreadable, effective
from alerts.rules.model import Rule

Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation, as rules have to know it. `above`: itself and those above, nearest first."""

    id: int
    tenant_id: int
    code: str
    time_zone: str
    above: tuple[int, ...]


class Reaching(Generic[Named]):
    """What organisations have given names to, found from any of them up the tree."""

    def __init__(
        self,
        organisations: Mapping[int, OrganisationFacts],
        named: Mapping[tuple[int, str], Named],
    ) -> None:
        self._organisations = organisations
        self._named = named

    def get(self, place: tuple[int, str]) -> Named | None:
        """What the code means to the organisation; None if it means nothing there."""
        organisation_id, code = place
        one = self._organisations.get(organisation_id)
        for each in () if one is None else one.above:
            found = self._named.get((each, code))
            if found is not None:
                return found
        return None

    def __getitem__(self, place: tuple[int, str]) -> Named:
        found = self.get(place)
        if found is None:
            raise KeyError(place)
        return found

    def __contains__(self, place: tuple[int, str]) -> bool:
        return self.get(place) is not None


@dataclass(slots=True)
class RuleBook:
    """The rules that hold, by organisation and by kind. Never changes: another revision is another.

    `groups[(organisation_id, code)]` are ids of vehicles, `geofences[(organisation_id, code)]` a
    shape; both are found up the tree.
    """

    revision: str
    """Compared, to know whether there is something new; says nothing else."""
    organisations: Mapping[int, OrganisationFacts]
    geofences: Reaching[Shape]
    groups: Reaching[frozenset[int]]
    unreadable: tuple[Unreadable, ...] = ()
    """Rows that this release cannot read, to be told to whoever runs it."""
    _set_by: Mapping[int, Sequence[SetRule]] = field(default_factory=dict)
    _of: dict[int, Mapping[str, Rule]] = field(default_factory=dict)
    _enabled: dict[str, list[Rule]] | None = None

    def of(self, organisation_id: int) -> Mapping[str, Rule]:
        """The rules that hold for the organisation, by code, the shipped ones included.

        Raises:
            LookupError: it was not there when the book was read.
        """
        known = self._of.get(organisation_id)
        if known is None:
            above = self.organisations[organisation_id].above
            known = MappingProxyType(effective(organisation_id, above, self._set_by))
            self._of[organisation_id] = known
        return known

    def enabled(self, kind: str) -> list[Rule]:
        """The rules of a kind that are on: one an organisation and code, in this order."""
        if self._enabled is None:
            by_kind: dict[str, list[Rule]] = defaultdict(list)
            for organisation_id in sorted(self.organisations):
                for rule in self.of(organisation_id).values():
                    if rule.enabled:
                        by_kind[rule.kind.name].append(rule)
            self._enabled = by_kind
        return list(self._enabled.get(kind, ()))

    def members(self, rule: Rule) -> frozenset[int] | None:
        """Vehicles of all groups of the rule's scope; None: it is not narrowed by groups.

        A group that is not there any more has no vehicles.
        """
        if not rule.scope.groups:
            return None
        found = (self.groups.get((rule.organisation_id, code)) for code in rule.scope.groups)
        return frozenset().union(*(each for each in found if each is not None))

    def applies(
        self, rule: Rule, *, vehicle_id: int, vin: str, model: str | None, lease_no: str | None
    ) -> bool:
        """Whether a vehicle of the rule's organisation lies in its scope."""
        scope = rule.scope
        members = self.members(rule)
        return (
            (members is None or vehicle_id in members)
            and (not scope.vins or vin in scope.vins)
            and (not scope.models or model in scope.models)
            and (scope.lease_no is None or lease_no == scope.lease_no)
        )


def write_book(
    revision: str,
    organisations: Iterable[OrganisationFacts],
    rules: Iterable[SetRule | Unreadable],
    geofences: Mapping[tuple[int, str], Shape],
    groups: Mapping[tuple[int, str], frozenset[int]],
) -> RuleBook:
    """A book of what was read."""
    known = {one.id: one for one in organisations}
    set_by: dict[int, list[SetRule]] = defaultdict(list)
    unreadable = []
    for row in rules:
        if isinstance(row, Unreadable):
            unreadable.append(row)
        else:
            set_by[row.organisation_id].append(row)
    return RuleBook(
        revision=revision,
        organisations=known,
        geofences=Reaching(known, geofences),
        groups=Reaching(known, groups),
        unreadable=tuple(unreadable),
        _set_by=set_by,
    )
