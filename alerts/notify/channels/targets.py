"""Decides what the address of each kind of channel looks like, and what is shown of it.

Robots are named by the key in their address, which may be given as the whole address; where they
are is fixed. Leaves out whether anybody answers there: a test message shows it.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from alerts.notify.errors import ChannelTargetMalformed
from alerts.notify.model import ChannelKind
from alerts.notify.reminders.ways import masked_email, masked_phone
from alerts.notify.sending.addresses import ForbiddenTarget, is_public, parse_target

SECRET_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
_TEXT: Final = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
_LAST: Final = 4
_Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,128}$")]


class _Target(BaseModel):
    model_config = _TEXT


class WecomTarget(_Target):
    """企业微信群机器人."""

    key: _Key = Field(description="What stands behind `key=` in the robot's address.")

    @field_validator("key", mode="before")
    @classmethod
    def _of_url(cls, given: Any) -> Any:
        return _within(given, "qyapi.weixin.qq.com", "key")


class DingtalkTarget(_Target):
    """钉钉群机器人."""

    token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{8,128}$")] = Field(
        description="What stands behind `access_token=` in the robot's address."
    )
    secret: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{8,128}$")] | None = Field(
        None, description="The robot's 加签 secret, SEC…; null = it has none."
    )

    @field_validator("token", mode="before")
    @classmethod
    def _of_url(cls, given: Any) -> Any:
        return _within(given, "oapi.dingtalk.com", "access_token")


class FeishuTarget(_Target):
    """飞书群机器人."""

    token: _Key = Field(description="What stands at the end of the robot's address.")
    secret: _Key | None = Field(
        None, description="The robot's 签名校验 secret; null = it has none."
    )

    @field_validator("token", mode="before")
    @classmethod
    def _of_url(cls, given: Any) -> Any:
        return _within(given, "open.feishu.cn", None)


class EmailTarget(_Target):
    """An address of e-mail."""

    address: Annotated[
        str, StringConstraints(pattern=r"^[^\s@<>\"(),:;\[\]\\]{1,64}@[A-Za-z0-9.-]{1,190}$")
    ]


class SmsTarget(_Target):
    """A phone that takes SMS."""

    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{6,15}$")]


class WebhookTarget(_Target):
    """An address of the public internet that takes signed posts (Standard Webhooks)."""

    url: Annotated[str, StringConstraints(min_length=8, max_length=2_000)]
    secret: str | None = Field(
        None, description="whsec_ and 24–64 bytes as base64; null = one is made, and told once."
    )

    @field_validator("secret")
    @classmethod
    def _is_key(cls, given: str | None) -> str | None:
        if given is None:
            return None
        try:
            size = len(base64.b64decode(given.removeprefix(SECRET_PREFIX), validate=True))
        except ValueError:
            size = 0
        if not given.startswith(SECRET_PREFIX) or not 24 <= size <= 64:
            raise ValueError("whsec_ and 24 to 64 bytes as base64")
        return given


TARGETS: Final[Mapping[ChannelKind, type[_Target]]] = {
    "wecom": WecomTarget,
    "dingtalk": DingtalkTarget,
    "feishu": FeishuTarget,
    "email": EmailTarget,
    "sms": SmsTarget,
    "webhook": WebhookTarget,
}


def parse_channel_target(
    kind: ChannelKind, given: Mapping[str, Any], *, private_allowed: bool
) -> dict[str, Any]:
    """The address, checked; a webhook without a secret has one made.

    Raises:
        ChannelTargetMalformed: it is none of this kind; what was given is not repeated.
    """
    try:
        target = TARGETS[kind].model_validate(dict(given)).model_dump(exclude_none=True)
    except ValidationError as faults:
        places = sorted({str(place["loc"][0]) if place["loc"] else "" for place in faults.errors()})
        raise _malformed(kind, "wrong or missing: " + ", ".join(places)) from None
    if kind == "webhook":
        _check_url(target["url"], private_allowed=private_allowed)
        target.setdefault("secret", new_secret())
    return target


def hint_of(kind: ChannelKind, target: Mapping[str, Any]) -> str:
    """What is shown of an address.

    >>> hint_of("wecom", {"key": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"})
    '***5aaa'
    >>> hint_of("webhook", {"url": "https://hooks.example.com/T00/B00?key=abc"})
    'https://hooks.example.com/***'
    """
    if kind == "email":
        return masked_email(target["address"])
    if kind == "sms":
        return masked_phone(target["phone"])
    if kind == "webhook":
        parts = urlsplit(target["url"])
        return f"{parts.scheme}://{parts.netloc}/***"
    key = str(target.get("key", target.get("token", "")))
    return f"***{key[-_LAST:]}"


def new_secret() -> str:
    """A fresh key to sign webhooks with."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _check_url(url: str, *, private_allowed: bool) -> None:
    """A name is resolved when it is sent to; a number can be looked at now."""
    try:
        host = parse_target(url).host
    except ForbiddenTarget as fault:
        raise _malformed("webhook", str(fault)) from None
    numeric = re.fullmatch(r"[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*", host) is not None
    if not private_allowed and (host == "localhost" or (numeric and not is_public(host))):
        raise _malformed("webhook", "an address that is not on the public internet")


def _within(given: Any, host: str, parameter: str | None) -> Any:
    """The key in a robot's whole address; what is no address stays as it is."""
    if not isinstance(given, str) or "://" not in given:
        return given
    try:
        parts = urlsplit(given.strip())
    except ValueError:
        return ""
    if parts.hostname != host:
        return ""
    if parameter is None:
        return parts.path.rstrip("/").rpartition("/")[2]
    return (parse_qs(parts.query).get(parameter) or [""])[0]


def _malformed(kind: Literal["webhook"] | ChannelKind, words: str) -> ChannelTargetMalformed:
    return ChannelTargetMalformed(f"no address of {kind}: {words}", kind=kind, reason=words)
