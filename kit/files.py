"""A store of bytes by key: a folder of this machine, or a bucket of any S3.

Decides how bytes are written (whole or not at all, never over others), that what is read is what
was written, and that what is deleted is gone. Leaves out what the bytes are and who may see them.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from kit.settings import Settings

if TYPE_CHECKING:  # types that exist for the checker only
    from obstore.store import ClientConfig, RetryConfig, S3Config

PIECE_BYTES: Final = 1024 * 1024
PROBE: Final = ".probe"
PATIENCE: Final["ClientConfig"] = {"connect_timeout": "5s", "timeout": "60s"}
RETRIES: Final["RetryConfig"] = {"max_retries": 2}


class FileMissing(Exception):
    """No bytes under a key that should have some; a fault of the installation."""


class FileChanged(Exception):
    """The bytes under a key are others than were written; a fault of the installation."""


class FilesUnavailable(Exception):
    """The folder or the S3 does not answer, or refuses us."""


class FileStore:
    """Bytes by key. Nothing is opened before it is first needed."""

    def __init__(self, url: str, s3: "S3Config | None" = None) -> None:
        parts = urlsplit(url)
        self._bucket, self._prefix = parts.netloc, unquote(parts.path)
        self._s3 = s3 or {}
        self.url = url
        self.folder = Path(self._prefix) if parts.scheme == "file" else None
        """Where it is on this machine; None: in an S3."""

    @cached_property
    def _store(self) -> Any:
        if self.folder is not None:
            return LocalStore(self.folder, mkdir=True)
        endpoint = str(self._s3.get("endpoint", ""))
        options: ClientConfig = {**PATIENCE, "allow_http": endpoint.startswith("http://")}
        prefix = self._prefix.strip("/")
        return S3Store(
            self._bucket,
            prefix=prefix or None,
            config=self._s3,
            client_options=options,
            retry_config=RETRIES,
        )

    def put(self, key: str, content: bytes) -> bool:
        """Write the bytes unless there are some; whether they were written.

        They are there, whole and on disk, when this returns.

        Raises:
            FilesUnavailable: they could not be written.
        """
        try:
            return self._put(key, content)
        except FileMissing:  # of what they are put into
            raise FilesUnavailable(f"{self.url}: no such bucket or folder") from None

    def _put(self, key: str, content: bytes) -> bool:
        with _naming(key):
            if self.folder is None:
                # Not every S3 knows a conditional PUT. Who writes at the same time writes the same.
                if self.exists(key):
                    return False
                obstore.put(self._store, key, content, mode="overwrite", use_multipart=False)
                return True
            try:
                obstore.put(self._store, key, content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
            self._flush(self.folder / key)
            return True

    def _flush(self, path: Path) -> None:
        """Have the file and the names that lead to it written to disk."""
        for each in (path, *path.parents):
            opened = os.open(each, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)
            if each == self.folder:
                return

    def exists(self, key: str) -> bool:
        """Whether there are bytes under the key.

        Raises:
            FilesUnavailable: nobody knows.
        """
        try:
            with _naming(key):
                obstore.head(self._store, key)
        except FileMissing:
            return False
        return True

    def read(self, key: str, *, sha256: bytes) -> bytes:
        """All bytes under the key.

        Raises:
            FileMissing: there are none.
            FileChanged: they have another digest.
            FilesUnavailable: they cannot be read.
        """
        return b"".join(self.pieces(key, sha256=sha256))

    def pieces(self, key: str, *, sha256: bytes | None) -> Iterator[bytes]:
        """The bytes under the key, piece by piece; the last comes once the digest was checked.

        Without a digest they are what they are now: for who compares by itself and wants to see
        also bytes that were changed.

        Raises:
            As `read`.
        """
        digest = hashlib.sha256()
        held = b""
        with _naming(key):
            for piece in obstore.get(self._store, key).stream(min_chunk_size=PIECE_BYTES):
                if held:
                    yield held
                held = bytes(piece)
                digest.update(held)
        if sha256 is not None and digest.digest() != sha256:
            raise FileChanged(f"{key}: its SHA-256 is {digest.hexdigest()}, not {sha256.hex()}")
        yield held

    def delete(self, key: str) -> None:
        """Take the bytes under the key away for good; it is well if there are none.

        They are gone, also after a crash, when this returns.

        Raises:
            FilesUnavailable: they may still be there.
        """
        try:
            with _naming(key):
                obstore.delete(self._store, key)
                if self.folder is not None:
                    self._flush((self.folder / key).parent)
        except FileMissing:
            if self.folder is None:  # an S3 tells this of its bucket only
                raise FilesUnavailable(f"{self.url}: no such bucket") from None

    def path_of(self, key: str) -> Path | None:
        """The file on this machine; None where there is none."""
        path = None if self.folder is None else self.folder / key
        return path if path is not None and path.is_file() else None

    def check_writable(self) -> None:
        """Write some bytes and take them away again.

        Raises:
            FilesUnavailable: it cannot be done.
        """
        key = f"{PROBE}/{uuid.uuid4().hex}"
        self.put(key, b"probe")
        with _naming(key):
            obstore.delete(self._store, key)


@contextmanager
def _naming(key: str) -> Iterator[None]:
    """Faults of the store by our names."""
    try:
        yield
    except FileNotFoundError:
        raise FileMissing(f"{key}: no such file") from None
    except (BaseError, OSError, ValueError) as error:
        raise FilesUnavailable(f"{key}: {str(error).strip().partition(chr(10))[0]}") from error


def open_files(settings: Settings) -> FileStore:
    """The store that the settings name."""
    return _opened(settings.files_url, settings)


def open_vault_copy(settings: Settings) -> FileStore | None:
    """The second store of contracts; None where the settings name none."""
    url = settings.vault_copy_url
    return None if url is None else _opened(url, settings)


def _opened(url: str, settings: Settings) -> FileStore:
    config: S3Config = {"region": settings.files_s3_region}
    if settings.files_s3_endpoint is not None:
        config["endpoint"] = settings.files_s3_endpoint
        config["virtual_hosted_style_request"] = settings.files_s3_virtual_hosted
    key, secret = settings.files_s3_access_key, settings.files_s3_secret_key
    if key is not None and secret is not None:
        config["access_key_id"] = key.get_secret_value()
        config["secret_access_key"] = secret.get_secret_value()
    return FileStore(url, config)
