"""What was written after an acknowledgement can be read again, even after a kill."""

from pathlib import Path

import pytest

from simulators.ack_log import AckedSample, AckLog, ack_line, payload_digest, read_ack_log


def test_lines_come_back_as_samples(tmp_path: Path) -> None:
    path = tmp_path / "acks.tsv"
    with AckLog(path) as log:
        log.add(ack_line("SIM000001", 1_764_000_000_000, 0))
        log.add(
            ack_line("SIM000002", -5, 2, "clock_skew+duplicate")
            + ack_line("SIM000002", 7, 3, "malformed:bad_json", payload_digest(b"{"))
        )
    assert read_ack_log(path) == [
        AckedSample("SIM000001", 1_764_000_000_000, 0, frozenset(), ""),
        AckedSample("SIM000002", -5, 2, frozenset({"clock_skew", "duplicate"}), ""),
        AckedSample("SIM000002", 7, 3, frozenset({"malformed:bad_json"}), "021fb596db81e6d0"),
    ]


def test_nothing_is_in_the_file_before_a_flush(tmp_path: Path) -> None:
    with AckLog(tmp_path / "acks.tsv") as log:
        log.add(ack_line("SIM000001", 1, 1))
        assert read_ack_log(log.path) == []
        log.flush()
        assert [sample.seq for sample in read_ack_log(log.path)] == [1]


def test_an_existing_log_is_continued(tmp_path: Path) -> None:
    for seq in (1, 2):
        with AckLog(tmp_path / "acks.tsv") as log:
            log.add(ack_line("SIM000001", 1, seq))
    assert [sample.seq for sample in read_ack_log(tmp_path / "acks.tsv")] == [1, 2]


def test_a_torn_last_line_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "acks.tsv"
    path.write_bytes(ack_line("SIM000001", 1, 1) + ack_line("SIM000001", 2, 2)[:-1])
    assert [sample.seq for sample in read_ack_log(path)] == [1]


def test_another_file_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "acks.tsv"
    path.write_bytes(ack_line("SIM000001", 1, 1) + b"device,ts,seq\n")
    with pytest.raises(ValueError, match=r"acks\.tsv, line 2: not an ack log"):
        read_ack_log(path)
