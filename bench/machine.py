"""What the figures were measured on and with: hardware, versions, CPU time and memory of processes.

Leaves out judging any of it.
"""

import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import psutil

from guanche.embedded import find_mosquitto, read_mosquitto_version

_PACKAGES: Final = ("guanche", "paho-mqtt", "psycopg", "msgspec", "polars", "awscrt")


def describe_machine() -> dict[str, Any]:
    """Processor, cores, memory, kernel."""
    return {
        "processor": _processor_name(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def list_versions() -> dict[str, str]:
    """Of Python, the packages on the path of a message, and the broker."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    mosquitto = find_mosquitto()
    if mosquitto is not None:
        found["mosquitto"] = read_mosquitto_version(mosquitto)
    return found


def _processor_name() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cpu_s(pid: int) -> float:
    """CPU time of a process, of the children it has now and of those it has collected."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    spent = times.user + times.system + times.children_user + times.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            own = child.cpu_times()
            spent += own.user + own.system + own.children_user + own.children_system
    return float(spent)


def rss_mb(pid: int) -> float:
    """Resident memory of a process alone, MB (10⁶ bytes)."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def load_1min() -> float:
    """How busy the machine was in the last minute: a figure near 0 is a quiet one."""
    return os.getloadavg()[0]
