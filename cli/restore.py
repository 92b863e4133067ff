"""`hanline restore`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hanline.data.errors import HanlineError


def restore(
    cleaned: Annotated[Path, typer.Argument(help="What `hanline clean` wrote.", show_default=False)],
    removed: Annotated[
        Path, typer.Option(help="The record that `hanline clean --removed` wrote.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; stdout if left out.", show_default=False)
    ] = None,
) -> None:
    """Undo a cleaning: write the documents as they were, byte for byte, one after the other.

    \b
    hanline clean page.txt --output page.clean.txt --removed page.removed.jsonl
    hanline restore page.clean.txt --removed page.removed.jsonl --output page.txt
    """
    from hanline.data.encoding import encode
    from hanline.data.writing import whole_file
    from hanline.model.removals import read_removals, restore_all

    try:
        text = cleaned.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise HanlineError(f"{cleaned} is not valid UTF-8 at byte {error.start}") from error
    documents = [
        encode(part, removal.encoding) for removal, part in restore_all(text, read_removals(removed))
    ]
    if output is None:
        sys.stdout.buffer.write(b"".join(documents))
    else:
        with whole_file(output) as stream:
            stream.write(b"".join(documents))
