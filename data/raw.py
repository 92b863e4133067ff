"""Text to pretrain on: plain files whose documents end with a line holding a form feed, or labelled ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hanline.data.errors import HanlineError
from hanline.data.reading import READ_ERRORS, Fault, read_documents
from hanline.data.streams import open_text

DOCUMENT_END = "\f"


def raw_files(paths: Iterable[Path], prefixes: tuple[str, ...] = ()) -> list[Path]:
    """The text files under `paths`, sorted, of those whose name starts with one of `prefixes`.

    Raises:
        HanlineError: If there is none, or a path is missing.
    """
    roots = list(paths)
    for root in roots:
        if not root.exists():
            raise HanlineError(
                f"no such file or folder {root}", hint="--raw names folders or files of raw text"
            )
    files = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.txt*")))]
    chosen = [file for file in files if not prefixes or file in roots or file.name.startswith(prefixes)]
    if not chosen:
        wanted = f" whose name starts with {' or '.join(prefixes)}" if prefixes else ""
        raise HanlineError(
            f"no *.txt file{wanted} under {', '.join(map(str, roots)) or 'no folder'}",
            hint="give --raw a folder of .txt, .txt.gz, .txt.xz or .txt.zst files",
        )
    return chosen


def is_raw(file: Path) -> bool:
    """Whether a file is raw text, not labelled documents as JSON Lines."""
    return ".jsonl" not in file.name


def read_raw(file: Path) -> Iterator[list[str]]:
    """Yield the lines of every document of a file of raw text or of labelled documents.

    Raises:
        HanlineError: If the file is damaged or not UTF-8.
    """
    if not is_raw(file):
        for item in read_documents(file):
            if isinstance(item, Fault):
                raise HanlineError(str(item), hint="`hanline data validate` lists every fault")
            yield [line.text for line in item.lines]
        return
    lines: list[str] = []
    for line in _raw_lines(file):
        if line == DOCUMENT_END:
            if lines:
                yield lines
            lines = []
        else:
            lines.append(line)
    if lines:
        yield lines


def _raw_lines(file: Path) -> Iterator[str]:
    try:
        with open_text(file) as stream:
            for line in stream:
                yield line.rstrip("\n")
    except (UnicodeDecodeError, *READ_ERRORS) as error:
        reason = " ".join(str(error).split())
        raise HanlineError(f"{file}: {reason}", hint="raw text must be whole and UTF-8") from error
