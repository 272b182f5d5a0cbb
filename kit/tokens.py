"""Makes random secrets and knows them again by their digest alone.

A secret of 256 random bits needs no slow hash: whoever reads its digest cannot guess it. Passwords
do: `fleet/sessions/passwords.py`. Leaves out: what a secret opens, and for how long.
"""

import hashlib
import hmac
import re
import secrets
import string
from typing import Final, NamedTuple

KEY_PREFIX: Final = "gk_"
_TOKEN_BYTES: Final = 32
_KEY_ID_LENGTH: Final = 12
_KEY_ID_CHARACTERS: Final = string.ascii_lowercase + string.digits
_KEY_ID_SHAPE: Final = re.compile(r"[a-z0-9]{12}")
_KEY_SHAPE: Final = re.compile(r"gk_(?P<key_id>[a-z0-9]{12})_(?P<secret>[A-Za-z0-9_-]{43})")


class KeyText(NamedTuple):
    """A key of a machine: a public id to find it by, and the secret."""

    key_id: str
    secret: str

    @property
    def text(self) -> str:
        """The key as it is handed out, once."""
        return f"{KEY_PREFIX}{self.key_id}_{self.secret}"


def new_token() -> str:
    """A fresh secret of 43 characters that fit a URL, a cookie and a header."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_key() -> KeyText:
    """A fresh key of a machine."""
    key_id = "".join(secrets.choice(_KEY_ID_CHARACTERS) for _ in range(_KEY_ID_LENGTH))
    return KeyText(key_id, new_token())


def parse_key(text: str) -> KeyText | None:
    """The parts of a text that has the form of a key.

    >>> parse_key("gk_abc123def456_" + "x" * 43).key_id
    'abc123def456'
    >>> parse_key("gk_abc123def456_short") is None
    True
    """
    found = _KEY_SHAPE.fullmatch(text)
    return None if found is None else KeyText(found["key_id"], found["secret"])


def is_key_id(text: str) -> bool:
    """Whether a text has the form of a key's public id; what has not is never looked for."""
    return _KEY_ID_SHAPE.fullmatch(text) is not None


def digest_of(secret: str) -> bytes:
    """What is stored in place of a secret: its SHA-256, 32 bytes."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def has_digest(secret: str, digest: bytes) -> bool:
    """Whether this is the secret, in a time that does not tell how much of it was right."""
    return hmac.compare_digest(digest_of(secret), digest)
