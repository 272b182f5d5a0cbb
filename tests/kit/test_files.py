"""Bytes by key, in a folder and in an S3 that speaks over real HTTP."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import ValidationError

from kit.files import PIECE_BYTES, FileChanged, FileMissing, FileStore, FilesUnavailable, open_files
from kit.settings import Settings

BUCKET = "guanche-test"
KEY = "7/ab/abcdef"
CREDENTIALS = {"aws_access_key_id": "test-id", "aws_secret_access_key": "test-secret"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 with a bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client_of(url).create_bucket(Bucket=BUCKET)
    yield url
    server.stop()


def client_of(url: str) -> Any:
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", **CREDENTIALS)


def settings_of(url: str, **given: Any) -> Settings:
    return Settings(_env_file=None, files_url=url, **given)


def s3_settings(url: str, prefix: str = "files") -> Settings:
    return settings_of(
        f"s3://{BUCKET}/{prefix}",
        files_s3_endpoint=url,
        files_s3_access_key="test-id",
        files_s3_secret_key="test-secret",
    )


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """An empty store."""
    if request.param == "folder":
        return open_files(settings_of((tmp_path / "files 文件").as_uri()))
    return open_files(s3_settings(request.getfixturevalue("s3"), request.node.name))


def digest_of(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@pytest.mark.parametrize("size", [1, PIECE_BYTES, 3 * PIECE_BYTES + 1])
def test_what_is_read_is_what_was_written(files: FileStore, size: int) -> None:
    content = os.urandom(size)
    assert files.exists(KEY) is False
    assert files.put(KEY, content) is True
    assert files.exists(KEY) is True
    assert files.read(KEY, sha256=digest_of(content)) == content
    assert b"".join(files.pieces(KEY, sha256=digest_of(content))) == content


def test_nothing_is_written_over(files: FileStore) -> None:
    assert files.put(KEY, b"first") is True
    assert files.put(KEY, b"second") is False
    assert files.read(KEY, sha256=digest_of(b"first")) == b"first"


def test_many_writers_of_the_same_leave_it_whole(files: FileStore) -> None:
    content = os.urandom(500_000)
    with ThreadPoolExecutor(8) as threads:
        written = list(threads.map(lambda _: files.put(KEY, content), range(16)))
    assert written.count(True) >= 1
    assert files.read(KEY, sha256=digest_of(content)) == content


def test_what_is_not_there_is_missing(files: FileStore) -> None:
    files.put("7/ab/other", b"x")
    with pytest.raises(FileMissing, match="7/ab/abcdef"):
        files.read(KEY, sha256=digest_of(b"x"))


def test_a_changed_byte_is_found_before_the_end_is_given(files: FileStore) -> None:
    content = bytes(2 * PIECE_BYTES)
    files.put(KEY, content)
    with pytest.raises(FileChanged, match="its SHA-256 is"):
        files.read(KEY, sha256=digest_of(content + b"x"))
    told: list[bytes] = []
    with pytest.raises(FileChanged):
        told.extend(files.pieces(KEY, sha256=digest_of(b"x")))
    assert sum(map(len, told)) < len(content)


def test_what_is_deleted_is_gone_and_may_be_written_anew(files: FileStore) -> None:
    files.delete(KEY)  # nothing is there, which is well
    files.put(KEY, b"first")
    files.put("7/ab/other", b"x")
    files.delete(KEY)
    files.delete(KEY)
    assert (files.exists(KEY), files.exists("7/ab/other")) == (False, True)
    assert files.put(KEY, b"second") is True
    assert files.read(KEY, sha256=digest_of(b"second")) == b"second"


def test_what_may_still_be_there_is_said_so(s3: str, tmp_path: Path) -> None:
    wrong = s3_settings(s3).model_copy(update={"files_url": "s3://no-such-bucket/files"})
    (tmp_path / KEY / "below").mkdir(parents=True)
    for files in (
        open_files(s3_settings("http://127.0.0.1:1")),
        open_files(wrong),
        FileStore(tmp_path.as_uri()),
    ):
        with pytest.raises(FilesUnavailable):
            files.delete(KEY)


def test_trying_to_write_leaves_nothing(files: FileStore, request: pytest.FixtureRequest) -> None:
    files.check_writable()
    if files.folder is not None:
        assert [path for path in files.folder.rglob("*") if path.is_file()] == []
    else:
        listed = client_of(request.getfixturevalue("s3")).list_objects_v2(
            Bucket=BUCKET, Prefix=request.node.name
        )
        assert listed["KeyCount"] == 0


def test_a_folder_tells_the_path_and_an_s3_none(files: FileStore) -> None:
    files.put(KEY, b"x")
    path = files.path_of(KEY)
    if files.folder is None:
        assert path is None
    else:
        assert path == files.folder / KEY
        assert path.read_bytes() == b"x"
        assert files.path_of("7/ab/none") is None


def test_the_folder_is_made_when_first_needed(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    files = open_files(settings_of(folder.as_uri()))
    assert not folder.exists()
    files.put(KEY, b"x")
    assert (folder / KEY).read_bytes() == b"x"


def test_a_folder_that_cannot_be_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    files = open_files(settings_of((tmp_path / "file" / "below").as_uri()))
    for act in (lambda: files.put(KEY, b"x"), files.check_writable):
        with pytest.raises(FilesUnavailable):
            act()


def test_an_s3_that_is_not_there_or_not_ours_is_said_so(s3: str) -> None:
    nobody = s3_settings("http://127.0.0.1:1")
    with pytest.raises(FilesUnavailable):
        open_files(nobody).put(KEY, b"x")
    wrong = s3_settings(s3).model_copy(update={"files_url": "s3://no-such-bucket/files"})
    with pytest.raises(FilesUnavailable):
        open_files(wrong).check_writable()


@pytest.mark.parametrize(
    "url", ["/var/lib/files", "file://host/x", "s3://", "http://x/y", "s3://b/x?y", "gs://b/x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="files_url"):
        settings_of(url)


def test_secrets_of_an_s3_are_masked() -> None:
    assert "test-secret" not in repr(s3_settings("http://127.0.0.1:1"))
