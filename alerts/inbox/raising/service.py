"""Takes what rules found into the inbox: in sets, once, whoever else does so at the same time.

Rules of one source (obligations, telemetry) are applied one transaction at a time; alerts are
locked in the order of their ids before any is written, so that nobody waits in a circle. Unique
keys hold all the same. Runs in READ COMMITTED: what another applied before is seen. Leaves out
finding (`alerts/engine`, `alerts/obligations`) and telling (`alerts/notify`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random, SystemRandom
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.inbox.escalation.steps import step_at, steps_from
from alerts.inbox.history import service as history
from alerts.inbox.history.service import Happened
from alerts.inbox.inhibition import service as inhibition
from alerts.inbox.model import Applied, Told
from alerts.inbox.raising import store
from alerts.inbox.raising.codes import draw_codes
from alerts.inbox.raising.folding import Act, Book, Key, Tally, books_of, fold, grouped, keys_of
from alerts.inbox.raising.matter import Matter
from alerts.model import SEVERITIES, Clearing, Finding
from alerts.rules.kinds import KINDS
from kit.numbers import TRIES, make_number

__all__ = ["apply", "raise_found"]

LETTER: Final = "A"
NUMBER_LENGTH: Final = 8
_RANDOM: Final = SystemRandom()


def apply(
    conn: Connection[Any],
    findings: Sequence[Finding],
    clearings: Sequence[Clearing],
    *,
    now: datetime,
    rng: Random = _RANDOM,
) -> Applied:
    """Make alerts of findings and resolve what is so no longer; safe to repeat.

    Findings and clearings of one rule and subject are taken in the order of their instants. `told`
    is what notifications have to be told; it is not told yet.
    """
    groups = grouped(findings, clearings)
    if not groups:
        return Applied()
    for source in sorted({_source_of(rule_code) for _, rule_code, _, _ in groups}):
        store.lock_source(conn, source)
    tally = Tally()
    books = _read(conn, groups, tally)
    for key in sorted(groups):
        fold(books.setdefault(key, Book()), groups[key], tally, now=now)
    changed = [each for key in sorted(groups) for each in books[key].matters if each.changed]
    changed += _past(books, changed)
    written = _write(conn, changed, tally, now=now, rng=rng)
    told = _tell(conn, written, now)
    counts = {name: getattr(tally, name) for name in Tally.__slots__}
    return Applied(**counts, told=told)


def raise_found(
    conn: Connection[Any],
    *,
    first: int,
    last: int,
    hearing: Collection[int] | None = None,
    now: datetime,
    rng: Random = _RANDOM,
) -> Applied:
    """Make alerts of the findings with the numbers [first, last] in the table `alert_findings`.

    For very many at once that a sweep found of which there is no alert yet; they never leave the
    database. Safe to repeat: of what another wrote meanwhile nothing is written, and the next sweep
    tells what is left of it. Nothing explains what is due, and that explains nothing. `told` is
    what there is to tell of the organisations `hearing`, or of all.

    Raises:
        psycopg.errors.UniqueViolation: a number that was drawn is taken, which is rare; nothing is
            written then, and `apply` would draw another.
    """
    store.lock_source(conn, "obligation")
    ids = store.list_organisations_found(conn, first=first, last=last)
    escalations = list(_escalations(conn, ids, now))
    codes = draw_codes(last - first + 1, rng)
    raised, told = store.raise_found(
        conn, codes, escalations, first=first, last=last, hearing=hearing, now=now
    )
    return Applied(raised=raised, repeated=last - first + 1 - raised, told=told)


def _escalations(conn: Connection[Any], ids: list[int], now: datetime) -> Iterator[dict[str, Any]]:
    """By organisation and severity: when somebody else is told, if nobody acknowledges it."""
    for organisation in store.list_organisations(conn, ids).values():
        steps = steps_from(organisation.steps or ())
        for severity in SEVERITIES:
            at = step_at(steps, severity, 0, since=now)
            of = {"organisation_id": organisation.id, "severity": severity}
            if at is not None:
                yield of | {"escalate_at": at}


def _source_of(rule_code: str) -> str:
    """Further rules have codes of their own; all of them are of telemetry."""
    kind = KINDS.get(rule_code)
    return "obligation" if kind is not None and kind.source == "obligation" else "telemetry"


def _read(conn: Connection[Any], groups: dict[Key, list[Act]], tally: Tally) -> dict[Key, Book]:
    """What is stored of the rules and subjects in question, locked.

    Where all is known already nothing is locked, and the group is left out.
    """
    found = {key: [a for a in acts if isinstance(a, Finding)] for key, acts in groups.items()}
    wanted = (
        (key, fire, act.occurrence if act.fire_keys else None)
        for key, acts in found.items()
        for act in acts
        for fire in keys_of(act)
    )
    fires = store.list_fires(conn, wanted)
    known = {(key, fire_key) for key, fire_key, _ in fires}
    for key in [key for key, acts in groups.items() if _all_known(key, acts, known)]:
        tally.repeated += len(groups.pop(key))
    fires = [each for each in fires if each[0] in groups]
    asked = [(key, _occurrences(acts), _since(found[key])) for key, acts in groups.items()]
    stored = store.lock_alerts(conn, asked, (alert_id for _, _, alert_id in fires))
    return dict(books_of(stored, fires))


def _all_known(key: Key, acts: Sequence[Act], known: set[tuple[Key, str]]) -> bool:
    """Whether these acts change nothing: findings of what fired before and lasts."""
    return all(
        isinstance(act, Finding)
        and act.cleared_at is None
        and all((key, fire_key) in known for fire_key in keys_of(act))
        for act in acts
    )


def _occurrences(acts: Sequence[Act]) -> list[str]:
    return [act.occurrence for act in acts if act.occurrence is not None]


def _since(findings: Sequence[Finding]) -> datetime | None:
    """How long ago an alert may have ended at most to be reopened."""
    return min(
        (
            each.raised_at - timedelta(seconds=each.reopen_within_s)
            for each in findings
            if each.reopen_within_s > 0
        ),
        default=None,
    )


def _past(books: Mapping[Key, Book], changed: Sequence[Matter]) -> Iterator[Matter]:
    """Alerts that only fires lead to: of an organisation the subject has left since."""
    seen = {id(each) for each in changed}
    for book in books.values():
        for each in book.fires.values():
            if each.changed and id(each) not in seen:
                seen.add(id(each))
                yield each


def _write(
    conn: Connection[Any], changed: list[Matter], tally: Tally, *, now: datetime, rng: Random
) -> list[Matter]:
    """Write alerts, fires and events; those that were written."""
    if not changed:
        return []
    organisations = store.list_organisations(conn, (each.organisation_id for each in changed))
    for each in changed:
        _schedule(each, organisations.get(each.organisation_id), now)
    new = [each for each in changed if each.id is None]
    known = [each for each in changed if each.id is not None]
    _insert(conn, new, organisations, now=now, rng=rng)
    store.update_alerts(conn, known)
    written = [each for each in changed if each.id is not None]
    lost = len(changed) - len(written)
    tally.raised -= lost
    tally.repeated += lost
    store.insert_fires(conn, written, now=now)
    happened = [
        Happened(each.tenant_id, each.organisation_id, each.id, kind, facts)
        for each in written
        for kind, facts in each.events
        if each.id is not None
    ]
    history.write_down(conn, happened, at=now)
    return written


def _schedule(matter: Matter, organisation: store.Organisation | None, now: datetime) -> None:
    """When somebody else is told, if nobody acknowledges it."""
    if matter.escalating == "ends":
        matter.escalate_at = None
    elif matter.escalating == "begins":
        steps = steps_from((organisation.steps if organisation else None) or ())
        matter.escalate_at = step_at(steps, matter.severity, 0, since=now)


def _insert(
    conn: Connection[Any],
    new: list[Matter],
    organisations: Mapping[int, store.Organisation],
    *,
    now: datetime,
    rng: Random,
) -> None:
    """Write new alerts under numbers nobody has. What has its alert meanwhile stays without id."""
    waiting = new
    for _ in range(TRIES):
        if not waiting:
            return
        drawn: set[str] = set()
        for each in waiting:
            zone = ZoneInfo(organisations[each.organisation_id].time_zone)
            each.alert_no = _number(now.astimezone(zone).date(), rng, drawn)
        ids = store.insert_alerts(conn, waiting, now=now)
        for each in waiting:
            each.id = ids.get(each.alert_no)
        waiting = [each for each in waiting if each.id is None]
        if waiting:
            known = store.list_known(conn, waiting)
            waiting = [e for e in waiting if (store.key_of(e), e.occurrence) not in known]
    if waiting:
        raise RuntimeError(f"no number is free for an alert after {TRIES} tries")


def _number(on: date, rng: Random, drawn: set[str]) -> str:
    """A number that none of the others has that are about to be written."""
    number = make_number(LETTER, on, rng, length=NUMBER_LENGTH)
    while number in drawn:
        number = make_number(LETTER, on, rng, length=NUMBER_LENGTH)
    drawn.add(number)
    return number


def _tell(conn: Connection[Any], written: Sequence[Matter], now: datetime) -> list[Told]:
    """Whom nothing holds back. What another alert explains is not told; what that held back is."""
    open_now = [each for each in written if each.unresolved and not each.historical]
    hushed = inhibition.explain(
        conn, [(e.id, e.kind, e.links.vehicle_id) for e in open_now if e.id and e.raising], now=now
    )
    settled = [e.id for e in written if e.id is not None and not (e.unresolved or e.historical)]
    told = [told for each in written if each.id not in hushed for told in _told(each, now)]
    return told + inhibition.release(conn, settled, now=now)


def _told(matter: Matter, now: datetime) -> Iterator[Told]:
    snoozed = matter.snoozed_until is not None and matter.snoozed_until > now
    if matter.historical or snoozed or matter.inhibited_by_id is not None or matter.id is None:
        return
    whats = [matter.raising] if matter.raising is not None else []
    if matter.settled:
        whats.append(("resolved", f"resolved:{matter.reopened}"))
    for purpose, occasion in whats:
        yield Told(
            tenant_id=matter.tenant_id,
            organisation_id=matter.organisation_id,
            alert_id=matter.id,
            alert_no=matter.alert_no,
            kind=matter.kind,
            rule_code=matter.rule_code,
            severity=matter.severity,
            purpose=purpose,
            occasion=occasion,
        )
