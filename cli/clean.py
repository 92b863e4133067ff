"""`hanline clean`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Annotated

import typer

from hanline.cli.classify import load_classifier
from hanline.cli.options import (
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
)
from hanline.data.document import LABELS, Document


def clean(
    paths: Paths,
    output: Output = None,
    keep: Annotated[
        str, typer.Option(help="Labels whose text is kept, with commas between.")
    ] = "header,salutation,heading,body",
    markdown: Annotated[bool, typer.Option("--markdown", help="Title and headings become # and ##.")] = False,
    mark_truncation: Annotated[
        bool, typer.Option("--mark-truncation", help="Write […] where a notice says that text is missing.")
    ] = False,
    keep_lines: Annotated[
        bool, typer.Option("--keep-lines", help="Leave the parts of a mixed line on one line.")
    ] = False,
    model: Model = None,
    device: DeviceOption = Device.auto,
    runtime: RuntimeOption = RuntimeName.auto,
    threads: Threads = None,
    text_field: TextField = "text",
    input_format: InputFormatOption = None,
    resume: Resume = False,
) -> None:
    """Write documents without ads and notices.

    \b
    hanline clean page.txt
    hanline clean crawl/ --output cleaned/ --markdown
    """
    from hanline.cli.batch import Batch, Target, run
    from hanline.model.cleaning import CleanSettings
    from hanline.model.cleaning import clean as clean_document

    kept = tuple(label.strip() for label in keep.split(","))
    unknown = [label for label in kept if label not in LABELS]
    if unknown:
        raise typer.BadParameter(f"unknown label {unknown[0]!r}, expected some of {', '.join(LABELS)}")
    settings = CleanSettings(
        keep=kept, markdown=markdown, mark_truncation=mark_truncation, keep_lines=keep_lines
    )
    target = Target.of(output, resume=resume)
    batch = Batch(paths, input_format, text_field)
    classifier = load_classifier(model, device, runtime, threads)

    def transform(documents: Iterable[Document]) -> Iterator[Document]:
        return classifier.classify_many(documents)

    class Writer:
        def __init__(self, stream: IO[bytes], resumed: bool) -> None:
            self.stream, self.separate = stream, resumed

        def write(self, document: Document) -> None:
            if self.separate:
                self.stream.write(b"\f\n")
            self.separate = True
            self.stream.write(clean_document(document, settings)[0].encode())

        def close(self) -> None:
            pass

    run(batch, transform, Writer, target, suffix=".md" if markdown else ".txt", resume=resume)
    batch.finish()
