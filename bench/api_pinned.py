"""`python -m bench.api_pinned CORE COMMAND …`: becomes the command, on one processor core.

Decides nothing. A program of its own, since every thread of the command must be pinned, and those
are made when it runs.
"""

import os
import sys


def main() -> None:
    """Pin this process, then become the command."""
    core, *command = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
