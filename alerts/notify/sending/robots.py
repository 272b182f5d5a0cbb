"""Sends to group robots of WeCom 企业微信, DingTalk 钉钉 and Feishu 飞书, and to SMS gateways.

Apprise speaks to them. The hosts of robots are fixed by it; a channel has a key, never a URL,
and redirects are not followed. Robots answer HTTP 200 also when they refuse, with a code. Leaves
out the SMS gateway's own codes: whether it took a message is what Apprise says.
"""

import json
import logging
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import quote, unquote

from apprise import Apprise, NotifyBase, NotifyFormat
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from alerts.notify.sending.heard import Heard, hearing
from alerts.notify.sending.outcome import Outcome, Outgoing, detail_of, outcome_of
from kit.log import get_logger

log = get_logger("notify")
logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines hold keys and texts

PHONE: Final = "{phone}"
_NOBODY: Final = "13800000000"
_LATER: Final = frozenset({-1, 45009, 130101, 11232, 9499, 99991400})
"""Codes that say: too often, or busy; WeCom, DingTalk and Feishu in turn."""
_MARKDOWN: Final = frozenset({"dingtalk"})

Open = Callable[[Mapping[str, Any], Mapping[str, Any]], NotifyBase]


def open_wecom(target: Mapping[str, Any], how: Mapping[str, Any]) -> NotifyBase:
    """The robot of a WeCom group."""
    return NotifyWeComBot(key=target["key"], **how)  # type: ignore[no-untyped-call]


def open_dingtalk(target: Mapping[str, Any], how: Mapping[str, Any]) -> NotifyBase:
    """The robot of a DingTalk group; signs where it has a secret.

    Apprise escapes the signature for the address, and `requests` does so once more, to which
    DingTalk answers "sign not match". It is given on as it is.
    """
    plugin: Any = NotifyDingTalk(token=target["token"], secret=target.get("secret"), **how)  # type: ignore[no-untyped-call]
    signing = plugin.get_signature

    def unescaped() -> tuple[str, str]:
        timestamp, signature = signing()
        return timestamp, unquote(signature)

    plugin.get_signature = unescaped
    return cast(NotifyBase, plugin)


def open_feishu(target: Mapping[str, Any], how: Mapping[str, Any]) -> NotifyBase:
    """The robot of a Feishu group."""
    return NotifyFeishu(token=target["token"], **how)  # type: ignore[no-untyped-call]


ROBOTS: Final[Mapping[str, Open]] = {
    "wecom": open_wecom,
    "dingtalk": open_dingtalk,
    "feishu": open_feishu,
}


class RobotSender:
    """Sends to the robots of one kind."""

    def __init__(self, opening: Open, *, timeout_s: float) -> None:
        self._opening = opening
        self._how = {"redirect": "no", "cto": timeout_s / 2, "rto": timeout_s / 2}

    def __call__(self, outgoing: Outgoing, /) -> Outcome:
        """Send subject and body; the code of the answer decides."""
        plugin = self._opening(outgoing.target, self._how)
        with hearing(plugin) as heard:
            taken = _notify(plugin, outgoing, markdown=outgoing.kind in _MARKDOWN)
        return robot_outcome(heard.text) if heard.status == 200 else _outcome(heard, taken)


class SmsSender:
    """Sends by the gateway that Apprise's URL names; `{phone}` in it is the receiver's."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        """Raises ValueError if the URL is none of Apprise, or has no place for a phone."""
        how = f"redirect=no&cto={timeout_s / 2}&rto={timeout_s / 2}"
        self._url = f"{url}{'&' if '?' in url else '?'}{how}"
        with warnings.catch_warnings():  # it loads all it knows, some of it old
            warnings.simplefilter("ignore", DeprecationWarning)
            usable = isinstance(self._open(_NOBODY), NotifyBase)
        if not usable or PHONE not in url:
            raise ValueError("GUANCHE_SMS_URL must be a URL of Apprise with {phone} in it")

    def __call__(self, outgoing: Outgoing, /) -> Outcome:
        """Send the body."""
        plugin = self._open(str(outgoing.target["phone"]))
        if not isinstance(plugin, NotifyBase):
            return Outcome("refused", "no phone of this gateway", final=True)
        with hearing(plugin) as heard:
            taken = _notify(plugin, outgoing, markdown=False, titled=False)
        return _outcome(heard, taken)

    def _open(self, phone: str) -> Any:
        return Apprise.instantiate(self._url.replace(PHONE, quote(phone, safe="")))


def _notify(plugin: NotifyBase, outgoing: Outgoing, *, markdown: bool, titled: bool = True) -> bool:
    shape = NotifyFormat.MARKDOWN if markdown else NotifyFormat.TEXT
    title = outgoing.subject if titled else ""
    try:
        return bool(plugin.notify(body=outgoing.body, title=title, body_format=shape))
    except Exception as fault:  # a plugin of many: whatever it raises, the message was not sent
        log.warning("apprise_failed", kind=outgoing.kind, fault=type(fault).__name__)
        return False


def _outcome(heard: Heard, taken: bool) -> Outcome:
    if heard.timed_out:
        return Outcome("timed_out", "no answer in time")
    if heard.fault is not None:
        return Outcome("unreachable", heard.fault)
    if heard.status is not None and not 200 <= heard.status < 300:
        return outcome_of(heard.status, heard.text, heard.retry_after)
    return Outcome("sent") if taken else Outcome("refused", detail_of(heard.text) or "refused")


def robot_outcome(text: str) -> Outcome:
    """What a robot says with HTTP 200: WeCom and DingTalk `errcode`, Feishu `code`; 0 = taken.

    >>> robot_outcome('{"code": 19021, "msg": "sign match fail"}').final
    True
    """
    try:
        answer = json.loads(text)
    except ValueError:
        return Outcome("refused", detail_of(text))
    if not isinstance(answer, dict):
        return Outcome("refused", "no answer of a robot")
    code = answer.get("errcode", answer.get("code", answer.get("StatusCode", 0)))
    if code == 0:
        return Outcome("sent")
    words = detail_of(f"{code}: {answer.get('errmsg', answer.get('msg', ''))}")
    return Outcome("refused", words, final=code not in _LATER)
