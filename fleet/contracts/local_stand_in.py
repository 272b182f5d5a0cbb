"""Stands in for an e-signing service where there is none: signs with one key of the installation.

It shows that a text was not changed since, and nothing more: no signatory holds the key alone, so
it is no reliable signature of 电子签名法 §13, and says so on the contract's last page, in its
certificate and by its name.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fleet.contracts.esign import SignedPaper, SigningRequest, SigningState
from fleet.contracts.model import PDF, Method, Signatory
from fleet.contracts.typesetting import typeset
from kit.sealed import SealingKey

PURPOSE: Final = "contracts.local_stand_in"
ALGORITHM: Final = "Ed25519"
STATEMENT: Final = (
    "本页由本系统的本地签名替身（local stand-in）生成，仅用于证明合同文本自签署操作以来未被改动。"
    "签名密钥由系统持有，不由签署人专有和控制，因此不是《中华人民共和国电子签名法》第十三条规定的"
    "可靠的电子签名，不具有与手写签名或者盖章同等的法律效力。正式签署请使用依法设立的电子认证"
    "服务，或者在纸质文本上签字、盖章。"
)
ENGLISH: Final = (
    "A local stand-in: one key of the installation, no reliable signature under 电子签名法 §13"
)


class LocalStandIn:
    """Signs at once, for everybody."""

    method: Method = "local_stand_in"

    def __init__(self, key: SealingKey, *, zone: str) -> None:
        seed = key.digest(b"Ed25519", purpose=PURPOSE)
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._zone = ZoneInfo(zone)
        self._begun: dict[str, tuple[SigningRequest, datetime]] = {}

    @property
    def public_key(self) -> bytes:
        """What its signatures are checked with, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    def begin(self, request: SigningRequest, *, at: datetime) -> str:
        """Sign; the reference is the digest of what was signed."""
        reference = request.sha256.hex()
        self._begun[reference] = (request, at)
        return reference

    def state(self, reference: str) -> SigningState:
        """Signed, if it was begun here; what another process began is begun again."""
        return "signed" if reference in self._begun else "expired"

    def fetch(self, reference: str) -> SignedPaper:
        """The contract with a last page that says what signed it, and that it is a stand-in."""
        request, at = self._begun[reference]
        signatures = {
            one.no: self._private.sign(message_of(request.contract_no, request.sha256, one, at))
            for one in request.signatories
        }
        facts = deepcopy(dict(request.facts))
        facts["signing"] = self._page(request, signatures, at)
        return SignedPaper(
            content=typeset(facts, at=at),
            media_type=PDF,
            signed_at=at,
            clock="installation",
            signatures=signatures,
            certificate={
                "algorithm": ALGORITHM,
                "public_key": self.public_key.hex(),
                "holder": "本系统（非签署人）",
                "ca": None,
                "reliable": False,
                "statement": ENGLISH,
            },
        )

    def _page(
        self, request: SigningRequest, signatures: Mapping[int, bytes], at: datetime
    ) -> dict[str, Any]:
        """The last page."""
        rows = [
            ["合同编号", request.contract_no],
            ["签署操作时间", f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}（时钟：本系统）"],
            ["被签文本 SHA-256", in_groups(request.sha256)],
            ["签名算法", ALGORITHM],
            ["系统公钥", in_groups(self.public_key)],
        ]
        for one in request.signatories:
            side = "甲方" if one.role == "lessor" else "乙方"
            rows += [
                [f"{side}签署人", one.name],
                [f"{side}签名值", in_groups(signatures[one.no])],
            ]
        return {
            "heading": "签名说明（本地替身，非可靠电子签名）",
            "statement": STATEMENT,
            "rows": rows,
        }


def in_groups(content: bytes) -> str:
    """Bytes in hexadecimal as people compare them.

    >>> in_groups(bytes(range(10)))
    '0001020304050607 0809'
    """
    return content.hex(" ", -8)


def message_of(contract_no: str, sha256: bytes, signatory: Signatory, at: datetime) -> bytes:
    """What is signed: which text, for whom, when."""
    parts = (contract_no, sha256.hex(), signatory.role, signatory.name, at.isoformat())
    return "\n".join(("guanche contract", *parts)).encode()


def is_signed_by(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the stand-in of this key signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
