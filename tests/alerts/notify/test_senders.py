"""Each sender against a real receiver on loopback."""

import base64
import hashlib
import hmac
import json
import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from alerts.notify.channels.targets import new_secret
from alerts.notify.sending.feishu import ADDRESS, FeishuSender
from alerts.notify.sending.heard import hearing
from alerts.notify.sending.http_post import post
from alerts.notify.sending.mail import MailSender
from alerts.notify.sending.outcome import Outcome, Outgoing
from alerts.notify.sending.posting import Poster
from alerts.notify.sending.robots import ROBOTS, RobotSender, SmsSender
from alerts.notify.sending.webhook import WebhookSender
from kit import clock
from tests.alerts.notify.conftest import NOON
from tests.fixtures.receivers import HttpReceiver, MailServer

KEY = UUID("0192f0c1-2d3e-7000-8000-000000000001")
OUTGOING = Outgoing(
    KEY, "webhook", {}, "【警告】粤BD12345 车辆离线", "无数据 2小时", {"type": "alerts.told"}, NOON
)


def webhook(receiver: HttpReceiver, **given: Any) -> Outgoing:
    target = {"url": receiver.url(), "secret": new_secret()} | given
    return replace(OUTGOING, target=target)


@contextmanager
def dripping() -> Iterator[int]:
    """A server that says a byte at a time, for ever: what begins an answer, and a TLS record."""
    over = Event()

    def serve(listening: socket.socket) -> None:
        with suppress(OSError), listening.accept()[0] as talking:
            talking.settimeout(1)
            first = talking.recv(1)
            said = (
                b"HTTP/1.1 200 OK\r\nX: "
                if first == b"P"
                else b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"
            )
            while not over.wait(0.02):
                talking.send(said[:1])
                said = said[1:] or b"x"

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join(5)


class TestWebhook:
    """Signed as Standard Webhooks has it."""

    sender = WebhookSender(timeout_s=2, private_allowed=True)

    def test_a_receiver_can_check_it(self, receiver: HttpReceiver) -> None:
        outgoing = replace(webhook(receiver), at=clock.now())
        assert self.sender(outgoing) == Outcome("sent")
        [request] = receiver.received
        told = Webhook(outgoing.target["secret"]).verify(request.body, request.headers)
        assert told == {"type": "alerts.told"}
        assert request.headers["webhook-id"] == str(KEY)
        assert request.headers["Host"] == f"127.0.0.1:{receiver.port}"

    @pytest.mark.parametrize(
        ("status", "headers", "final", "again_s"),
        [
            pytest.param(302, {"Location": "http://127.0.0.1/"}, True, None, id="no redirects"),
            pytest.param(400, {}, True, None, id="refused"),
            pytest.param(410, {}, True, None, id="gone"),
            pytest.param(408, {}, False, None, id="too slow"),
            pytest.param(429, {"Retry-After": "120"}, False, 120, id="too often"),
            pytest.param(
                503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, False, None, id="busy"
            ),
        ],
    )
    def test_what_an_answer_means(
        self,
        receiver: HttpReceiver,
        status: int,
        headers: dict[str, str],
        final: bool,
        again_s: float | None,
    ) -> None:
        receiver.answers.append((status, headers, b"no\nway " + b"x" * 5_000))
        outcome = self.sender(webhook(receiver))
        assert (outcome.result, outcome.final, outcome.retry_after_s) == ("refused", final, again_s)
        assert outcome.detail.startswith(f"HTTP {status}: no way xxx")
        assert len(outcome.detail) < 320
        assert len(receiver.received) == 1

    def test_one_that_does_not_answer(self, receiver: HttpReceiver) -> None:
        receiver.answer(0)
        sender = WebhookSender(timeout_s=0.2, private_allowed=True)
        assert sender(webhook(receiver)) == Outcome("timed_out", "no answer within 0.2 s")

    def test_one_that_never_ends(self) -> None:
        """Byte by byte, each in time; all in all it takes too long."""
        with dripping() as port:
            target = {"url": f"http://127.0.0.1:{port}/", "secret": new_secret()}
            sender = WebhookSender(timeout_s=0.3, private_allowed=True)
            assert sender(replace(OUTGOING, target=target)).result == "timed_out"

    def test_one_that_never_shakes_hands(self) -> None:
        with dripping() as port:
            target = {"url": f"https://127.0.0.1:{port}/", "secret": new_secret()}
            sender = WebhookSender(timeout_s=0.3, private_allowed=True)
            assert sender(replace(OUTGOING, target=target)).result == "timed_out"

    def test_one_that_is_not_there(self, unused_port: int) -> None:
        target = {"url": f"http://127.0.0.1:{unused_port}/", "secret": new_secret()}
        outcome = self.sender(replace(OUTGOING, target=target))
        assert outcome == Outcome("unreachable", "ConnectionRefusedError")

    def test_not_into_the_own_network(self, receiver: HttpReceiver) -> None:
        sender = WebhookSender(timeout_s=2, private_allowed=False)
        outcome = sender(webhook(receiver))
        assert (outcome.result, outcome.final) == ("forbidden_target", True)
        assert receiver.received == []

    def test_not_to_a_name_that_stands_for_it(self, receiver: HttpReceiver) -> None:
        """One of its addresses is enough to refuse."""
        sender = WebhookSender(
            timeout_s=2, private_allowed=False, resolving=lambda *_: ["8.8.8.8", "127.0.0.1"]
        )
        outcome = sender(webhook(receiver, url=f"http://hooks.example.com:{receiver.port}/"))
        assert outcome.result == "forbidden_target"

    def test_to_the_address_that_was_looked_at(self, receiver: HttpReceiver) -> None:
        """The name is asked for once, and stands in the Host header."""
        asked: list[str] = []

        def resolving(host: str, _port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

        url = f"http://hooks.example.com:{receiver.port}/a?b=1"
        answer = post(url, b"{}", {}, timeout_s=2, private_allowed=True, resolving=resolving)
        assert (answer.status, asked) == (200, ["hooks.example.com"])
        assert receiver.received[0].path == "/a?b=1"
        assert receiver.received[0].headers["Host"] == f"hooks.example.com:{receiver.port}"

    def test_too_large_a_body(self, receiver: HttpReceiver) -> None:
        outcome = self.sender(replace(webhook(receiver), payload={"text": "x" * 65_536}))
        assert outcome == Outcome("refused", "65547 bytes are too many", final=True)


class TestMail:
    """By a real mail server."""

    def test_a_mail_in_chinese(self, mail: MailServer) -> None:
        sender = MailSender(mail.url, sender="管车 <guanche@example.com>", timeout_s=2)
        outgoing = replace(OUTGOING, kind="email", target={"address": "ops@example.com"})
        assert [sender(outgoing), sender(outgoing)] == [Outcome("sent")] * 2
        first, second = mail.mails
        assert first["Subject"] == "【警告】粤BD12345 车辆离线"
        assert first["From"] == "管车 <guanche@example.com>"
        assert first["Message-ID"] == second["Message-ID"] == f"<{KEY}@example.com>"
        assert first["Date"] == "Mon, 23 Nov 2026 04:00:00 +0000"
        assert first.get_content().strip() == "无数据 2小时"
        assert mail.to == ["ops@example.com"] * 2

    @pytest.mark.parametrize(
        ("answer", "final"),
        [("550 no such mailbox", True), ("451 later", False)],
    )
    def test_a_server_that_refuses(self, mail: MailServer, answer: str, final: bool) -> None:
        mail.refusals.append(answer)
        sender = MailSender(mail.url, sender="guanche@example.com", timeout_s=2)
        outcome = sender(replace(OUTGOING, target={"address": "ops@example.com"}))
        assert outcome == Outcome("refused", f"SMTP {answer[:3]}: {answer[4:]}", final=final)

    def test_no_server(self, unused_port: int) -> None:
        sender = MailSender(f"smtp://127.0.0.1:{unused_port}", sender="g@example.com", timeout_s=2)
        outcome = sender(replace(OUTGOING, target={"address": "ops@example.com"}))
        assert outcome == Outcome("unreachable", "ConnectionRefusedError")

    def test_no_log_in_where_others_listen(self, mail: MailServer) -> None:
        """The server here takes no TLS and no log-in; the password is not sent."""
        url = mail.url.replace("smtp://", "smtp://li:secret@")
        outcome = MailSender(url, sender="g@example.com", timeout_s=2)(
            replace(OUTGOING, target={"address": "ops@example.com"})
        )
        assert outcome == Outcome("unreachable", "SMTPNotSupportedError")

    @pytest.mark.parametrize("url", ["http://mail.example.com", "smtp://", "mail.example.com"])
    def test_a_url_that_is_none(self, url: str) -> None:
        with pytest.raises(ValueError, match="GUANCHE_SMTP_URL"):
            MailSender(url, sender="g@example.com", timeout_s=2)


TARGETS: Mapping[str, dict[str, str]] = {
    "wecom": {"key": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"},
    "dingtalk": {"token": "a1b2c3d4e5", "secret": "SECabcdef123456"},
    "feishu": {"token": "3f9a2b1c-0000-4444-8888-aaaabbbbcccc"},
}


def robot(kind: str, receiver: HttpReceiver, timeout_s: float = 2) -> RobotSender:
    """A sender whose robots stand on loopback; else their place is fixed."""

    def opening(target: Mapping[str, Any], how: Mapping[str, Any]) -> Any:
        plugin: Any = ROBOTS[kind](target, how)
        for name in ("api_url", "notify_url"):
            if hasattr(plugin, name):
                setattr(plugin, name, receiver.url("/{token}"))
        return plugin

    return RobotSender(opening, timeout_s=timeout_s)


class TestRobots:
    """WeCom, DingTalk and Feishu, by Apprise."""

    @pytest.mark.parametrize("kind", TARGETS)
    def test_what_a_robot_is_told(self, kind: str, receiver: HttpReceiver) -> None:
        receiver.answer(200, b'{"errcode": 0, "code": 0}')
        outgoing = replace(OUTGOING, kind=kind, target=TARGETS[kind])
        assert robot(kind, receiver)(outgoing) == Outcome("sent")
        [request] = receiver.received
        told = json.loads(request.body)
        text = {
            "wecom": lambda: told["text"]["content"],
            "dingtalk": lambda: told["markdown"]["text"],
            "feishu": lambda: told["content"]["text"],
        }[kind]()
        assert "【警告】粤BD12345 车辆离线" in text
        assert "无数据 2小时" in text
        assert ("sign=" in request.path) is (kind == "dingtalk")

    def test_a_signature_as_dingtalk_compares_it(self, receiver: HttpReceiver) -> None:
        """Escaped once, as an address is; Apprise alone does so twice."""
        receiver.answer(200, b'{"errcode": 0}')
        target = TARGETS["dingtalk"]
        robot("dingtalk", receiver)(replace(OUTGOING, kind="dingtalk", target=target))
        asked = parse_qs(urlsplit(receiver.received[0].path).query)
        [signed], [timestamp] = asked["sign"], asked["timestamp"]
        secret = target["secret"]
        wanted = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
        assert base64.b64decode(signed, validate=True) == wanted.digest()

    @pytest.mark.parametrize(
        ("kind", "answer", "detail", "final"),
        [
            ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, None, True),
            ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, None, False),
            ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, None, True),
            ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, None, False),
            ("feishu", {"code": 19001, "msg": "param invalid"}, "19001: param invalid", True),
            ("feishu", {"code": 11232, "msg": "frequency limited"}, None, False),
        ],
    )
    def test_a_robot_that_refuses_with_200(
        self,
        receiver: HttpReceiver,
        kind: str,
        answer: dict[str, Any],
        detail: str | None,
        final: bool,
    ) -> None:
        receiver.answer(200, json.dumps(answer).encode())
        outcome = robot(kind, receiver)(replace(OUTGOING, kind=kind, target=TARGETS[kind]))
        told = detail or f"{answer['errcode'] if 'errcode' in answer else answer['code']}: " + (
            answer.get("errmsg") or answer["msg"]
        )
        assert outcome == Outcome("refused", told, final=final)

    def test_a_robot_that_is_busy_or_silent(self, receiver: HttpReceiver) -> None:
        receiver.answer(503, b"", Retry_After="9")
        outgoing = replace(OUTGOING, kind="feishu", target=TARGETS["feishu"])
        assert robot("feishu", receiver)(outgoing) == Outcome("refused", "HTTP 503", False, 9)
        receiver.answer(0)
        assert robot("feishu", receiver, 0.4)(outgoing).result == "timed_out"

    def test_no_redirects(self, receiver: HttpReceiver) -> None:
        receiver.answer(302, b"", Location=receiver.url("/elsewhere"))
        outcome = robot("wecom", receiver)(replace(OUTGOING, kind="wecom", target=TARGETS["wecom"]))
        assert outcome == Outcome("refused", "HTTP 302", final=True)
        assert len(receiver.received) == 1

    @pytest.mark.parametrize("kind", TARGETS)
    def test_where_they_are_is_fixed(self, kind: str) -> None:
        plugin: Any = ROBOTS[kind](TARGETS[kind], {"redirect": "no"})
        url = getattr(plugin, "api_url", plugin.notify_url)
        hosts = {
            "wecom": "https://qyapi.weixin.qq.com/",
            "dingtalk": "https://oapi.dingtalk.com/",
            "feishu": "https://open.feishu.cn/",
        }
        assert url.startswith(hosts[kind])
        assert plugin.redirects is False

    def test_nothing_secret_is_logged(
        self, receiver: HttpReceiver, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        receiver.answer(400, b"no")
        robot("wecom", receiver)(replace(OUTGOING, kind="wecom", target=TARGETS["wecom"]))
        shown = caplog.text + repr(replace(OUTGOING, target=TARGETS["wecom"]))
        assert TARGETS["wecom"]["key"] not in shown

    def test_each_conversation_hears_its_own(self) -> None:
        plugin: Any = ROBOTS["feishu"](TARGETS["feishu"], {})
        with hearing(plugin) as outer:
            with hearing(plugin) as inner:
                inner.status = 200
            assert outer.status is None


class TestFeishuSigned:
    """A robot that wants signatures."""

    outgoing = replace(
        OUTGOING,
        kind="feishu",
        target={"token": "3f9a2b1c-0000", "secret": "SECdemo12345678"},
        at=datetime.fromtimestamp(1_795_370_730, UTC),
    )

    def sender(self, receiver: HttpReceiver, timeout_s: float = 2, **given: Any) -> FeishuSender:
        def unsigned(_: Outgoing) -> Outcome:
            return Outcome("sent", "without a signature")

        poster = Poster(timeout_s, **{"private_allowed": True} | given)
        return FeishuSender(unsigned, poster, address=receiver.url("/hook/"))

    def test_what_it_is_told(self, receiver: HttpReceiver) -> None:
        """The signature is one that openssl made."""
        receiver.answer(200, b'{"code": 0, "msg": "success"}')
        assert self.sender(receiver)(self.outgoing) == Outcome("sent")
        [request] = receiver.received
        assert request.path == "/hook/3f9a2b1c-0000"
        assert json.loads(request.body) == {
            "timestamp": "1795370730",
            "sign": "RV4xbzgjC4NmZm/0H62c8gZNEP19VDTag8G1yXUqW+Y=",
            "msg_type": "text",
            "content": {"text": "【警告】粤BD12345 车辆离线\n无数据 2小时"},
        }

    @pytest.mark.parametrize(
        ("status", "answer", "outcome"),
        [
            (200, b'{"code": 19021, "msg": "sign match fail"}', ("19021: sign match fail", True)),
            (200, b'{"code": 11232, "msg": "too often"}', ("11232: too often", False)),
            (200, b"<html>", ("<html>", False)),
            (502, b"", ("HTTP 502", False)),
            (404, b"", ("HTTP 404", True)),
        ],
    )
    def test_what_it_answers(
        self, receiver: HttpReceiver, status: int, answer: bytes, outcome: tuple[str, bool]
    ) -> None:
        receiver.answer(status, answer)
        found = self.sender(receiver)(self.outgoing)
        assert found == Outcome("refused", outcome[0], final=outcome[1])

    def test_one_that_says_nothing(self, receiver: HttpReceiver) -> None:
        receiver.answer(0)
        assert self.sender(receiver, 0.3)(self.outgoing).result == "timed_out"

    def test_without_a_secret_it_goes_the_other_way(self, receiver: HttpReceiver) -> None:
        plain = replace(self.outgoing, target={"token": "3f9a2b1c-0000"})
        assert self.sender(receiver)(plain) == Outcome("sent", "without a signature")
        assert receiver.received == []

    def test_not_into_the_own_network(self, receiver: HttpReceiver) -> None:
        """Its host is fixed; a name server that lies leads nowhere."""
        found = self.sender(receiver, private_allowed=False)(self.outgoing)
        assert (found.result, receiver.received) == ("forbidden_target", [])
        assert ADDRESS.startswith("https://open.feishu.cn/")


class TestSms:
    """By the gateway of a setting."""

    def test_the_phone_stands_in_the_url(self, receiver: HttpReceiver) -> None:
        sender = SmsSender(f"json://127.0.0.1:{receiver.port}/send/{{phone}}", timeout_s=2)
        outgoing = replace(OUTGOING, kind="sms", target={"phone": "+8613800138000"})
        assert sender(outgoing) == Outcome("sent")
        [request] = receiver.received
        assert request.path.rstrip("/").endswith("8613800138000")
        assert json.loads(request.body)["message"] == "无数据 2小时"

    def test_a_gateway_that_is_down(self, receiver: HttpReceiver) -> None:
        receiver.answer(500)
        sender = SmsSender(f"json://127.0.0.1:{receiver.port}/{{phone}}", timeout_s=2)
        outcome = sender(replace(OUTGOING, target={"phone": "13800138000"}))
        assert outcome == Outcome("refused", "HTTP 500")

    @pytest.mark.parametrize("url", ["nothing at all", "json://127.0.0.1/no/phone"])
    def test_a_setting_that_is_of_no_use(self, url: str) -> None:
        with pytest.raises(ValueError, match="GUANCHE_SMS_URL"):
            SmsSender(url, timeout_s=2)
