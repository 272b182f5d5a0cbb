"""The senders of an installation, by kind of channel, as its settings have them."""

from collections.abc import Mapping

from alerts.notify.model import ChannelKind
from alerts.notify.sending.feishu import FeishuSender
from alerts.notify.sending.mail import MailSender
from alerts.notify.sending.outcome import Outcome, Outgoing, Send
from alerts.notify.sending.posting import Poster
from alerts.notify.sending.robots import ROBOTS, RobotSender, SmsSender
from alerts.notify.sending.webhook import WebhookSender
from kit.settings import Settings


class NotSet:
    """Stands for a way that the installation has not: tried again, as it may be set up yet."""

    def __init__(self, setting: str) -> None:
        self._setting = setting

    def __call__(self, outgoing: Outgoing, /) -> Outcome:
        """It goes nowhere."""
        return Outcome("unreachable", f"{self._setting} is not set")


def senders_of(settings: Settings) -> Mapping[ChannelKind, Send]:
    """Who sends what.

    Raises:
        ValueError: GUANCHE_SMTP_URL or GUANCHE_SMS_URL cannot be used.
    """
    timeout_s = float(settings.notify_timeout_s)
    email: Send = NotSet("GUANCHE_SMTP_URL")
    sms: Send = NotSet("GUANCHE_SMS_URL")
    if settings.smtp_url is not None:
        url = settings.smtp_url.get_secret_value()
        email = MailSender(url, sender=settings.smtp_from, timeout_s=timeout_s)
    if settings.sms_url is not None:
        sms = SmsSender(settings.sms_url.get_secret_value(), timeout_s=timeout_s)
    return {
        "wecom": RobotSender(ROBOTS["wecom"], timeout_s=timeout_s),
        "dingtalk": RobotSender(ROBOTS["dingtalk"], timeout_s=timeout_s),
        "feishu": FeishuSender(
            RobotSender(ROBOTS["feishu"], timeout_s=timeout_s), Poster(timeout_s)
        ),
        "email": email,
        "sms": sms,
        "webhook": WebhookSender(
            timeout_s=timeout_s, private_allowed=settings.notify_private_targets
        ),
    }
