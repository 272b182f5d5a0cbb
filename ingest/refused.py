"""What is kept of a refused message or sample, and what makes two refusals the same. Pure."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from schemas.telemetry import Reason


class Refusal(NamedTuple):
    """A refused message or sample, raw, with its reason."""

    reason: Reason
    detail: str
    topic: str
    device_serial: str | None
    raw: bytes
    received_us: int

    @property
    def digest(self) -> bytes:
        """The same for the same bytes on the same topic refused for the same reason."""
        mark = blake2b(digest_size=16)
        for part in (self.topic.encode(), self.reason.encode(), self.raw):
            mark.update(len(part).to_bytes(4, "big"))
            mark.update(part)
        return mark.digest()


def gather_refusals(refusals: Iterable[Refusal]) -> dict[bytes, tuple[Refusal, int]]:
    """Refusals by digest, each with how many times it stands there."""
    gathered: dict[bytes, tuple[Refusal, int]] = {}
    for refusal in refusals:
        digest = refusal.digest
        first, times = gathered.get(digest, (refusal, 0))
        gathered[digest] = (first, times + 1)
    return gathered


def storable(text: str) -> str:
    """The text with what PostgreSQL cannot store (NUL, half surrogates) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
