"""Channels of notifications over HTTP: their addresses go in, and never come out again."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.notify.errors import ChannelTargetMalformed
from alerts.notify.service import Channel, ChannelKind
from api.models.actors import Writer
from api.models.text import Code, Input, Name, plain_text

CHANNEL: Final[dict[str, Any]] = {
    "key": "7d3f1f0e-6f0a-4b53-9b1e-2f6a0c1f4d11",
    "organisation": "shenzhen-nanshan",
    "owner": None,
    "name": "南山值班群",
    "kind": "wecom",
    "target_hint": "***5aaa",
    "enabled": True,
    "hourly_limit": 60,
    "failing_since": None,
    "created_by": "nanshan.manager",
    "created_at": "2026-11-22T02:00:00Z",
    "version": 1,
}
TARGET: Final[dict[str, Any]] = {"kind": "wecom", "key": "693a91f6-7b0c-4bc4-97a0-0ec2sifa5aaa"}
ChannelKeyPath = Annotated[UUID, Path(description="Key of the channel.")]
ShortText = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(plain_text)]
Address = Annotated[str, Field(min_length=8, max_length=2_000), AfterValidator(plain_text)]


class WecomIn(Input):
    """企业微信群机器人."""

    model_config = ConfigDict(json_schema_extra={"example": TARGET})

    kind: Literal["wecom"]
    key: Address = Field(description="What stands behind `key=` in its address, or all of it.")


class DingtalkIn(Input):
    """钉钉群机器人."""

    kind: Literal["dingtalk"]
    token: Address = Field(
        description="What stands behind `access_token=` in its address, or all of it."
    )
    secret: ShortText | None = Field(None, description="Its 加签 secret, SEC…; null = none.")


class FeishuIn(Input):
    """飞书群机器人."""

    kind: Literal["feishu"]
    token: Address = Field(description="What stands at the end of its address, or all of it.")
    secret: ShortText | None = Field(None, description="Its 签名校验 secret; null = none.")


class EmailIn(Input):
    """A mail-box."""

    kind: Literal["email"]
    address: Annotated[str, Field(min_length=3, max_length=255), AfterValidator(plain_text)]


class SmsIn(Input):
    """A phone."""

    kind: Literal["sms"]
    phone: Annotated[str, Field(min_length=6, max_length=20), AfterValidator(plain_text)]


class WebhookIn(Input):
    """An address that takes signed posts (Standard Webhooks)."""

    kind: Literal["webhook"]
    url: Address
    secret: ShortText | None = Field(
        None, description="whsec_ and 24 to 64 bytes as base64; one is made unless said."
    )


TargetIn = Annotated[
    WecomIn | DingtalkIn | FeishuIn | EmailIn | SmsIn | WebhookIn, Field(discriminator="kind")
]
HourlyLimit = Annotated[
    int, Field(ge=1, le=10_000, description="Messages an hour; what is more waits.")
]


class ChannelOut(BaseModel):
    """Where messages go; of its address a hint is shown."""

    model_config = ConfigDict(json_schema_extra={"example": CHANNEL})

    key: UUID
    organisation: str
    owner: str | None = Field(description="Whose own it is; null = the organisation's.")
    name: str
    kind: ChannelKind
    target_hint: str = Field(description="What is shown of its address.")
    enabled: bool
    hourly_limit: int
    failing_since: datetime | None = Field(description="Since when nothing has arrived there.")
    created_by: Writer
    created_at: datetime
    version: int = Field(ge=1)

    @classmethod
    def of(cls, channel: Channel) -> "ChannelOut":
        """As the service gives it."""
        return cls(**_told(channel))


class ChannelMadeOut(ChannelOut):
    """A channel as it is now, and the secret of a webhook where one was made just now."""

    model_config = ConfigDict(json_schema_extra={"example": CHANNEL | {"secret": None}})

    secret: str | None = Field(
        description="Signs what goes to a webhook (`whsec_…`). It is shown this once."
    )

    @classmethod
    def made(cls, channel: Channel, secret: str | None) -> "ChannelMadeOut":
        """As the service gives it."""
        return cls(**_told(channel), secret=secret)


class ChannelIn(Input):
    """A new channel."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "organisation": None,
                "own": False,
                "name": "南山值班群",
                "target": TARGET,
                "hourly_limit": 60,
            }
        }
    )

    organisation: Code | None = Field(None, description="The one acted for unless said.")
    own: bool = Field(False, description="Whether it is the caller's own, or the organisation's.")
    name: Name
    target: TargetIn
    hourly_limit: HourlyLimit = 60


class ChannelChange(Input):
    """A channel as it is to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "南山值班群", "enabled": True, "hourly_limit": 60, "target": None}
        }
    )

    name: Name
    enabled: bool
    hourly_limit: HourlyLimit
    target: TargetIn | None = Field(
        None, description="Of the same kind; null = its address stays as it is."
    )

    def address(self, kind: ChannelKind) -> dict[str, Any] | None:
        """The new address, if there is one.

        Raises:
            ChannelTargetMalformed: it is one of another kind.
        """
        if self.target is None:
            return None
        if self.target.kind != kind:
            raise ChannelTargetMalformed(
                f"the channel is one of {kind}", kind=kind, reason="an address of another kind"
            )
        return address_of(self.target)


def address_of(target: Input) -> dict[str, Any]:
    """An address as the service takes it."""
    return target.model_dump(exclude={"kind"}, exclude_none=True)


def _told(channel: Channel) -> dict[str, Any]:
    names = ChannelOut.model_fields.keys() - {"organisation"}
    told = {name: getattr(channel, name) for name in names}
    return told | {"organisation": channel.organisation_code}
