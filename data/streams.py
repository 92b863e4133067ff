"""Opening files whatever compresses them."""

from __future__ import annotations

import gzip
import io
import lzma
import sys
from pathlib import Path
from typing import IO, TextIO

from hanline.data.errors import HanlineError

COMPRESSIONS = (".gz", ".zst", ".xz")

PART_SUFFIX = ".part"
"""What the name of a file ends in until it is whole."""

PROGRESS_SUFFIX = ".progress"
"""What the name of the file beside it ends in that says how far it is."""

UNFINISHED = (PART_SUFFIX, PART_SUFFIX + PROGRESS_SUFFIX)


def plain_name(path: Path) -> str:
    """The file's name without the suffix of its compression."""
    return path.stem if path.suffix.lower() in COMPRESSIONS else path.name


def shown(path: Path) -> str:
    """The path as text that can be written anywhere, even where the file's name is not UTF-8."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def open_binary(path: Path) -> IO[bytes]:
    """Open a file, or standard input for `-`, as a stream of its uncompressed bytes.

    Raises:
        HanlineError: If standard input was read to its end before.
        OSError, EOFError, lzma.LZMAError, zlib.error: here or while reading, if the file cannot be
            read or its compression is damaged.
    """
    suffix = path.suffix.lower()
    if str(path) == "-":
        if sys.stdin is None or sys.stdin.buffer.closed:
            raise HanlineError("standard input is closed, or was read already")
        return sys.stdin.buffer
    if suffix == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if suffix == ".xz":
        return lzma.open(path, "rb")
    if suffix == ".zst":
        # pyarrow and not zstandard, which takes a file that was cut off, or has several frames, for whole.
        import pyarrow

        return io.BufferedReader(pyarrow.input_stream(str(path), compression="zstd"))
    return path.open("rb")


def open_text(path: Path) -> TextIO:
    """Open a UTF-8 file as text, lines broken at line feeds only."""
    return io.TextIOWrapper(open_binary(path), encoding="utf-8-sig", newline="\n")
