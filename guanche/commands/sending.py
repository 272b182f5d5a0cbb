"""What `guanche simulate` and `guanche replay` share: options, connecting, showing progress.

Leaves out: what is sent (`simulators/`).
"""

import csv
import resource
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from guanche.commands.output import count_text, duration_text, err
from guanche.seed import RosterEntry, seed_fleet
from kit import clock, db
from kit.errors import Invalid
from kit.settings import get_settings
from simulators.ack_log import AckLog
from simulators.broker_url import Broker, parse_broker_url
from simulators.pacing import Progress
from simulators.publisher import DeviceLogin, Publisher

OTHER_FILES = 64
"""Open files of a process besides its connections."""
SLOW_S = 0.5
"""Lagging behind the time table by more than this is worth a word."""

ConnectionsOption = Annotated[
    int, typer.Option("--connections", min=1, help="Broker connections the vehicles share.")
]
RegisterOption = Annotated[
    bool,
    typer.Option(
        "--register",
        help="First make the database know the vehicles, under demo organisations."
        " Samples of unknown devices are refused.",
    ),
]
AckLogOption = Annotated[
    Path | None,
    typer.Option(
        "--ack-log",
        help="Append every sample the broker acknowledged: device, ts in ms, seq, faults,"
        " digest; tab-separated.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="No progress; one JSON summary at the end.")
]


def configured_broker() -> Broker:
    """The broker of the settings."""
    settings = get_settings()
    return parse_broker_url(
        settings.mqtt_url.get_secret_value(),
        ca_file=settings.mqtt_ca_file,
        cert_file=settings.mqtt_cert_file,
        key_file=settings.mqtt_key_file,
    )


def register(roster: Iterable[RosterEntry]) -> None:
    """Make the database know these vehicles, their devices and demo organisations to run them."""
    settings = get_settings()
    now = clock.now()
    with db.connect(settings.database_url.get_secret_value()) as conn:
        new = seed_fleet(conn, roster, now)
    err().print(f"{count_text(new)} vehicles registered that were not known", soft_wrap=True)


@contextmanager
def connected_publisher(
    *,
    connections: int,
    device_ids: list[str],
    per_device: bool,
    credentials: Path | None,
    ack_log: Path | None,
) -> Iterator[Publisher]:
    """A publisher whose connections all stand; closed in the end, its ack log too."""
    logins = None
    if credentials is not None:
        logins = read_credentials(credentials, device_ids)
    elif per_device:
        logins = [DeviceLogin(device_id) for device_id in device_ids]
    if logins is not None:
        allow_open_files(len(logins) + OTHER_FILES)
    with ExitStack() as stack:
        log = stack.enter_context(AckLog(ack_log)) if ack_log is not None else None
        publisher = stack.enter_context(
            Publisher(
                configured_broker(),
                connections=min(connections, len(device_ids)),
                devices=logins,
                ack_log=log,
            )
        )
        publisher.open(timeout_s=5.0 + len(logins or ()) / 100)
        yield publisher


def read_credentials(path: Path, device_ids: list[str]) -> list[DeviceLogin]:
    """The log-ins of these devices, from lines `device_id,password`.

    Raises:
        Invalid: a line of another form, or a device without one.
        OSError: the file cannot be read.
    """
    passwords = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), start=1):
            if not row:
                continue
            if len(row) != 2:
                raise Invalid(f"{path}, line {number}: write device_id,password")
            passwords[row[0].strip()] = row[1].strip()
    missing = [device_id for device_id in device_ids if device_id not in passwords]
    if missing:
        others = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
        raise Invalid(f"{path}: no password of {missing[0]}{others}")
    return [DeviceLogin(device_id, passwords[device_id]) for device_id in device_ids]


def allow_open_files(count: int) -> None:
    """Let this process open so many files and sockets, as far as the system lets it.

    Raises:
        Invalid: the system's limit is lower.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard) and hard < count:
        raise Invalid(f"{count:,} open files are needed and the system allows {hard:,} (ulimit -n)")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


@contextmanager
def progress_shown(*, quiet: bool, total_s: float | None) -> Iterator[Callable[[Progress], None]]:
    """One line on a terminal that follows the run; nothing elsewhere."""
    console = err()
    if quiet or not console.is_terminal:
        yield lambda _progress: None
        return
    bar = (BarColumn(bar_width=24),) if total_s is not None else ()
    columns = (SpinnerColumn(), TimeElapsedColumn(), *bar, TextColumn("{task.fields[facts]}"))
    with ProgressBar(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=total_s, facts="connected, waiting for the first message")
        before = Progress(0.0, 0, 0, 0, 0.0, 0, "")

        def show(progress: Progress) -> None:
            nonlocal before
            shown.update(task, completed=progress.elapsed_s, facts=progress_text(before, progress))
            before = progress

        yield show


def progress_text(before: Progress, progress: Progress) -> str:
    """Rate, acknowledgements and troubles in one line of rich's markup."""
    seconds = max(1e-9, progress.elapsed_s - before.elapsed_s)
    rate = (progress.acknowledged - before.acknowledged) / seconds
    facts = [
        f"[bold]{count_text(rate)}[/] msg/s",
        f"{count_text(progress.acknowledged)} acknowledged",
        f"{count_text(progress.published - progress.acknowledged)} in flight",
    ]
    if progress.behind_s > SLOW_S:
        facts.append(f"[yellow]{duration_text(progress.behind_s)} behind[/]")
    if progress.reconnects:
        facts.append(f"[yellow]{count_text(progress.reconnects)} reconnects[/]")
    if progress.trouble:
        facts.append(f"[red]{progress.trouble}[/]")
    return "  ".join(facts)


def outcome_text(*, published: int, acknowledged: int, elapsed_s: float) -> str:
    """What the broker took over, in one line of rich's markup."""
    colour = "green" if acknowledged == published else "red"
    per_s = published / elapsed_s if elapsed_s > 0 else 0.0
    return (
        f"[{colour}]{count_text(acknowledged)} of {count_text(published)} messages"
        f" acknowledged[/] in {duration_text(elapsed_s)}, {count_text(per_s)} msg/s"
    )
