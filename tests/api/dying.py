"""An API process of its own that kills itself before it answers a request that asks for it.

The request has run by then, and its transaction has ended. Run as a module, it serves.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from guanche.embedded import find_free_port
from kit.settings import Settings
from tests.reliability.process import wait_until

DIE: Final = {"X-Die": "before the answer"}
ROOT: Final = Path(__file__).parents[2]


@contextmanager
def process(settings: Settings) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """The process, which serves, and its address."""
    assert settings.api_database_url is not None and settings.secret_key is not None
    port = find_free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "GUANCHE_API_DATABASE_URL": settings.api_database_url.get_secret_value(),
        "GUANCHE_SECRET_KEY": settings.secret_key.get_secret_value(),
        "GUANCHE_API_PORT": str(port),
    }
    command = [sys.executable, "-m", "tests.api.dying"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as running:
        try:
            wait_until(lambda: answers(url), within_s=30, what="the process serves")
            yield running, url
        finally:
            running.kill()


def answers(url: str) -> bool:
    """Whether somebody serves there."""
    try:
        return httpx2.get(f"{url}/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def mortal(app: ASGIApp) -> ASGIApp:
    """The application, which does not survive the answer to a request with the header."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def die(_message: Message) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        asked = any(name == b"x-die" for name, _ in scope.get("headers", ()))
        await app(scope, receive, die if asked else send)

    return serve


if __name__ == "__main__":
    chosen = Settings(_env_file=None)
    uvicorn.run(mortal(create_app(chosen)), port=chosen.api_port, log_config=None)
