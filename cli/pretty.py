"""Labelled documents for people: label, confidence and line, in colour."""

from __future__ import annotations

import io
import sys
from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hanline.data.document import Document, Line

COLOURS = {
    "ad": "bright_black",
    "header": "bold cyan",
    "salutation": "magenta",
    "heading": "bold yellow",
    "body": "default",
    "truncation": "bold red",
}


class PrettyWriter:
    """Writes documents as tables whose columns respect the width of Chinese characters."""

    def __init__(self, stream: IO[bytes]) -> None:
        terminal = stream is sys.stdout.buffer and sys.stdout.isatty()
        self.text = None if terminal else io.TextIOWrapper(stream, encoding="utf-8", write_through=True)
        self.console = Console(file=self.text, width=None if terminal else 100, highlight=False)

    def write(self, document: Document) -> None:
        """Write one document under its name."""
        self.console.rule(Text(document.id, style="bold"), align="left")
        table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
        table.add_column(width=10)
        table.add_column(width=4, justify="right", style="dim")
        table.add_column(ratio=1, overflow="fold")
        for line in document.lines:
            if line.label is None:
                table.add_row("", "", "")
            else:
                score = "" if line.score is None else f"{100 * line.score:.0f}%"
                table.add_row(Text(line.label, style=COLOURS[line.label]), score, _styled(line))
        self.console.print(table)

    def close(self) -> None:
        """Let go of the stream, which would else be closed together with this."""
        if self.text:
            self.text.detach()


def _styled(line: Line) -> Text:
    """The line, each segment in the colour of its label and mixed ones with a bar between."""
    text = Text(line.text.strip(), style=COLOURS[line.label or "body"])
    if line.segments:
        text = Text()
        for number, segment in enumerate(line.segments):
            part = line.text[segment.start : segment.end]
            text.append("▏" if number else "", style="dim")
            text.append(part, style=COLOURS[segment.label])
    return text
