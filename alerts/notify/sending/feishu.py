"""Sends to robots of Feishu 飞书 that want signatures (签名校验), which Apprise cannot make.

The key of the signature is the second of the attempt and the secret, and nothing is signed with it;
Feishu takes it for an hour. Robots without a secret go another way (`robots.py`).
"""

import base64
import hashlib
import hmac
import json
from typing import Final

from alerts.notify.sending.outcome import Outcome, Outgoing, Send, outcome_of
from alerts.notify.sending.posting import Poster
from alerts.notify.sending.robots import robot_outcome

ADDRESS: Final = "https://open.feishu.cn/open-apis/bot/v2/hook/"
_HEADERS: Final = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Guanche"}


class FeishuSender:
    """Signs where the channel has a secret; else hands on to `unsigned`."""

    def __init__(self, unsigned: Send, poster: Poster, *, address: str = ADDRESS) -> None:
        self._unsigned = unsigned
        self._poster = poster
        self._address = address

    def __call__(self, outgoing: Outgoing, /) -> Outcome:
        """Send subject and body; the code of the answer decides."""
        secret = outgoing.target.get("secret")
        if secret is None:
            return self._unsigned(outgoing)
        second = int(outgoing.at.timestamp())
        told = {
            "timestamp": str(second),
            "sign": signature(str(secret), second),
            "msg_type": "text",
            "content": {"text": f"{outgoing.subject}\n{outgoing.body}"},
        }
        body = json.dumps(told, ensure_ascii=False).encode()
        answer = self._poster.ask(self._address + str(outgoing.target["token"]), body, _HEADERS)
        if isinstance(answer, Outcome):
            return answer
        if answer.status == 200:
            return robot_outcome(answer.text)
        return outcome_of(answer.status, answer.text, answer.retry_after)


def signature(secret: str, second: int) -> str:
    """What Feishu compares (开放平台, 自定义机器人使用指南, 签名校验).

    >>> signature("demo", 100)
    'jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg='
    """
    key = f"{second}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
