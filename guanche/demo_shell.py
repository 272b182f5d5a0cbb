"""What another terminal needs to look at a running demo: one file for a shell to read.

Decides which settings stand in it. A demo chooses ports, keys and folders of its own, and a command
that is told of some of them only would look elsewhere for the rest, for instance for the files.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FILE_NAME: Final = "env"
TOLD: Final = (
    "GUANCHE_DATABASE_URL",
    "GUANCHE_MQTT_URL",
    "GUANCHE_MQTT_VERSION",
    "GUANCHE_HTTP_HOST",
    "GUANCHE_HTTP_PORT",
    "GUANCHE_OFFLINE_AFTER_S",
    "GUANCHE_API_DATABASE_URL",
    "GUANCHE_API_HOST",
    "GUANCHE_API_PORT",
    "GUANCHE_API_PUBLIC_URL",
    "GUANCHE_FILES_URL",
    "GUANCHE_SECRET_KEY",
)


def shell_lines(environment: Mapping[str, str]) -> list[str]:
    """The settings as a shell reads them; whatever else the environment holds is left out.

    >>> shell_lines({"GUANCHE_API_PORT": "8080", "GUANCHE_API_DATABASE_URL": "a b", "HOME": "/"})
    ["export GUANCHE_API_DATABASE_URL='a b'", 'export GUANCHE_API_PORT=8080']
    """
    return [
        f"export {name}={shlex.quote(environment[name])}" for name in TOLD if name in environment
    ]


def write_shell_file(folder: Path, environment: Mapping[str, str]) -> Path:
    """The file, readable by its owner only: it holds the demo's passwords and its key."""
    path = folder / FILE_NAME
    path.touch(mode=0o600)
    path.write_text("\n".join([*shell_lines(environment), ""]), encoding="utf-8")
    return path
