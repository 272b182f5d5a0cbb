"""Has bytes go that are marked to: of a person who was erased, of a sheet that is not kept.

Bytes lie under their digest, so they go only when no file that is not withdrawn, no contract and no
paper of money of the tenant has the same. That is looked up and done in one transaction, in which
nobody else can put them; whoever puts them later writes them anew. A crash between the deletion and
the mark has them deleted once more, which changes nothing. Leaves out the second copy of contracts,
where none lie.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection

from fleet.documents import store
from fleet.documents.model import key_of_bytes
from kit import db
from kit.files import FileStore, FilesUnavailable
from kit.log import get_logger

MOST_AT_ONCE: Final = 1_000
AGAIN_NEEDED: Final = timedelta(days=1)
"""When bytes that something else has are looked at again."""
AGAIN_UNAVAILABLE: Final = timedelta(hours=1)
Outcome = Literal["erased", "needed", "unavailable"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("erased", "needed", "unavailable")
log = get_logger("documents")


class Swept(NamedTuple):
    """What became of the bytes of some files that were to go."""

    tenant_id: int
    sha256: bytes
    documents: int
    outcome: Outcome


def sweep_due(
    conn: Connection[Any], files: FileStore, *, now: datetime, limit: int = MOST_AT_ONCE
) -> Iterator[Swept]:
    """Delete the bytes that are due to go, of every tenant, and commit after each.

    A store that does not answer ends the round; what failed then waits behind the others.
    """
    due = store.list_to_erase(conn, at=now, limit=limit)
    conn.commit()
    for tenant_id, sha256 in due:
        db.act_for(conn, [tenant_id])
        done = _sweep(conn, files, tenant_id, sha256, now=now)
        conn.commit()
        if done is not None:
            yield done
            if done.outcome == "unavailable":
                return


def count_files(done: Iterable[Swept]) -> dict[str, int]:
    """How many files there were of each outcome."""
    counted: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
    for one in done:
        counted[one.outcome] += one.documents
    return counted


def _sweep(
    conn: Connection[Any], files: FileStore, tenant_id: int, sha256: bytes, *, now: datetime
) -> Swept | None:
    """None where nothing is left to do, or somebody is putting the same bytes just now."""
    if not store.take_bytes(conn, tenant_id, sha256):
        return None
    row = {"tenant_id": tenant_id, "sha256": sha256}
    outcome: Outcome = "erased"
    if store.are_bytes_needed(conn, row):
        outcome = "needed"
        changed = store.mark_erase_after(conn, row, at=now + AGAIN_NEEDED)
    else:
        try:
            files.delete(key_of_bytes(tenant_id, sha256))
        except FilesUnavailable as error:
            log.warning("bytes_not_erased", error=str(error))
            outcome = "unavailable"
            changed = store.mark_erase_after(conn, row, at=now + AGAIN_UNAVAILABLE)
        else:
            changed = store.mark_bytes_erased(conn, row, now=now)
    return Swept(tenant_id, sha256, changed, outcome) if changed else None
