"""What of the samples is history, by the order they came in, and whose samples they are."""

import polars as pl
import pytest

from alerts.engine.frames import SAMPLES, drop_history, mark_letting, read_csv, split_by_operator

KNOWN = {"vehicle_id": pl.Int64, "ts_us": pl.Int64, "seq": pl.Int64}


def came(*rows: tuple[int, int, int, int]) -> pl.DataFrame:
    """Batch, vehicle, ts, seq of each sample, in no order."""
    names = ["batch_id", "vehicle_id", "ts_us", "seq"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")


def known(*rows: tuple[int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=KNOWN, orient="row")


@pytest.mark.parametrize(
    ("before", "samples", "kept"),
    [
        pytest.param([], [(1, 7, 5, 0)], [(1, 7, 5, 0)], id="the first of all"),
        pytest.param([(7, 5, 0)], [(1, 7, 5, 0)], [], id="sent again"),
        pytest.param([(7, 5, 0)], [(1, 7, 5, 1)], [(1, 7, 5, 1)], id="of the same instant, newer"),
        pytest.param([(7, 5, 2)], [(1, 7, 5, 1)], [], id="of the same instant, older"),
        pytest.param(
            [(7, 5, 0)], [(1, 7, 6, 0), (1, 7, 4, 9)], [(1, 7, 6, 0)], id="older than known"
        ),
        pytest.param(
            [],
            [(1, 7, 9, 0), (1, 7, 8, 0)],
            [(1, 7, 8, 0), (1, 7, 9, 0)],
            id="out of order within a batch is no history",
        ),
        pytest.param(
            [], [(1, 7, 9, 0), (2, 7, 8, 0)], [(1, 7, 9, 0)], id="older than an earlier batch"
        ),
        pytest.param(
            [],
            [(1, 7, 9, 0), (2, 7, 3, 0), (3, 7, 8, 0), (3, 7, 10, 0)],
            [(1, 7, 9, 0), (3, 7, 10, 0)],
            id="older than a batch before the last",
        ),
        pytest.param(
            [], [(1, 7, 9, 0), (2, 7, 9, 0)], [(1, 7, 9, 0)], id="in two batches, the first counts"
        ),
        pytest.param(
            [(8, 99, 0)],
            [(1, 7, 9, 0), (2, 8, 9, 0), (2, 9, 9, 0)],
            [(1, 7, 9, 0), (2, 9, 9, 0)],
            id="each vehicle for itself",
        ),
        pytest.param([(8, 99, 0)], [], [], id="nothing"),
    ],
)
def test_history_by_the_order_of_arrival(
    before: list[tuple[int, int, int]],
    samples: list[tuple[int, int, int, int]],
    kept: list[tuple[int, int, int, int]],
) -> None:
    assert drop_history(came(*samples), known(*before)).rows() == kept


def test_what_is_history_does_not_depend_on_how_much_is_read_at_once() -> None:
    rows = [(n // 3, n % 2, (n * 7) % 10, n % 3) for n in range(60)]
    whole = drop_history(came(*rows), known()).select("vehicle_id", "ts_us", "seq")
    found = whole.clear()
    for batch in range(20):
        newest = found.unique("vehicle_id", keep="last", maintain_order=True)
        part = drop_history(came(*(row for row in rows if row[0] == batch)), newest)
        found = pl.concat([found, part.select("vehicle_id", "ts_us", "seq")])
    assert sorted(found.rows()) == sorted(whole.rows())


def turns(*rows: tuple[int, int | None]) -> list[list[tuple[int, int | None]]]:
    """Vehicle and operator of each sample, in order; and of the samples of each pass."""
    names = dict.fromkeys(["vehicle_id", "organisation_id"], pl.Int64)
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return [part.rows() for part in split_by_operator(frame)]


def test_in_a_pass_each_vehicle_has_one_operator() -> None:
    assert turns() == []
    assert turns((1, 5), (1, 5), (2, 6), (3, None)) == [[(1, 5), (1, 5), (2, 6), (3, None)]]
    assert turns((1, 5), (1, 6), (1, 5), (2, 6), (2, None)) == [
        [(1, 5), (2, 6)],
        [(1, 6), (2, None)],
        [(1, 5)],
    ]


def test_csv_of_the_database_becomes_a_frame() -> None:
    line = b"3,7,1000,2,5,1001,22.5,,0.3,,,,,,,,,,t,on,,D,main,3,4294967295\n"
    frame = read_csv(line, SAMPLES)
    assert frame.schema == SAMPLES
    told = {name: value for name, value in frame.row(0, named=True).items() if value is not None}
    assert told == {
        "batch_id": 3, "vehicle_id": 7, "ts_us": 1000, "seq": 2, "organisation_id": 5,
        "received_us": 1001, "lat": 22.5, "speed_kmh": 0.3, "fix": True, "vehicle_state": "on",
        "gear": "D", "power_source": "main", "alarm_level": 3, "alarm_bits": 4_294_967_295,
    }  # fmt: skip
    assert read_csv(line.replace(b",t,", b",f,"), SAMPLES)["fix"].to_list() == [False]
    assert read_csv(b"", SAMPLES).schema == SAMPLES


def test_a_sample_is_of_the_last_letting_before_it() -> None:
    names = ["vehicle_id", "organisation_id", "ts_us"]
    rows = [(1, 5, 4), (1, 5, 9), (1, 5, 10), (2, 6, 1), (2, 6, 50), (3, 5, 12)]
    samples = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")
    lettings = pl.DataFrame(
        {"vehicle_id": [1, 1, 3], "let_from_us": [10, 4, 12]},
        schema_overrides={"vehicle_id": pl.Int64},
    )
    marked = mark_letting(samples, lettings)
    assert marked["let_from_us"].to_list() == [4, 4, 10, None, None, 12]
    assert marked.drop("let_from_us").equals(samples)
    assert [part["ts_us"].to_list() for part in split_by_operator(marked)] == [
        [4, 9, 1, 50, 12],
        [10],
    ]
    assert mark_letting(samples, lettings.clear())["let_from_us"].null_count() == 6
