"""The progress bar on stderr; silent where no person looks."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from hanline.data.document import Document


class Progress:
    """Counts documents and lines while they are read.

    Args:
        wanted: Whether to show them at all.
    """

    def __init__(self, wanted: bool = True) -> None:
        self.bar = None
        if wanted and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress as Bar
            from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (
                SpinnerColumn(),
                TextColumn("{task.completed} documents, {task.fields[lines]} lines"),
                TimeElapsedColumn(),
            )
            self.bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self.lines = 0

    def __enter__(self) -> Self:
        """Show the bar."""
        if self.bar:
            self.task = self.bar.add_task("", total=None, lines=0)
            self.bar.start()
        return self

    def advance(self, document: Document) -> None:
        """Count a document."""
        self.lines += len(document.lines)
        if self.bar:
            self.bar.update(self.task, advance=1, lines=self.lines)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self.bar:
            self.bar.stop()
