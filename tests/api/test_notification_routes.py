"""Notifications over HTTP: channels, subscriptions, messages and their attempts."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.api.served import Served, code_of, post

CHANNELS: Final = "/api/v1/notification-channels"
SUBSCRIPTIONS: Final = "/api/v1/notification-subscriptions"
MESSAGES: Final = "/api/v1/notifications"
WEBHOOK: Final = {"kind": "webhook", "url": "https://hooks.example.com/in?key=k3y"}


@pytest.fixture
def manager(api: Served) -> TestClient:
    """Who keeps the channels of alpha."""
    return api.person("alpha.owner", step_up=True)


def channel(api: Served, client: TestClient, **given: Any) -> dict[str, Any]:
    """A new channel, as it was answered."""
    body = {"name": "值班群", "target": WEBHOOK} | given
    made = post(client, CHANNELS, body, api.unused("channel-"))
    assert made.status_code == 201, made.text
    return dict(made.json())


def test_a_channel_is_made_and_its_secret_told_once(api: Served, manager: TestClient) -> None:
    key = api.unused("channel-")
    body = {"name": "值班群", "target": WEBHOOK, "hourly_limit": 20}
    made = post(manager, CHANNELS, body, key)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    told = made.json()
    assert (told["kind"], told["target_hint"], told["hourly_limit"], told["owner"]) == (
        "webhook",
        "https://hooks.example.com/***",
        20,
        None,
    )
    assert told["secret"].startswith("whsec_")
    assert made.headers["location"] == f"{CHANNELS}/{told['key']}"
    again = post(manager, CHANNELS, body, key)
    assert (again.json(), again.headers["idempotent-replayed"]) == (told, "true")
    read = manager.get(f"{CHANNELS}/{told['key']}")
    assert "secret" not in read.json()
    assert "k3y" not in made.text + read.text


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ({"kind": "email", "address": "duty@example.com"}, "***@example.com"),
        ({"kind": "sms", "phone": "13900001234"}, "1234"),
        (
            {
                "kind": "wecom",
                "key": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcd1234",
            },
            "***1234",
        ),
        ({"kind": "dingtalk", "token": "abcdef123456", "secret": "SEC000000"}, "***3456"),
        ({"kind": "feishu", "token": "abcd-efgh"}, "***efgh"),
    ],
    ids=lambda given: given["kind"] if isinstance(given, dict) else "",
)
def test_each_kind_has_its_address(
    api: Served, manager: TestClient, target: dict[str, Any], hint: str
) -> None:
    told = channel(api, manager, target=target)
    assert told["target_hint"].endswith(hint)
    assert (told["kind"], told["secret"]) == (target["kind"], target.get("secret") and None)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"kind": "email", "address": "nobody"}, "notification_target_malformed"),
        ({"kind": "webhook", "url": "http://10.0.0.8/in"}, "notification_target_malformed"),
        ({"kind": "webhook", "url": "https://localhost/in"}, "notification_target_malformed"),
        (
            {"kind": "wecom", "key": "https://evil.example.com/?key=abcd1234"},
            "notification_target_malformed",
        ),
        ({"kind": "email", "phone": "13900001234"}, "invalid"),
        ({"kind": "pager", "number": "1"}, "invalid"),
        ({"address": "duty@example.com"}, "invalid"),
    ],
    ids=["no address", "private", "local", "no robot", "of another", "no kind", "none"],
)
def test_what_is_no_address_is_refused(
    api: Served, manager: TestClient, target: dict[str, Any], code: str
) -> None:
    refused = post(manager, CHANNELS, {"name": "x", "target": target}, api.unused("c-"))
    assert (refused.status_code, code_of(refused)) == (422, code)


def test_a_channel_is_changed_and_retired(api: Served, manager: TestClient) -> None:
    url = f"{CHANNELS}/{channel(api, manager)['key']}"
    body: dict[str, Any] = {"name": "夜班", "enabled": False, "hourly_limit": 5}
    changed = manager.put(url, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["name"], changed.json()["secret"]) == ("夜班", None)
    moved = {"target": {"kind": "webhook", "url": "https://new.example.com/in"}}
    redirected = manager.put(url, json=body | moved, headers={"If-Match": '"2"'}).json()
    assert redirected["target_hint"] == "https://new.example.com/***"
    assert redirected["secret"].startswith("whsec_")
    other = {"target": {"kind": "email", "address": "duty@example.com"}}
    refused = manager.put(url, json=body | other, headers={"If-Match": '"3"'})
    assert code_of(refused) == "notification_target_malformed"
    stale = manager.post(f"{url}/retire", headers={"If-Match": '"1"'})
    assert (stale.status_code, code_of(stale)) == (412, "version_changed")
    assert manager.post(f"{url}/retire", headers={"If-Match": '"3"'}).status_code == 204
    assert code_of(manager.get(url)) == "notification_channel_not_found"


def test_a_subscription_of_a_channel(api: Served, manager: TestClient) -> None:
    to = channel(api, manager)["key"]
    wanted = {"least_severity": "critical", "quiet_from": "22:00", "quiet_until": "07:00"}
    made = post(manager, SUBSCRIPTIONS, {"channel": to, **wanted}, api.unused("s-"))
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["channel"], told["organisation"], told["kinds"]) == (to, "alpha", None)
    assert (told["quiet_from"], told["quiet_until"], told["digest_at"]) == (
        "22:00",
        "07:00",
        "08:30",
    )
    url = f"{SUBSCRIPTIONS}/{told['key']}"
    assert manager.get(url).json() == told
    for body, code in (
        ({"quiet_from": "22:00"}, "notification_hours_malformed"),
        ({"kinds": ["no_such_kind"]}, "notification_kind_unknown"),
        ({"quiet_from": "24:00", "quiet_until": "07:00"}, "invalid"),
    ):
        refused = manager.put(url, json=body, headers={"If-Match": '"1"'})
        assert (refused.status_code, code_of(refused)) == (422, code)
    changed = manager.put(
        url, json={"kinds": ["over_speed"], "digest": "daily"}, headers={"If-Match": '"1"'}
    )
    assert (changed.json()["kinds"], changed.json()["least_severity"]) == (
        ["over_speed"],
        "warning",
    )
    assert manager.post(f"{url}/retire", headers={"If-Match": '"2"'}).status_code == 204
    assert manager.get(SUBSCRIPTIONS, params={"channel": to}).json()["items"] == []


def test_a_channel_is_tried_given_up_and_tried_again(api: Served, manager: TestClient) -> None:
    to = channel(api, manager, hourly_limit=1)["key"]
    tried = post(manager, f"{CHANNELS}/{to}/test", {"language": "en"}, api.unused("t-"))
    assert tried.status_code == 201, tried.text
    told = tried.json()
    assert (told["purpose"], told["state"], told["channel"], told["attempts"]) == (
        "test",
        "waiting",
        to,
        [],
    )
    url = f"{MESSAGES}/{told['key']}"
    assert tried.headers["location"] == url
    busy = post(manager, f"{CHANNELS}/{to}/test", {}, api.unused("t-"))
    assert (busy.status_code, code_of(busy)) == (409, "notification_channel_busy")
    early = manager.post(f"{url}/resend")
    assert (early.status_code, code_of(early)) == (409, "notification_message_not_dead")
    api.as_owner(
        "INSERT INTO notification_attempts (message_id, no, tenant_id, organisation_id, started_at,"
        " ended_at, result, detail) SELECT id, 1, tenant_id, organisation_id, now(), now(),"
        " 'refused', '410 Gone' FROM notification_messages WHERE key = %s",
        told["key"],
    )
    api.as_owner(
        "UPDATE notification_messages SET state = 'dead', attempts = 1 WHERE key = %s", told["key"]
    )
    dead = manager.get(url).json()
    assert (dead["state"], dead["attempt_count"]) == ("dead", 1)
    assert [(each["result"], each["detail"]) for each in dead["attempts"]] == [
        ("refused", "410 Gone")
    ]
    assert manager.post(f"{url}/resend").json()["state"] == "waiting"
    listed = manager.get(MESSAGES, params={"channel": to}).json()["items"]
    assert [each["key"] for each in listed] == [told["key"]]


@pytest.mark.parametrize(
    "path", [CHANNELS, SUBSCRIPTIONS, MESSAGES], ids=["channels", "subscriptions", "messages"]
)
def test_lists_and_tables(api: Served, manager: TestClient, path: str) -> None:
    made = channel(api, manager, name=(name := api.unused("群")))
    for number in range(3):
        if path == SUBSCRIPTIONS:
            post(manager, path, {"channel": made["key"]}, api.unused("s-"))
        if path == MESSAGES:
            post(manager, f"{CHANNELS}/{made['key']}/test", {}, api.unused("t-"))
        if path == CHANNELS and number:
            channel(api, manager, name=name)
    asked = {"q": name} if path == CHANNELS else {"channel": made["key"]}
    page = manager.get(path, params=asked | {"limit": "2"}).json()
    rest = manager.get(path, params=asked | {"limit": "2", "after": page["next"]}).json()
    whole = manager.get(path, params=asked).json()["items"]
    assert (page["items"] + rest["items"], rest["next"]) == (whole, None)
    assert len(whole) == 3
    table = manager.get(f"{path}/export", params=asked | {"form": "csv"})
    assert table.content.decode("utf-8-sig").count(name) == 3


def test_others_and_roles(api: Served, manager: TestClient) -> None:
    made = channel(api, manager)
    stranger, ops = api.person("omega.owner", step_up=True), api.person("alpha.ops")
    hidden = stranger.get(f"{CHANNELS}/{made['key']}")
    assert (hidden.status_code, code_of(hidden)) == (404, "notification_channel_not_found")
    assert stranger.get(CHANNELS, params={"q": made["name"]}).json()["items"] == []
    of_all = post(ops, CHANNELS, {"name": "x", "target": WEBHOOK}, api.unused("c-"))
    assert (of_all.status_code, code_of(of_all)) == (403, "permission_missing")
    own = channel(api, ops, own=True)
    assert own["owner"] == "alpha.ops"
    foreign = manager.put(
        f"{CHANNELS}/{own['key']}",
        json={"name": "x", "enabled": False, "hourly_limit": 1},
        headers={"If-Match": '"1"'},
    )
    assert (foreign.status_code, code_of(foreign)) == (409, "notification_channel_of_another")
    unasked = post(api.person("alpha.owner"), CHANNELS, {"name": "x", "target": WEBHOOK}, "n-1")
    assert (unasked.status_code, code_of(unasked)) == (403, "step_up_required")
    viewer = api.person("alpha.viewer")
    assert code_of(viewer.get(CHANNELS)) == "permission_missing"
