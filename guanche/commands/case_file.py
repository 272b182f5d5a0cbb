"""`guanche case-file`: hand out all that is kept of a lease, and prove such a file whole.

`verify` asks no database and no setting: whoever has the file may run it anywhere.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from guanche.commands import output
from guanche.commands.output import count_text, instant_text
from kit.errors import Invalid

case_file = typer.Typer(
    name="case-file",
    help="""Hand out all that is kept of a lease, and prove such a file whole.

    A case file 案卷 is a ZIP with a manifest of digests: contract, versions, hand-overs with
    photos, notices, tracks, audit trail.

    [bold]Examples[/]

    $ guanche case-file export L2026-7K3M9Q --output case.zip

    $ guanche case-file verify case.zip
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
TRACKS = ("none", "minute", "full")


@case_file.command("export")
def export(
    lease_no: Annotated[str, typer.Argument(metavar="LEASE_NO", help="Number of the lease.")],
    *,
    out: Annotated[Path, typer.Option("--output", "-o", help="The file to write.", dir_okay=False)],
    tracks: Annotated[
        str, typer.Option("--tracks", help="Where its vehicles were: none, minute or full.")
    ] = "minute",
    as_json: AsJson = False,
) -> None:
    """Write the case file of a lease, whole or not at all.

    The export is written down in the audit trail with the digest of its list. Exit code 1 when
    something kept was no longer as it had been: the file is written, and its manifest says so.

    [bold]Example[/]

    $ guanche case-file export L2026-7K3M9Q --output case.zip --tracks full
    """
    if tracks not in TRACKS:
        raise Invalid(f"--tracks is one of {', '.join(TRACKS)}, not {tracks!r}")
    if not out.parent.is_dir():
        raise Invalid(f"{out.parent}: no such folder")
    manifest = _built(lease_no, out, tracks)
    lost = [left.what for left in manifest.left_out if left.why.startswith("lost")]
    if as_json:
        output.write_json(_told(manifest) | {"lost": lost})
    else:
        console = output.out()
        size = out.stat().st_size
        console.print(
            f"[green]written[/]  {escape(str(out))}: {count_text(len(manifest.files))} files,"
            f" {count_text(size)} bytes",
            soft_wrap=True,
        )
        console.print(f"[dim]list[/]     SHA-256 {manifest.list_sha256}", soft_wrap=True)
        for entry in manifest.faults:
            told = f"{entry.path}: {entry.fault}"
            console.print(f"[red]fault[/]    {escape(told)}", soft_wrap=True)
        for what in lost:
            console.print(f"[red]lost[/]     {escape(what)}", soft_wrap=True)
    if manifest.faults or lost:
        raise typer.Exit(1)


@case_file.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The case file.", dir_okay=False)],
    *,
    list_sha256: Annotated[
        str | None,
        typer.Option(
            "--list",
            help="A digest to compare with: of the list (printed cover, audit trail), or of the"
            " manifest (audit trail), which also holds what is said to be absent or changed.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every byte of a case file; exit code 1 when it is not what it was.

    Needs no database. That somebody made the whole file anew shows against a digest kept elsewhere
    only: give it with [bold]--list[/].

    [bold]Example[/]

    $ guanche case-file verify case.zip
    """
    from fleet.case_files.checking import Fault, check_case_file  # noqa: PLC0415

    try:
        checked = check_case_file(path)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror or error}") from None
    faults, manifest = list(checked.faults), checked.manifest
    wanted = None if list_sha256 is None else list_sha256.strip().lower()
    if manifest is not None and wanted not in (None, manifest.list_sha256, manifest.digest):
        said = f"its list has the SHA-256 {manifest.list_sha256}, not the one given"
        faults.append(Fault("other_list", None, said))
    if as_json:
        about = None if manifest is None else _told(manifest)
        listed = [asdict(fault) for fault in faults]
        output.write_json({"whole": not faults, "faults": listed, "manifest": about})
    else:
        _show(faults, manifest)
    if faults:
        raise typer.Exit(1)


def _built(lease_no: str, out: Path, tracks: Any) -> Any:
    """Make it, in one transaction that sees the database as it is at one instant."""
    from psycopg import IsolationLevel  # noqa: PLC0415  (`verify` needs no database)

    from fleet.case_files.service import build_case_file  # noqa: PLC0415
    from kit import clock, db  # noqa: PLC0415
    from kit.files import open_files  # noqa: PLC0415
    from kit.sealed import SealingKey  # noqa: PLC0415
    from kit.settings import get_settings  # noqa: PLC0415
    from schemas.access import SYSTEM  # noqa: PLC0415

    settings = get_settings()
    secret = settings.secret_key
    url = settings.database_url.get_secret_value()
    with db.connect(url, application_name="guanche case-file export") as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        manifest = build_case_file(
            conn,
            SYSTEM,
            lease_no=lease_no,
            files=open_files(settings),
            key=None if secret is None else SealingKey.from_text(secret.get_secret_value()),
            tracks=tracks,
            out=out,
            limited=False,
            now=clock.now(),
        )
        conn.commit()
    return manifest


def _told(manifest: Any) -> dict[str, Any]:
    """What a manifest says, in short."""
    return {
        **manifest.made.model_dump(),
        "files": len(manifest.files),
        "list_sha256": manifest.list_sha256,
        "manifest_sha256": manifest.digest,
        "faults": [{"path": one.path, "fault": one.fault} for one in manifest.faults],
        "left_out": [left.model_dump() for left in manifest.left_out],
        "notes": list(manifest.notes),
    }


def _show(faults: list[Any], manifest: Any) -> None:
    console = output.out()
    for fault in faults:
        where = "" if fault.path is None else f"{fault.path}: "
        told = f"{fault.kind}: {where}{fault.detail}"
        console.print(f"[red]fault[/]  {escape(told)}", soft_wrap=True)
    if manifest is None:
        return
    made = manifest.made
    when = instant_text(made.made_at, output.parse_zone(output.DEFAULT_ZONE))
    told = f"lease {made.lease_no} of {made.organisation_name}, made {when} by {made.made_by}"
    if not faults:
        console.print(f"[green]whole[/]  {count_text(len(manifest.files))} files", soft_wrap=True)
    console.print(f"[dim]about[/]  {escape(told)}", soft_wrap=True)
    console.print(f"[dim]list[/]   SHA-256 {manifest.list_sha256}", soft_wrap=True)
    for entry in manifest.faults:
        told = f"{entry.path} was found changed when this was made: {entry.fault}"
        console.print(f"[yellow]note[/]   {escape(told)}", soft_wrap=True)
    for left in manifest.left_out:
        told = f"{left.what}: {left.why}"
        console.print(f"[yellow]absent[/] {escape(told)}", soft_wrap=True)
