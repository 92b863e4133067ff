"""From bytes to text and back, byte for byte."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from hanline.data.errors import HanlineError

_BOMS = {
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
"""Encodings that are told by their byte order mark, which decoding drops and encoding writes."""

ENCODINGS = ("utf-8", *_BOMS, "gb18030")


def decode(data: bytes) -> tuple[str, str]:
    """Decode the bytes of a text file.

    Returns:
        The text, and the encoding that `encode` takes to give the same bytes again.

    Raises:
        HanlineError: If the bytes are no text in any of `ENCODINGS`.
    """
    for name, mark in _BOMS.items():
        if data.startswith(mark):
            return _decode_exactly(data[len(mark) :], name.removesuffix("-sig"), offset=len(mark)), name
    _refuse_binary(data)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if _mostly_utf8(data):
            raise HanlineError(f"invalid UTF-8 at byte {error.start}", hint="mend the file") from error
    text = _decode_exactly(data, "gb18030")
    if text.encode("gb18030") != data:
        raise HanlineError("reads as GB18030 but cannot be written back byte for byte")
    return text, "gb18030"


def decode_lines(stream: Iterable[bytes]) -> Iterator[str | HanlineError]:
    """Decode the lines of a file of rows one by one, so that a damaged line costs no other.

    Yields:
        Each line with its break, or what is wrong with it; no byte order mark.

    Raises:
        HanlineError: If the file begins like a binary one, or is damaged UTF-16.
    """
    lines = iter(stream)
    first = next(lines, b"")
    _refuse_binary(first)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # its line feeds have two bytes
        text, _ = decode(first + b"".join(lines))
        yield from io.StringIO(text, newline="\n")
        return
    kind: str | None = None
    held: list[bytes] = []
    for line in chain([first] if first else [], lines):
        held.append(line)
        kind = kind or _tells(line)
        if kind or all(row.isascii() for row in held):
            yield from [_decode_row(row, kind) for row in held]
            held = []
    yield from [_decode_row(row, kind) for row in held]


def _tells(line: bytes) -> str | None:
    """The encoding that a line shows beyond doubt: short GB18030 can pass for UTF-8 of two bytes a character."""
    try:
        return "utf-8" if max(line.decode("utf-8"), default="") > "\u07ff" else None
    except UnicodeDecodeError:
        return None if _mostly_utf8(line) else "gb18030"


def _decode_row(line: bytes, kind: str | None) -> str | HanlineError:
    try:
        if kind == "gb18030" and _tells(line) != "utf-8":
            return _decode_exactly(line, "gb18030")
        return decode(line)[0]
    except HanlineError as error:
        return error


def _refuse_binary(data: bytes) -> None:
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not utf_16 and data.count(b"\0") * 1000 > len(data):
        raise HanlineError(
            "looks like a binary file (it holds NUL bytes), expected text",
            hint="UTF-16 needs a byte order mark",
        )


def _mostly_utf8(data: bytes) -> bool:
    """Whether invalid UTF-8 is damaged UTF-8 rather than another encoding."""
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - damaged > damaged


def _decode_exactly(data: bytes, encoding: str, *, offset: int = 0) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise HanlineError(
            f"is not valid {encoding.upper()} at byte {error.start + offset}, "
            f"expected UTF-8, UTF-16 with a byte order mark, or GB18030"
        ) from error


def encode(text: str, encoding: str) -> bytes:
    """Encode text as `decode` found it, byte order mark included."""
    return _BOMS.get(encoding, b"") + text.encode(encoding.removesuffix("-sig"))
