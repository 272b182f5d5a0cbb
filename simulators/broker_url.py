"""Reads where the broker is: `mqtt://user:password@host:port`, or `mqtts://…` for TLS."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and how to speak to it."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None

    @property
    def where(self) -> str:
        """Host and port, fit to be shown."""
        return f"{self.host}:{self.port}"


def parse_broker_url(
    url: str,
    *,
    ca_file: Path | None = None,
    cert_file: Path | None = None,
    key_file: Path | None = None,
) -> Broker:
    """The broker of a URL; the files are for `mqtts://` only, no `ca_file` = the system's.

    Raises:
        Invalid: not such a URL, or a certificate file that cannot be used.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Invalid(f"the broker's URL is wrong: {error}") from None
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise Invalid("the broker's URL must look like mqtt://host:1883 or mqtts://host:8883")
    tls = None
    if parts.scheme == "mqtts":
        try:
            tls = ssl.create_default_context(cafile=ca_file)
            if cert_file is not None:
                tls.load_cert_chain(cert_file, key_file)
        except OSError as error:
            named = ", ".join(str(f) for f in (ca_file, cert_file, key_file) if f is not None)
            raise Invalid(f"TLS files {named}: {error.strerror or error}") from None
    return Broker(
        host=parts.hostname,
        port=port or (1883 if tls is None else 8883),
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        tls=tls,
    )
