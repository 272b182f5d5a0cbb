"""What can be set from outside: environment variables `GUANCHE_*` and a `.env` file.

Every setting has a type, a unit in its name and a default that works on one machine. Secrets are
masked whenever settings are shown. The telemetry contract's fixed numbers are not settings; they
stand in `schemas/telemetry.py`.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_PREFIX = "GUANCHE_"


class Settings(BaseSettings):
    """All settings, read once at start."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # an input may be a URL with its password
    )

    # Where things are
    database_url: SecretStr = Field(
        SecretStr("postgresql://guanche@127.0.0.1:5432/guanche"),
        description="PostgreSQL or TimescaleDB, as a libpq URL.",
    )
    mqtt_url: SecretStr = Field(
        SecretStr("mqtt://127.0.0.1:1883"),
        description="The broker: mqtt://user:password@host:port, or mqtts:// for TLS.",
    )
    mqtt_ca_file: Path | None = Field(
        None, description="Certificate authority of a mqtts:// broker; unset = the system's."
    )
    mqtt_cert_file: Path | None = Field(None, description="Client certificate for mqtts://.")
    mqtt_key_file: Path | None = Field(None, description="Private key of the client certificate.")
    mqtt_version: Literal["5", "3.1.1"] = Field(
        "5", description="Protocol. 3.1.1 lacks Receive Maximum and is slower."
    )

    # The ingest session
    mqtt_client_id: str = Field(
        "guanche-ingest",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Fixed client id; slot n adds '-n'. Changing it abandons the queued messages.",
    )
    mqtt_session_expiry_s: int = Field(
        7 * 86_400,
        ge=60,
        le=0xFFFF_FFFE,
        description="How long the broker keeps our queue while we are away [7 days].",
    )
    mqtt_keepalive_s: int = Field(30, ge=5, le=65_535, description="MQTT keep-alive.")
    mqtt_receive_maximum: int = Field(
        20_000,
        ge=20,
        le=65_535,
        description="Unacknowledged messages the broker may have in flight; at least 2 batches.",
    )
    ingest_slots: int = Field(
        1,
        ge=1,
        le=64,
        description="Number of broker sessions sharing the load (same value in every process).",
    )
    mqtt_share_group: SecretStr | None = Field(
        None,
        description="Name of the shared subscription; needed above one slot, and secret: whoever"
        " knows it could draw a share of the fleet's messages.",
    )
    slot_lease_s: float = Field(
        15.0, ge=1, description="A process silent this long loses its slot to another."
    )

    # Batching
    batch_messages: int = Field(5_000, ge=1, le=30_000, description="Flush at this many messages …")
    batch_ms: int = Field(
        200, ge=1, le=5_000, description="… or this long after the first one [ms]."
    )
    queue_bytes: int = Field(
        64 * 1024 * 1024,
        ge=1024 * 1024,
        description="Payload bytes waiting in memory at most; reading pauses above.",
    )

    # Telemetry
    offline_after_s: int = Field(
        180, ge=10, description="A vehicle not heard for this long is offline [180 s]."
    )
    late_window_days: int = Field(
        7, ge=1, le=30, description="Chunks younger than this stay uncompressed [7 days]."
    )
    chunk_hours: int = Field(
        12,
        ge=1,
        le=24 * 7,
        description="Time span of a chunk: 6 h at one sample per 10 s from 30,000 vehicles,"
        " 12–24 h at one per 30 s.",
    )
    retention_days: int = Field(
        365, ge=31, description="Telemetry older than this is dropped by our job."
    )
    rejects_retention_days: int = Field(
        90, ge=1, description="Refusals older than this are deleted by our job."
    )

    # The API
    api_database_url: SecretStr | None = Field(
        None,
        description="The database as the API's own role, a member of guanche_app and of nothing"
        " else; needed by `guanche api`.",
    )
    api_host: str = Field("127.0.0.1", description="Where the API listens.")
    api_port: int = Field(8080, ge=0, le=65_535, description="Its port; 0 = any free one.")
    api_connections: int = Field(
        10, ge=2, le=200, description="Database connections of one API process."
    )
    api_public_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^/?#]+$",
        description="How people reach the API; stands in one-time links, and cookies of a https"
        " address are sent over https only.",
    )
    api_trusted_proxies: str = Field(
        "", description="Addresses, comma-separated, whose X-Forwarded-For is believed."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Seals ID cards and stored answers: 32 bytes as base64, made by"
        " `guanche config --new-key`; needed by `guanche api`.",
    )
    api_live_poll_ms: int = Field(
        300, ge=50, le=10_000, description="How often the live feed looks for changes [300 ms]."
    )
    api_live_readers: int = Field(
        2_000, ge=1, le=100_000, description="Open live feeds of one API process at most."
    )
    session_idle_s: int = Field(
        12 * 3_600, ge=60, description="A session unused this long ends [12 h]."
    )
    session_max_s: int = Field(
        7 * 86_400, ge=60, description="A session ends this long after log-in [7 days]."
    )
    step_up_s: int = Field(
        300, ge=10, description="How long a repeated password opens dangerous verbs [5 min]."
    )
    reset_link_s: int = Field(
        86_400, ge=300, description="How long a one-time link for a password holds [24 h]."
    )
    idempotency_days: int = Field(
        30, ge=1, description="Answers to repeated requests are kept this long [30 days]."
    )

    # Files
    files_url: str = Field(
        "file:///var/lib/guanche/files",
        pattern=r"^(file:///[^?#]*|s3://[A-Za-z0-9._-]+(/[^?#]*)?)$",
        description="Where photos and papers lie: file:///folder, or s3://bucket/prefix. The same"
        " for every API process.",
    )
    files_s3_endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^?#]+$",
        description="Address of the S3; unset = Amazon's of the region.",
    )
    files_s3_region: str = Field("us-east-1", description="Region of the bucket.")
    files_s3_virtual_hosted: bool = Field(
        False,
        description="Whether the bucket stands in the host of the address, as Aliyun OSS wants it;"
        " then the endpoint is written with it.",
    )
    files_s3_access_key: SecretStr | None = Field(
        None, description="Key id of the S3; unset = the machine's own role."
    )
    files_s3_secret_key: SecretStr | None = Field(None, description="Its secret.")
    vault_copy_url: str | None = Field(
        None,
        pattern=r"^(file:///[^?#]*|s3://[A-Za-z0-9._-]+(/[^?#]*)?)$",
        description="Where contracts lie a second time, as GUANCHE_FILES_URL; an S3 with the same"
        " address and key. Unset = nowhere.",
    )

    # Sheets
    import_memory_bytes: int = Field(
        1024 * 1024 * 1024,
        ge=256 * 1024 * 1024,
        description="Memory of the process that reads a sheet at most.",
    )
    import_max_s: int = Field(
        600, ge=5, description="A sheet takes this long at most, then it has failed [10 min]."
    )
    import_poll_ms: int = Field(
        1_000, ge=50, le=60_000, description="How often an API process looks for sheets [1 s]."
    )

    # Alerts
    alert_poll_ms: int = Field(
        500, ge=50, le=60_000, description="How often new telemetry is judged [500 ms]."
    )
    alert_sweep_s: int = Field(
        300, ge=5, le=86_400, description="How often it is asked what has fallen due [5 min]."
    )
    alert_lease_s: int = Field(
        15, ge=2, le=600, description="A leader not heard for this long is succeeded [15 s]."
    )
    alert_checkpoint_s: int = Field(
        15, ge=1, le=600, description="How often it is noted how far telemetry was judged [15 s]."
    )
    alert_backlog_hours: int = Field(
        6, ge=1, le=168, description="Telemetry waits so long to be judged at most [6 h]."
    )
    alert_retention_days: int = Field(
        1_095,
        ge=31,
        description="Alerts resolved longer ago are deleted with their events [3 years].",
    )
    alert_http_port: int = Field(
        9109, ge=0, le=65_535, description="Where /metrics and /healthz of alerts listen."
    )

    # Notifications
    smtp_url: SecretStr | None = Field(
        None,
        description="The mail server: smtp://user:password@host:port, smtps:// for TLS from the"
        " start; unset = no e-mail.",
    )
    smtp_from: str = Field("guanche@localhost", description="The sender of e-mail.")
    sms_url: SecretStr | None = Field(
        None,
        description="The SMS gateway as a URL of Apprise, with {phone} in it; unset = no SMS.",
    )
    notify_private_targets: bool = Field(
        False, description="Whether webhooks may go to addresses of private networks."
    )
    notify_demands: bool = Field(
        False,
        description="Whether written demands go to customers by e-mail or SMS, as reminders do.",
    )
    notify_group_wait_s: int = Field(
        30, ge=0, le=3_600, description="What comes within this time is told together [30 s]."
    )
    notify_retention_days: int = Field(
        180, ge=7, description="Messages and their attempts are kept so long once they are over."
    )
    notify_timeout_s: int = Field(
        10, ge=1, le=120, description="A receiver answers within this time [10 s]."
    )

    # The process
    http_host: str = Field("127.0.0.1", description="Where /metrics and /healthz listen.")
    http_port: int = Field(
        9108, ge=0, le=65_535, description="Their port; 0 = any free one, printed in the log."
    )
    log_format: Literal["console", "json"] = Field("console", description="Shape of log lines.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe line to write."
    )

    @field_validator("mqtt_url")
    @classmethod
    def _names_a_broker(cls, value: SecretStr) -> SecretStr:
        url = urlsplit(value.get_secret_value())
        try:
            usable = url.scheme in ("mqtt", "mqtts") and url.hostname and url.port != 0
        except ValueError:  # a port that is no port
            usable = False
        if not usable:
            raise ValueError("must look like mqtt://host:1883 or mqtts://user:password@host:8883")
        return value

    @model_validator(mode="after")
    def _flow_control_covers_two_batches(self) -> "Settings":
        if self.mqtt_receive_maximum < 2 * self.batch_messages:
            raise ValueError(
                f"GUANCHE_MQTT_RECEIVE_MAXIMUM ({self.mqtt_receive_maximum}) must be at least twice"
                f" GUANCHE_BATCH_MESSAGES ({self.batch_messages}), or every batch waits for its"
                " timer"
            )
        return self

    @model_validator(mode="after")
    def _shared_slots_have_a_secret_group(self) -> "Settings":
        group = self.mqtt_share_group.get_secret_value() if self.mqtt_share_group else ""
        if self.ingest_slots > 1 and not re.fullmatch(r"[A-Za-z0-9_-]{16,}", group):
            raise ValueError(
                "GUANCHE_INGEST_SLOTS above 1 needs GUANCHE_MQTT_SHARE_GROUP: at least 16 random"
                " letters and digits, the same in every ingest process"
            )
        return self


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process.

    Raises:
        pydantic.ValidationError: a variable with a value that cannot be used; it names which.
    """
    return Settings()
