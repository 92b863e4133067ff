"""`hanline clean`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from hanline.cli.classify import load_classifier
from hanline.cli.options import (
    BatchTokens,
    Device,
    DeviceOption,
    InputFormatOption,
    Model,
    Output,
    Paths,
    Resume,
    RuntimeName,
    RuntimeOption,
    TextField,
    Threads,
    Workers,
)
from hanline.data.document import LABELS, Document

if TYPE_CHECKING:
    from hanline.model.cleaning import CleanSettings


def clean(
    paths: Paths,
    output: Output = None,
    keep: Annotated[
        str, typer.Option(help="Labels whose text is kept, with commas between.")
    ] = "header,salutation,heading,body",
    max_loss: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Remove only what is sure enough that a document is expected to lose at most this share of its "
            "other text.",
        ),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Title and headings become # and ##.")] = False,
    mark_truncation: Annotated[
        bool, typer.Option("--mark-truncation", help="Write […] where a notice says that text is missing.")
    ] = False,
    keep_lines: Annotated[
        bool, typer.Option("--keep-lines", help="Leave the parts of a mixed line on one line.")
    ] = False,
    join_wraps: Annotated[
        bool, typer.Option("--join-wraps", help="Join lines that were broken at a fixed width.")
    ] = False,
    removed: Annotated[
        Path | None,
        typer.Option(
            help="JSON Lines file for everything taken out; `hanline restore` undoes the cleaning with it."
        ),
    ] = None,
    model: Model = None,
    device: DeviceOption = Device.auto,
    runtime: RuntimeOption = RuntimeName.auto,
    threads: Threads = None,
    workers: Workers = None,
    batch_tokens: BatchTokens = None,
    text_field: TextField = "text",
    input_format: InputFormatOption = None,
    resume: Resume = False,
) -> None:
    """Write documents without ads and notices.

    \b
    hanline clean page.txt
    hanline clean crawl/ --output cleaned/ --markdown
    hanline clean page.txt --output page.md --markdown --removed page.removed.jsonl
    """
    from hanline.cli.batch import Batch, Target, run
    from hanline.data.writing import whole_file
    from hanline.model.cleaning import KEPT_LABELS, CleanSettings

    kept = tuple(label.strip() for label in keep.split(","))
    unknown = [label for label in kept if label not in LABELS]
    if unknown:
        raise typer.BadParameter(f"unknown label {unknown[0]!r}, expected some of {', '.join(LABELS)}")
    target = Target.of(output, resume=resume)
    if removed is not None and (target.folder or resume):
        raise typer.BadParameter("--removed goes with standard output or one --output file, in one run")
    batch = Batch(paths, input_format, text_field)
    classifier = load_classifier(
        model, device, runtime, threads=threads, workers=workers, batch_tokens=batch_tokens
    )
    if max_loss is not None and not set(KEPT_LABELS) <= set(kept):
        raise typer.BadParameter("--max-loss promises to keep all text but ads and notices; leave --keep out")
    settings = CleanSettings(
        keep=kept,
        min_score=0.0 if max_loss is None else classifier.settings.risk.threshold(max_loss),
        markdown=markdown,
        mark_truncation=mark_truncation,
        keep_lines=keep_lines,
        join_wraps=join_wraps,
    )

    def transform(documents: Iterable[Document]) -> Iterator[list[Document]]:
        return classifier.classify_chunks(documents)

    with nullcontext() if removed is None else whole_file(removed) as record:
        run(
            batch,
            transform,
            lambda stream, resumed: _CleanWriter(stream, settings, record, separate=resumed),
            target,
            suffix=".md" if markdown else ".txt",
            resume=resume,
        )
    batch.finish()


class _CleanWriter:
    """Writes cleaned texts, parted by form feeds, and records what was taken out."""

    def __init__(
        self, stream: IO[bytes], settings: CleanSettings, record: IO[bytes] | None, *, separate: bool
    ) -> None:
        self.stream, self.settings, self.record, self.separate = stream, settings, record, separate

    def write(self, document: Document) -> None:
        from hanline.model.cleaning import clean as clean_document
        from hanline.model.removals import DOCUMENT_BREAK, removal_rows

        cleaned, edits = clean_document(document, self.settings)
        self.stream.write(((DOCUMENT_BREAK if self.separate else "") + cleaned).encode())
        self.separate = True
        if self.record is not None:
            rows = removal_rows(document, cleaned, edits)
            self.record.write("".join(row + "\n" for row in rows).encode())

    def close(self) -> None:
        pass
