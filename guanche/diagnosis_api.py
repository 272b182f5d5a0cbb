"""Judges what was found of the API: its role, its key, its address, its people, its process.

Pure: facts in, findings out, as in `diagnosis.py`. The looking is done by `guanche/doctor.py`.
"""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from guanche.diagnosis import Finding
from guanche.scrape import Health
from guanche.store import ApiRole, PeopleCount
from kit.settings import Settings

FEW_BYTES: Final = 5_000_000_000
"""Some thousand photos."""
_ROLE_ADVICE = (
    "Connect as guanche_api, a member of guanche_app and of nothing else:"
    " deploy/timescale/access.sh makes it."
)


def judge_api_role(role: ApiRole) -> Finding:
    """Whether row security binds the API's role, and shows it nothing while it acts for nobody."""
    faults = []
    if role.above_row_security:
        faults.append("is above row security")
    if not role.is_app:
        faults.append("is no member of guanche_app")
    if role.other_roles:
        faults.append(f"has the rights of {', '.join(role.other_roles)}")
    if role.owned:
        faults.append(f"owns {role.owned:,} tables and indexes")
    if role.organisations_unasked:
        faults.append(f"sees {role.organisations_unasked:,} organisations unasked")
    if faults:
        return Finding("api role", "fail", f"{role.role_name} {', '.join(faults)}", _ROLE_ADVICE)
    told = f"{role.role_name} owns nothing, and sees nothing before it acts for somebody"
    return Finding("api role", "ok", told)


def judge_secret_key(*, fault: str | None, closed: int) -> Finding:
    """The key that seals: `fault` is why it is none, `closed` counts ID cards it does not open."""
    if fault is not None:
        return Finding(
            "secret key",
            "fail",
            f"GUANCHE_SECRET_KEY: {fault}",
            "`guanche config --new-key` makes one; keep a copy of it elsewhere.",
        )
    if closed:
        return Finding(
            "secret key",
            "fail",
            f"GUANCHE_SECRET_KEY does not open {closed:,} ID cards",
            "Set the key they were sealed with; no other opens them.",
        )
    return Finding("secret key", "ok", "valid; without a copy elsewhere, ID cards go with it")


def judge_public_url(settings: Settings) -> Finding:
    """Whether passwords and cookies travel in the clear, and links lead anywhere."""
    url = settings.api_public_url
    here = is_loopback(urlsplit(url).hostname or "")
    if here and not is_loopback(settings.api_host):
        return Finding(
            "public URL",
            "warn",
            f"the API listens on {settings.api_host}, but one-time links lead to {url}",
            "Set GUANCHE_API_PUBLIC_URL to how people reach it.",
        )
    if not here and not url.startswith("https://"):
        return Finding(
            "public URL",
            "warn",
            f"{url}: passwords and sessions travel unencrypted",
            "Put a reverse proxy with TLS before the API and set GUANCHE_API_PUBLIC_URL to https://…",
        )
    return Finding("public URL", "ok", f"{url}, this machine only" if here else url)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "a.example")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def judge_files(
    url: str,
    *,
    fault: str | None,
    free_bytes: int | None,
    part: str = "files",
    setting: str = "GUANCHE_FILES_URL",
) -> Finding:
    """Whether photos and papers can be kept: `fault` is why not; an S3 has no end."""
    if fault is not None:
        return Finding(
            part,
            "fail",
            f"nothing can be written to {url}: {fault}",
            f"Let the user of the API write there, or correct {setting}.",
        )
    if free_bytes is not None and free_bytes < FEW_BYTES:
        return Finding(
            part,
            "warn",
            f"{url} can be written to, {free_bytes / 1e9:.1f} GB are free",
            "Make room, or move the files to a larger disk or an S3.",
        )
    return Finding(part, "ok", f"{url} can be written to")


def judge_fonts(fault: str | None) -> Finding:
    """Whether contracts and bills can be typeset: `fault` is why not."""
    if fault is not None:
        return Finding("fonts", "fail", fault, "Install the package again, with its requirements.")
    return Finding("fonts", "ok", "contracts and bills can be typeset")


def judge_people(count: PeopleCount) -> Finding:
    """Whether anybody could log in."""
    if count.people == 0:
        return Finding(
            "people",
            "warn",
            "nobody could log in: there are no people",
            "`guanche user create LOGIN --role owner …` adds the first.",
        )
    if count.able == 0:
        return Finding(
            "people",
            "warn",
            f"nobody could log in: {count.people:,} people without a password, or disabled",
            "`guanche user reset LOGIN` prints a one-time link.",
        )
    return Finding("people", "ok", f"{count.able:,} of {count.people:,} could log in")


def judge_api(health: Health, settings: Settings) -> Finding:
    """Whether an API process answers and is ready."""
    if settings.api_port == 0:
        return Finding("api", "ok", "not looked at: GUANCHE_API_PORT=0 means any free port")
    where = f"http://{settings.api_host}:{settings.api_port}/readyz"
    if not health.answered:
        return Finding("api", "warn", f"nobody answers at {where}", "Start `guanche api`.")
    if not health.well:
        return Finding("api", "fail", f"{where} says: {health.text}", "Read the log of the API.")
    return Finding("api", "ok", f"ready, at {where}")
