"""Decides whether a chain of audit entries is whole: numbers without gap, digests that fit.

The same digest as the trigger's, calculated apart from it: SHA-256 over the digest before and every
field as its length in bytes and its text, null as a hyphen.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from fleet.audit.model import ChainEntry, ChainFault, ChainHead

FIRST_DIGEST = hashlib.sha256(b"").digest()
"""What the first entry of a chain follows."""


def digest_of(previous: bytes, fields: Sequence[str | None]) -> bytes:
    """The digest of an entry with these fields after the one with that digest.

    >>> digest_of(FIRST_DIGEST, ["7", "1"]) != digest_of(FIRST_DIGEST, ["71", ""])
    True
    """
    parts = ["-" if f is None else f"{len(f.encode())}:{f}" for f in fields]
    return hashlib.sha256(previous + "".join(parts).encode()).digest()


def find_faults(
    entries: Iterable[ChainEntry], heads: Iterable[ChainHead], exported: Iterable[ChainHead] = ()
) -> Iterator[ChainFault]:
    """What is wrong with the chains; nothing if they are whole.

    `entries` come ordered by organisation and number. `heads` are the ends the database knows,
    `exported` such ends as were written down elsewhere earlier: an entry there must still be here.
    """
    wanted: dict[tuple[int, int], bytes] = {(h.organisation_id, h.no): h.digest for h in exported}
    ends: dict[int, tuple[int, bytes]] = {}
    for entry in entries:
        no, digest = ends.get(entry.organisation_id, (0, FIRST_DIGEST))
        if entry.no != no + 1:
            yield ChainFault(entry.organisation_id, no + 1, f"missing before entry {entry.no}")
        elif entry.previous_digest != digest:
            yield ChainFault(entry.organisation_id, entry.no, "does not follow the one before")
        if digest_of(entry.previous_digest, entry.fields) != entry.digest:
            yield ChainFault(entry.organisation_id, entry.no, "altered")
        if wanted.pop((entry.organisation_id, entry.no), entry.digest) != entry.digest:
            yield ChainFault(entry.organisation_id, entry.no, "not the one that was exported")
        ends[entry.organisation_id] = (entry.no, entry.digest)
    known = {head.organisation_id: (head.no, head.digest) for head in heads}
    for organisation_id in sorted(known.keys() | ends.keys()):
        end, head = ends.get(organisation_id, (0, FIRST_DIGEST)), known.get(organisation_id)
        if end != head:
            yield ChainFault(organisation_id, end[0], "is the last here, but not the recorded end")
    for organisation_id, no in sorted(wanted):
        yield ChainFault(organisation_id, no, "was exported and is gone")
