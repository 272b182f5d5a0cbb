"""Seals small secrets for rest: AES-256-GCM under the installation's key.

A sealed text is one version byte, a random nonce of 12 bytes, then cipher and tag. `purpose` is
bound into the tag, so that what was sealed for one column cannot be read as another's. Leaves out:
where the key comes from (GUANCHE_SECRET_KEY), and rotation, for which the version byte stands.
"""

import base64
import binascii
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealBroken(Exception):
    """Sealed with another key, for another purpose, or altered since."""


class SealingKey:
    """A key of 32 random bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)
        self._digest_key = hmac.digest(key, b"guanche digest", "sha256")

    @classmethod
    def from_text(cls, text: str) -> "SealingKey":
        """The key written as base64, as `new_key_text` makes it.

        Raises:
            ValueError: not base64 of 32 bytes.
        """
        try:
            return cls(base64.b64decode(text, validate=True))
        except binascii.Error:
            raise ValueError("a sealing key is written as base64") from None

    def seal(self, content: bytes, *, purpose: str) -> bytes:
        """The content, unreadable without the key."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, content, purpose.encode())

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """What was sealed for this purpose.

        Raises:
            SealBroken: another key, another purpose, or not what was sealed.
        """
        nonce, cipher = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise SealBroken("not a sealed text")
        try:
            return self._cipher.decrypt(nonce, cipher, purpose.encode())
        except InvalidTag:
            raise SealBroken(f"not sealed with this key for {purpose}") from None

    def digest(self, content: bytes, *, purpose: str) -> bytes:
        """32 bytes by which the same content is known again, and guessed by nobody else."""
        prefixed = len(purpose).to_bytes(2) + purpose.encode() + content
        return hmac.digest(self._digest_key, prefixed, "sha256")


def new_key_text() -> str:
    """A fresh key as base64, for GUANCHE_SECRET_KEY."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
