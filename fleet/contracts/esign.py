"""What an e-signing service has to do for us: begin, tell how it stands, hand out what was signed.

An adapter of a provider implements `ESign`; `local_stand_in.py` is one that needs nobody. What
makes a signature reliable (电子签名法 §13: the signer's own, in sole control, later changes seen)
is the provider's; here only what is kept of it is decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from fleet.contracts.model import Clock, Method, Signatory

SigningState = Literal["pending", "signed", "declined", "expired"]


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """A made edition that is to be signed; `facts` are the data it was set from."""

    contract_no: str
    content: bytes
    sha256: bytes
    signatories: Sequence[Signatory]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """What came back. `certificate` holds CA, holder, serial, validity and public key where there
    is one (电子签名法 §21)."""

    content: bytes
    media_type: str
    signed_at: datetime
    clock: Clock
    signatures: Mapping[int, bytes]
    """By number of the signatory."""
    certificate: Mapping[str, Any]
    timestamp_token: bytes | None = None


class ESign(Protocol):
    """An e-signing service."""

    @property
    def method(self) -> Method:
        """What is written down as the way it was signed."""
        ...

    def begin(self, request: SigningRequest, *, at: datetime) -> str:
        """Ask the signatories to sign; the service's own reference."""
        ...

    def state(self, reference: str) -> SigningState:
        """How it stands."""
        ...

    def fetch(self, reference: str) -> SignedPaper:
        """What was signed; asked for once `state` says so."""
        ...
