"""Workers that come to harm in the midst of a sheet; each is the target of a process of its own."""

import os
import signal
import time
from typing import Any

from fleet.sheets import jobs, store
from fleet.sheets.imports import Claim
from kit.settings import Settings


def killed(settings: Settings, claim: Claim) -> None:
    """Killed before the last word: everything is written, nothing committed."""
    store.mark_turned = _die  # type: ignore[assignment]
    jobs.work_alone(settings, claim)


def killed_once(settings: Settings, claim: Claim) -> None:
    """Killed the first time an application is taken up."""
    if claim.attempts == 1:
        _die_where_applied()
    jobs.work_alone(settings, claim)


def hungry(settings: Settings, claim: Claim) -> None:
    """Takes more memory than it is given."""
    jobs._read = lambda _work: bytearray(4 * settings.import_memory_bytes)  # type: ignore
    jobs.work_alone(settings, claim)


def asleep(settings: Settings, claim: Claim) -> None:
    """Never comes to an end."""
    jobs.run_import = lambda *_: time.sleep(600)
    jobs.work_alone(settings, claim)


def _die(*_arguments: Any, **_more: Any) -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return False


def _die_where_applied() -> None:
    mark_turned = store.mark_turned

    def turned(conn: Any, claim: Claim, *, state: str, **columns: Any) -> bool:
        return _die() if state == "applied" else mark_turned(conn, claim, state=state, **columns)

    store.mark_turned = turned
