"""What detectors remember between batches, and its form on disk.

A memory is a value: judging gives a new one. It is written as compressed Arrow IPC, one stream a
frame. Leaves out where it is kept.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final, Self

import polars as pl

from alerts.detectors.frames import CARRIED, EPISODES, FLOWS, KNOWN, PLACES, WARMTH, Schema

FORMAT: Final = "detectors-1"
"""Changes whenever a frame does: an older memory is then not read, and judging begins anew."""
_LENGTH_BYTES: Final = 8
_FRAMES: Final[dict[str, Schema]] = {
    "carried": CARRIED,
    "episodes": EPISODES,
    "places": PLACES,
    "warmth": WARMTH,
    "flows": FLOWS,
    "known": KNOWN,
}


class MemoryUnreadable(ValueError):
    """These bytes are no memory of this format."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Frames by the schemas of `frames.py`."""

    carried: pl.DataFrame
    episodes: pl.DataFrame
    places: pl.DataFrame
    warmth: pl.DataFrame
    flows: pl.DataFrame
    known: pl.DataFrame

    @classmethod
    def empty(cls) -> Self:
        """Nothing was seen yet."""
        return cls(**{name: pl.DataFrame(schema=schema) for name, schema in _FRAMES.items()})

    def to_bytes(self) -> bytes:
        """The name of the format, then each frame after its length."""
        parts = [FORMAT.encode() + b"\n"]
        for name in _FRAMES:
            stream = BytesIO()
            getattr(self, name).write_ipc_stream(stream, compression="zstd")
            parts += [stream.tell().to_bytes(_LENGTH_BYTES, "big"), stream.getvalue()]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """The memory that was written.

        Raises:
            MemoryUnreadable: cut off, changed, or of another format.
        """
        name, _, rest = raw.partition(b"\n")
        if name != FORMAT.encode():
            raise MemoryUnreadable(f"not of the format {FORMAT}")
        frames = {}
        for frame, schema in _FRAMES.items():
            length = int.from_bytes(rest[:_LENGTH_BYTES], "big")
            stream, rest = rest[_LENGTH_BYTES:][:length], rest[_LENGTH_BYTES + length :]
            frames[frame] = _read(stream, length, schema)
        if rest:
            raise MemoryUnreadable("more follows than was written")
        return cls(**frames)


def _read(stream: bytes, length: int, schema: Schema) -> pl.DataFrame:
    if len(stream) != length:
        raise MemoryUnreadable("cut off")
    try:
        frame = pl.read_ipc_stream(BytesIO(stream))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise MemoryUnreadable(str(error)) from error
    if frame.schema != pl.Schema(schema):
        raise MemoryUnreadable("its columns are others")
    return frame
