"""Keeps policies (交强险, 商业险), and tells how a vehicle is insured.

Leaves out what falls due from them (`obligations`), and what they cost (`fleet/costs`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

from psycopg import Connection

from fleet.compliance import cover, store
from fleet.compliance.acts.service import Act, begin, finish, spend
from fleet.compliance.errors import PolicyNotFound, PolicyVoided
from fleet.compliance.model import Policy, PolicyKind
from fleet.compliance.printed import covered_period, parse_policy_no
from fleet.compliance.records import Cover, Place, PolicyTerms, Recorded
from fleet.local_days import local_day
from fleet.registry import service as registry
from kit.errors import VersionChanged
from schemas.access import Actor
from schemas.addresses import check_not_reserved


def record_policy(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    kind: PolicyKind,
    policy_no: str,
    terms: PolicyTerms,
    premium_fen: int | None = None,
    now: datetime,
) -> Recorded[Policy]:
    """A policy of the vehicle.

    Raises:
        VehicleNotFound, VehicleNotYours: it is not the actor's to write about.
        PolicyNumberMalformed, PolicyEndsBeforeStart: the input cannot be used.
        PolicyExists: the number is taken.
        CodeReserved: it is a word of the addresses.
    """
    act = begin(conn, actor, vin, now)
    policy = _policy(act, kind, parse_policy_no(policy_no), terms)
    check_not_reserved(policy.policy_no, field="policy_no")
    store.insert_policy(conn, act.about(), policy)
    _pay(act, policy, premium_fen)
    finish(act, "paper.record", "policy", policy.policy_no, after=policy, premium_fen=premium_fen)
    return get_policy(conn, actor, policy_no=policy.policy_no)


def change_policy(
    conn: Connection[Any],
    actor: Actor,
    *,
    policy_no: str,
    version: int,
    terms: PolicyTerms,
    premium_fen: int | None = None,
    now: datetime,
) -> Recorded[Policy]:
    """The policy says this after all; its kind and its vehicle stay. None: the premium stays, too.

    Raises:
        PolicyNotFound: there is none in sight.
        VehicleNotYours: its vehicle is not the actor's any more.
        PolicyVoided: it never counted.
        PolicyEndsBeforeStart: the input cannot be used.
        VersionChanged: somebody changed it since `version` was read.
    """
    was, act = _begin_change(conn, actor, policy_no, now)
    policy = _policy(act, was.paper.kind, was.paper.policy_no, terms)
    if not store.update_policy(conn, was.id, replace(policy, version=version)):
        raise VersionChanged(f"policy {policy.policy_no} was changed", policy_no=policy.policy_no)
    _pay(act, policy, premium_fen)
    finish(
        act,
        "paper.change",
        "policy",
        policy.policy_no,
        before=was.paper,
        after=policy,
        premium_fen=premium_fen,
    )
    return get_policy(conn, actor, policy_no=policy.policy_no)


def void_policy(
    conn: Connection[Any], actor: Actor, *, policy_no: str, reason: str, now: datetime
) -> Recorded[Policy]:
    """The policy never counted; what was paid for it stays written down.

    Raises:
        PolicyNotFound, VehicleNotYours, PolicyVoided: as `change_policy`.
    """
    was, act = _begin_change(conn, actor, policy_no, now)
    store.mark_policy_voided(conn, was.id, voided_at=now, voided_because=reason)
    voided = replace(was.paper, voided_because=reason)
    finish(act, "paper.void", "policy", was.paper.policy_no, before=was.paper, after=voided)
    return get_policy(conn, actor, policy_no=was.paper.policy_no)


def get_policy(conn: Connection[Any], actor: Actor, *, policy_no: str) -> Recorded[Policy]:
    """The policy with this number, as it is stored.

    Raises:
        PolicyNotFound: there is none in sight.
    """
    found = list_policies(conn, actor, {"policy_no": policy_no}, limit=1)
    if not found:
        raise PolicyNotFound(f"no policy has the number {policy_no!r}", policy_no=policy_no)
    return found[0]


def list_policies(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: Place | None = None,
    limit: int = 50,
) -> list[Recorded[Policy]]:
    """Policies in sight by the end of their cover; `after` is the (end, id) of the last one seen.

    `filters`: vin, organisation (that has the vehicle now, or is above it), kind, insurer (a part
    of the name), ends_from_at, ends_before_at, voided, policy_no.
    """
    actor.require("paper.read")
    return store.list_policies(conn, filters, after=after, limit=limit)


def list_cover(conn: Connection[Any], actor: Actor, *, vin: str, now: datetime) -> list[Cover]:
    """How the vehicle is insured, a `Cover` a kind; as far as its policies are in sight.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
    """
    actor.require("paper.read")
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    [papers] = store.list_papers(conn, [vehicle.id])
    return [
        Cover(
            state=cover.state_of(papers.policies, kind, at=now),
            gaps=cover.gaps(papers.policies, kind),
            overlaps=cover.overlaps(papers.policies, kind),
            gap_weight=cover.weight_of(kind, papers.stage),
        )
        for kind in get_args(PolicyKind)
    ]


def _begin_change(
    conn: Connection[Any], actor: Actor, policy_no: str, now: datetime
) -> tuple[Recorded[Policy], Act]:
    actor.require("paper.record")
    was = get_policy(conn, actor, policy_no=policy_no)
    act = begin(conn, actor, was.vin, now)
    if was.paper.voided_at is not None:
        raise PolicyVoided(f"policy {was.paper.policy_no} is void", policy_no=was.paper.policy_no)
    return was, act


def _policy(act: Act, kind: PolicyKind, policy_no: str, terms: PolicyTerms) -> Policy:
    from_at, until_at = covered_period(terms.covered_from, terms.covered_until, act.zone)
    return Policy(
        kind=kind,
        policy_no=policy_no,
        insurer=terms.insurer,
        from_at=from_at,
        until_at=until_at,
        insured=terms.insured,
        use_nature=terms.use_nature,
        covers=terms.covers,
    )


def _pay(act: Act, policy: Policy, premium_fen: int | None) -> None:
    """The premium counts on the day cover begins."""
    on = local_day(policy.from_at, act.zone)
    spend(act, "policy", policy.policy_no, amount_fen=premium_fen, on=on)
