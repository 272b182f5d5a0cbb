"""The shapes of what people do with bills."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

DeliveryChannel = Literal["wechat", "sms", "email", "post", "by_hand", "portal"]
DELIVERY_CHANNELS: Final[tuple[DeliveryChannel, ...]] = get_args(DeliveryChannel)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How and when a bill reached the customer, and what proves it."""

    channel: DeliveryChannel
    delivered_at: datetime
    proof: str | None
    recorded_by: str | None
    recorded_at: datetime
