"""Where webhooks may go, when messages are tried again, and what addresses look like."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from alerts.notify.channels.targets import hint_of, parse_channel_target
from alerts.notify.errors import ChannelTargetMalformed
from alerts.notify.model import ChannelKind
from alerts.notify.sending.addresses import (
    ForbiddenTarget,
    check_addresses,
    is_public,
    parse_target,
)
from alerts.notify.sending.backoff import MOST_ATTEMPTS, try_again_at
from tests.alerts.notify.conftest import NOON


@pytest.mark.parametrize(
    ("address", "public"),
    [
        pytest.param("8.8.8.8", True, id="public"),
        pytest.param("2606:4700:4700::1111", True, id="public, IPv6"),
        pytest.param("127.0.0.1", False, id="loopback"),
        pytest.param("127.8.8.8", False, id="all of loopback"),
        pytest.param("::1", False, id="loopback, IPv6"),
        pytest.param("0.0.0.0", False, id="this host"),
        pytest.param("::", False, id="this host, IPv6"),
        pytest.param("10.1.2.3", False, id="private 10"),
        pytest.param("172.31.255.255", False, id="private 172"),
        pytest.param("192.168.0.1", False, id="private 192"),
        pytest.param("169.254.169.254", False, id="metadata"),
        pytest.param("100.100.100.200", False, id="metadata of Aliyun"),
        pytest.param("100.64.0.1", False, id="carrier-grade NAT"),
        pytest.param("168.63.129.16", False, id="the platform's own, Azure"),
        pytest.param("192.0.0.192", False, id="metadata of Oracle"),
        pytest.param("fd00:ec2::254", False, id="metadata, IPv6"),
        pytest.param("fe80::1%eth0", False, id="link-local with a zone"),
        pytest.param("fc00::1", False, id="unique local"),
        pytest.param("fec0::1", False, id="site-local"),
        pytest.param("224.0.0.1", False, id="multicast"),
        pytest.param("ff02::1", False, id="multicast, IPv6"),
        pytest.param("255.255.255.255", False, id="broadcast"),
        pytest.param("240.0.0.1", False, id="reserved"),
        pytest.param("198.18.0.1", False, id="benchmarks"),
        pytest.param("::ffff:10.0.0.1", False, id="IPv4-mapped private"),
        pytest.param("::ffff:8.8.8.8", True, id="IPv4-mapped public"),
        pytest.param("::127.0.0.1", False, id="IPv4-compatible"),
        pytest.param("64:ff9b::7f00:1", False, id="NAT64 of loopback"),
        pytest.param("64:ff9b::808:808", True, id="NAT64 of a public one"),
        pytest.param("64:ff9b:1::a00:1", False, id="NAT64 within a network"),
        pytest.param("2002:7f00:1::", False, id="6to4 of loopback"),
        pytest.param("2001:db8::1", False, id="documentation"),
        pytest.param("not an address", False, id="no address"),
    ],
)
def test_what_is_on_the_public_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("addresses", [[], ["8.8.8.8", "10.0.0.1"], ["::1"]])
def test_all_addresses_of_a_name_must_be(addresses: list[str]) -> None:
    with pytest.raises(ForbiddenTarget):
        check_addresses(addresses)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com/a b",
        "http://exam\r\nple.com/",
        "http://example.com/\r\nX-Evil: 1",
        "//example.com/",
        "gopher://example.com",
        "http://[::1",
        "https://" + "x" * 2_000 + ".com/",
    ],
)
def test_what_is_no_url_of_a_webhook(url: str) -> None:
    with pytest.raises(ForbiddenTarget):
        parse_target(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://Hooks.Example.com", "hooks.example.com", 443, "/"),
        ("http://example.com:8080/a?b=c#d", "example.com", 8080, "/a?b=c"),
        ("https://[2606:4700::1]:8443/x", "2606:4700::1", 8443, "/x"),
    ],
)
def test_the_parts_of_a_url(url: str, host: str, port: int, path: str) -> None:
    target = parse_target(url)
    assert (target.host, target.port, target.path) == (host, port, path)


def waits_s(retry_after_s: float | None = None) -> list[float]:
    """How long is waited after each failure, one after the other."""
    now, found = NOON, []
    for attempts in range(1, 100):
        again_at = try_again_at(
            attempts,
            created_at=NOON,
            now=now,
            retry_after_s=retry_after_s,
            rng=Random(attempts),
        )
        if again_at is None:
            return found
        found.append((again_at - now).total_seconds())
        now = again_at
    raise AssertionError("for ever")


def test_waits_double_to_an_hour_with_chance() -> None:
    waits = waits_s()
    wanted = [30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1_920.0, *([3_600.0] * 12)]
    assert len(waits) == MOST_ATTEMPTS - 1
    assert all(abs(wait / want - 1) <= 0.2 for wait, want in zip(waits, wanted, strict=True))
    assert len({wait / want for wait, want in zip(waits, wanted, strict=True)}) > 10


def test_a_receiver_names_its_time() -> None:
    assert waits_s(7_200) == [7_200.0] * 12, "a day, no longer"


def test_given_up_after_a_day() -> None:
    late = NOON + timedelta(hours=23, minutes=59, seconds=50)
    again_at = try_again_at(1, created_at=NOON, now=late, retry_after_s=None, rng=Random(1))
    assert again_at is None


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    ("kind", "given", "opened", "hint"),
    [
        (
            "wecom",
            {"key": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7bcd"},
            {"key": "693a91f6-7bcd"},
            "***7bcd",
        ),
        (
            "dingtalk",
            {"token": "https://oapi.dingtalk.com/robot/send?access_token=abcdef123456"},
            {"token": "abcdef123456"},
            "***3456",
        ),
        (
            "feishu",
            {"token": "https://open.feishu.cn/open-apis/bot/v2/hook/1234-5678-90ab"},
            {"token": "1234-5678-90ab"},
            "***90ab",
        ),
        (
            "feishu",
            {"token": "1234-5678-90ab", "secret": "k3yOfTheRobot"},
            {"token": "1234-5678-90ab", "secret": "k3yOfTheRobot"},
            "***90ab",
        ),
        (
            "email",
            {"address": " li@example.com "},
            {"address": "li@example.com"},
            "l***@example.com",
        ),
        ("sms", {"phone": "13800138000"}, {"phone": "13800138000"}, "138****8000"),
        (
            "webhook",
            {"url": "https://hooks.example.com/secret/path", "secret": SECRET},
            {"url": "https://hooks.example.com/secret/path", "secret": SECRET},
            "https://hooks.example.com/***",
        ),
    ],
)
def test_addresses_of_each_kind(
    kind: ChannelKind, given: dict[str, Any], opened: dict[str, Any], hint: str
) -> None:
    target = parse_channel_target(kind, given, private_allowed=False)
    assert target == opened
    assert hint_of(kind, target) == hint


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("wecom", {"key": "https://evil.example.com/?key=693a91f6-7bcd"}),
        ("wecom", {"key": "../../etc/passwd"}),
        ("dingtalk", {"token": "abcdef123456", "secret": "a/b"}),
        ("feishu", {}),
        ("feishu", {"token": "1234-5678-90ab", "secret": "a b"}),
        ("email", {"address": "li@example.com\r\nBcc: x@example.com"}),
        ("email", {"address": "nobody"}),
        ("sms", {"phone": "+86 138"}),
        ("webhook", {"url": "http://10.0.0.1/"}),
        ("webhook", {"url": "http://localhost:8080/"}),
        ("webhook", {"url": "http://[::1]/"}),
        ("webhook", {"url": "https://example.com/", "secret": "short"}),
        ("webhook", {"url": "https://example.com/", "more": 1}),
    ],
)
def test_what_is_no_address_is_not_repeated(kind: ChannelKind, given: dict[str, Any]) -> None:
    with pytest.raises(ChannelTargetMalformed) as refused:
        parse_channel_target(kind, given, private_allowed=False)
    assert refused.value.facts["kind"] == kind
    shown = refused.value.message + str(refused.value.facts)
    assert not any(str(value) in shown for value in given.values())


def test_a_secret_is_made_once() -> None:
    made = [
        parse_channel_target("webhook", {"url": "https://example.com/"}, private_allowed=False)
        for _ in range(2)
    ]
    assert all(each["secret"].startswith("whsec_") for each in made)
    assert made[0]["secret"] != made[1]["secret"]
