"""Hashes passwords with Argon2id and verifies them, two at a time.

OWASP's parameters of 46 MiB and one pass; each takes that memory while it runs, hence the limit.
Leaves out which passwords are allowed: `password_rules.py`.
"""

import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fleet.sessions.password_rules import LONGEST

AT_ONCE: Final = 2
_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1, hash_len=32)
_TURNS: Final = threading.BoundedSemaphore(AT_ONCE)
_NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=47104,t=1,p=1$eknkvK0n6F6JM/gSFXYJxA"
    "$uk07d3gkYXwpwMfRs5HTkXoHcLVk+AOwVuBSAxCKyjA"
)
"""Of a password nobody knows; verified where there is no other, for the time it takes."""


def hash_password(password: str) -> str:
    """The hash to store, with its salt and parameters."""
    with _TURNS:
        return _HASHER.hash(_encoded(password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; takes as long where there is no hash, and is False then."""
    with _TURNS:
        try:
            _HASHER.verify(password_hash or _NOBODYS_HASH, _encoded(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _encoded(password: str) -> bytes:
    """NFKC, so that the same password typed on another keyboard is the same; NIST SP 800-63B.

    What is longer than any password may be is cut: it cannot be right, and costs no more time.
    """
    text = unicodedata.normalize("NFKC", password[: 2 * LONGEST])
    return text.encode("utf-8", "surrogatepass")
