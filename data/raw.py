"""Raw text to pretrain on: plain files whose documents end with a line holding a form feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hanline.data.errors import HanlineError
from hanline.data.streams import open_text

DOCUMENT_END = "\f"


def raw_files(paths: Iterable[Path], prefixes: tuple[str, ...] = ()) -> list[Path]:
    """The text files under `paths`, sorted, of those whose name starts with one of `prefixes`.

    Raises:
        HanlineError: If there is none.
    """
    roots = list(paths)
    files = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.txt*")))]
    chosen = [file for file in files if not prefixes or file.name.startswith(prefixes)]
    if not chosen:
        wanted = f" whose name starts with {' or '.join(prefixes)}" if prefixes else ""
        raise HanlineError(
            f"no *.txt file{wanted} under {', '.join(map(str, roots)) or 'no folder'}",
            hint="give --raw a folder of .txt, .txt.gz, .txt.xz or .txt.zst files",
        )
    return chosen


def read_raw(file: Path) -> Iterator[list[str]]:
    """Yield the lines of every document of a raw text file."""
    lines: list[str] = []
    with open_text(file) as stream:
        for line in stream:
            line = line.rstrip("\n")
            if line == DOCUMENT_END:
                if lines:
                    yield lines
                lines = []
            else:
                lines.append(line)
    if lines:
        yield lines
