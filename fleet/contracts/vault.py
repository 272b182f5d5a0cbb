"""Where the bytes of contracts lie: in the store of files, and in a second one where there is one.

Decides that bytes are stored everywhere before anything names them. Leaves out how bytes are stored
(`kit/files.py`) and under which key (`fleet/documents`: equal bytes of two tenants lie twice).
"""

from collections.abc import Mapping
from typing import NamedTuple

from fleet.contracts.model import Store
from kit.files import FileStore


class Vault(NamedTuple):
    """The store of files, and the second one."""

    files: FileStore
    second: FileStore | None = None

    def stores(self) -> Mapping[Store, FileStore]:
        """By name, the store that is read from first."""
        if self.second is None:
            return {"files": self.files}
        return {"files": self.files, "vault_copy": self.second}
