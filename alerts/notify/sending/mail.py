"""Sends e-mail through one mail server.

By the standard library: the Message-ID is the message's own, the same at each attempt, so that a
mailbox can know it again; Apprise makes a new one each time. Log-in only over TLS, but on this
machine. Leaves out which server: GUANCHE_SMTP_URL.
"""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

from alerts.notify.sending.outcome import Outcome, Outgoing, detail_of

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class MailSender:
    """Sends through smtp:// (TLS as soon as the server offers it) or smtps:// (from the start)."""

    def __init__(self, url: str, *, sender: str, timeout_s: float) -> None:
        """Raises ValueError if the URL is no mail server's."""
        self._url = urlsplit(url)
        if self._url.scheme not in ("smtp", "smtps") or not self._url.hostname:
            raise ValueError("GUANCHE_SMTP_URL must look like smtp://user:password@host:587")
        self._sender = sender
        self._timeout_s = timeout_s

    def __call__(self, outgoing: Outgoing, /) -> Outcome:
        """Send subject and body to one address."""
        try:
            self._send(written(outgoing, self._sender), str(outgoing.target["address"]))
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            return _outcome(fault)
        return Outcome("sent")

    def _send(self, message: EmailMessage, address: str) -> None:
        server = self._open(self._url, message["From"].addresses[0].domain)
        try:
            if self._url.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self._url.username is not None:
                self._log_in(server, self._url)
            server.send_message(message, to_addrs=[address])
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _open(self, url: SplitResult, name: str) -> smtplib.SMTP:
        host, name = url.hostname or "", name or "localhost"
        server: smtplib.SMTP
        if url.scheme == "smtps":
            server = smtplib.SMTP_SSL(
                host,
                url.port or 465,
                local_hostname=name,
                timeout=self._timeout_s,
                context=ssl.create_default_context(),
            )
        else:
            server = smtplib.SMTP(
                host, url.port or 587, local_hostname=name, timeout=self._timeout_s
            )
        server.ehlo()
        return server

    @staticmethod
    def _log_in(server: smtplib.SMTP, url: SplitResult) -> None:
        if not isinstance(server.sock, ssl.SSLSocket) and url.hostname not in _LOOPBACK:
            raise smtplib.SMTPNotSupportedError("no log-in without TLS")
        server.login(unquote(url.username or ""), unquote(url.password or ""))


def written(outgoing: Outgoing, sender: str) -> EmailMessage:
    """The mail itself."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = str(outgoing.target["address"])
    message["Subject"] = " ".join(outgoing.subject.split())
    message["Date"] = format_datetime(outgoing.at)
    message["Message-ID"] = f"<{outgoing.key}@{message['From'].addresses[0].domain or 'guanche'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(outgoing.body + "\n")
    return message


def _outcome(fault: Exception) -> Outcome:
    """What a failure means; a log-in that was refused is the installation's, and may be mended."""
    match fault:
        case TimeoutError():
            return Outcome("timed_out", "no answer in time")
        case smtplib.SMTPRecipientsRefused():
            return _refused(*next(iter(fault.recipients.values())))
        case smtplib.SMTPAuthenticationError():
            return Outcome("refused", f"SMTP {fault.smtp_code}: the log-in was refused")
        case smtplib.SMTPResponseException():
            return _refused(fault.smtp_code, fault.smtp_error)
        case ValueError():  # an address that is none
            return Outcome("refused", "no address of e-mail", final=True)
    return Outcome("unreachable", type(fault).__name__)


def _refused(code: int, words: bytes | str) -> Outcome:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    detail = detail_of(f"SMTP {code}: {text}")
    return Outcome("refused", detail, final=500 <= code < 600)
