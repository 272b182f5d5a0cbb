"""Runs one server and ends it when whoever asked for it is gone, however that came about.

A script of its own, run in its own session with the standard library only. It holds the reading end
of a pipe whose writing end only the asking process has: when that closes (exit, crash, SIGKILL),
the server is told to stop, killed if it does not, and its throwaway data are deleted. Watching a
pipe rather than the parent's death signal, because that signal is bound to the thread that started
the child and is cleared by a change of user. Leaves out restarts: who asked decides about those.
"""

import argparse
import ctypes
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

GRACE_S = 15.0
PR_SET_PDEATHSIG = 1


def read_arguments() -> argparse.Namespace:
    """What to run, as whom, and how to end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", required=True, help="file that takes the server's output")
    parser.add_argument("--end", required=True, help="signal that ends it, such as SIGTERM")
    parser.add_argument("--delete", help="directory to delete when whoever asked is gone")
    parser.add_argument("--chroot", help="directory that becomes the server's root")
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def become(options: argparse.Namespace) -> None:
    """In the child, before the server replaces it: its root, its user, its tie to this guard."""
    os.umask(0o077)
    if options.chroot is not None:
        os.chroot(options.chroot)
        os.chdir("/")
    if options.uid is not None:
        os.setgroups([])
        os.setgid(options.gid)
        os.setuid(options.uid)
    if sys.platform == "linux":  # should the guard itself be killed
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.Signals[options.end]))


def end(child: subprocess.Popen[bytes], signal_name: str) -> None:
    """Ask the server to stop, awake or frozen, and insist after a while."""
    child.send_signal(signal.Signals[signal_name])
    child.send_signal(signal.SIGCONT)
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def main() -> int:
    """Start the server, print its process id, and stay until it ends or the pipe closes."""
    options = read_arguments()
    wake, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with Path(options.log).open("ab") as log:
        child = subprocess.Popen(
            options.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: become(options),  # noqa: PLW1509  this process has one thread
        )
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.close()
    while child.poll() is None:
        ready, _, _ = select.select([sys.stdin, wake], [], [])
        if sys.stdin in ready:
            end(child, options.end)
            if options.delete is not None:
                shutil.rmtree(options.delete, ignore_errors=True)
        elif wake in ready:
            wake.recv(1)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
