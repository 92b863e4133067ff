"""Opening files whatever compresses them."""

from __future__ import annotations

import gzip
import io
import lzma
import sys
from pathlib import Path
from typing import IO, TextIO

COMPRESSIONS = (".gz", ".zst", ".xz")


def plain_name(path: Path) -> str:
    """The file's name without the suffix of its compression."""
    return path.stem if path.suffix in COMPRESSIONS else path.name


def open_binary(path: Path) -> IO[bytes]:
    """Open a file, or standard input for `-`, as a stream of its uncompressed bytes.

    Raises:
        OSError, EOFError, lzma.LZMAError, zstandard.ZstdError: here or while reading, if the file
            cannot be read or its compression is damaged (`READ_ERRORS`).
    """
    if str(path) == "-":
        return sys.stdin.buffer
    if path.suffix == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if path.suffix == ".xz":
        return lzma.open(path, "rb")
    if path.suffix == ".zst":
        import zstandard

        return zstandard.open(path, "rb")  # type: ignore[no-any-return]
    return path.open("rb")


def open_text(path: Path) -> TextIO:
    """Open a UTF-8 file as text, lines broken at line feeds only."""
    return io.TextIOWrapper(open_binary(path), encoding="utf-8-sig", newline="\n")
