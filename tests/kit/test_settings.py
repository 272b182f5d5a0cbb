"""Settings from the environment."""

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from kit.settings import ENV_PREFIX, Settings, get_settings


@pytest.fixture(autouse=True)
def _bare_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """No GUANCHE_* variable and no .env file of whoever runs the tests."""
    monkeypatch.chdir(tmp_path_factory.mktemp("no-dotenv"))
    for field in Settings.model_fields:
        monkeypatch.delenv(ENV_PREFIX + field.upper(), raising=False)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_the_defaults_are_valid_and_prefixed_variables_replace_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    default = get_settings()
    get_settings.cache_clear()
    monkeypatch.setenv("GUANCHE_BATCH_MESSAGES", "501")
    monkeypatch.setenv("BATCH_MS", "17")  # without the prefix it is not ours
    assert default.batch_messages != 501
    assert get_settings() == default.model_copy(update={"batch_messages": 501})


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("dotenv")
    (folder / ".env").write_text("GUANCHE_BATCH_MS=50\nGUANCHE_CHUNK_HOURS=6\nOTHER=1\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GUANCHE_BATCH_MS", "60")
    settings = get_settings()
    assert (settings.batch_ms, settings.chunk_hours) == (60, 6)


@pytest.mark.parametrize("show", [repr, str, Settings.model_dump_json])
def test_secrets_are_masked_however_settings_are_shown(
    show: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(show)
    monkeypatch.setenv("GUANCHE_DATABASE_URL", "postgresql://ops:s3cret@db/guanche")
    monkeypatch.setenv("GUANCHE_MQTT_URL", "mqtt://ingest:s3cret@broker")
    settings = get_settings()
    assert "s3cret" not in show(settings)
    assert settings.database_url.get_secret_value() == "postgresql://ops:s3cret@db/guanche"


@pytest.mark.parametrize(
    ("variable", "text", "named"),
    [
        pytest.param("GUANCHE_BATCH_MS", "soon", "batch_ms", id="not a number"),
        pytest.param("GUANCHE_BATCH_MS", "0", "batch_ms", id="below its range"),
        pytest.param("GUANCHE_HTTP_PORT", "65536", "http_port", id="above its range"),
        pytest.param("GUANCHE_MQTT_VERSION", "4", "mqtt_version", id="not a choice"),
        pytest.param("GUANCHE_MQTT_CLIENT_ID", "a b", "mqtt_client_id", id="not of its form"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    variable: str, text: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ValidationError, match=named):
        get_settings()


def test_the_receive_maximum_covers_two_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANCHE_BATCH_MESSAGES", "300")
    monkeypatch.setenv("GUANCHE_MQTT_RECEIVE_MAXIMUM", "599")
    with pytest.raises(ValidationError, match=r"GUANCHE_MQTT_RECEIVE_MAXIMUM \(599\)"):
        get_settings()
    monkeypatch.setenv("GUANCHE_MQTT_RECEIVE_MAXIMUM", "600")
    assert get_settings().mqtt_receive_maximum == 600


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(None, id="none"),
        pytest.param("fleet-123456789", id="15 letters"),
        pytest.param("fleet/1234567890", id="a topic level more"),
    ],
)
def test_several_slots_need_a_secret_group(
    group: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANCHE_INGEST_SLOTS", "2")
    if group is not None:
        monkeypatch.setenv("GUANCHE_MQTT_SHARE_GROUP", group)
    with pytest.raises(ValidationError, match="needs GUANCHE_MQTT_SHARE_GROUP"):
        get_settings()
    monkeypatch.setenv("GUANCHE_MQTT_SHARE_GROUP", "fleet-1234567890")
    assert get_settings().ingest_slots == 2
    assert "fleet-1234567890" not in repr(get_settings())
