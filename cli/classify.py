"""`hanline classify`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

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
from hanline.data.document import Document

if TYPE_CHECKING:
    from hanline.cli.pretty import PrettyWriter
    from hanline.data.writing import DocumentWriter
    from hanline.model.classifier import LineClassifier


class Format(StrEnum):
    """How labelled documents are written."""

    pretty = "pretty"
    tsv = "tsv"
    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"


def classify(
    paths: Paths,
    output_format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="pretty on a terminal and tsv in a pipe if left out; told from the name of an --output file.",
        ),
    ] = None,
    output: Output = None,
    segments: Annotated[
        bool, typer.Option(help="Say where the parts of run-on and mixed lines begin and end.")
    ] = True,
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
    """Label every line of documents.

    \b
    hanline classify page.txt
    cat page.txt | hanline classify - --format tsv
    hanline classify crawl/ --output labelled.jsonl
    """
    from hanline.cli.batch import Batch, Target, run

    target = Target.of(output, resume=resume)
    chosen = output_format or _format_of(target.path)
    if resume and chosen == Format.parquet and not target.folder:
        raise typer.BadParameter("--resume cannot append to a Parquet file; use .jsonl, .tsv or a folder")
    batch = Batch(paths, input_format, text_field)
    classifier = load_classifier(
        model, device, runtime, threads=threads, workers=workers, batch_tokens=batch_tokens
    )

    def transform(documents: Iterable[Document]) -> Iterator[list[Document]]:
        return classifier.classify_chunks(documents, segments=segments)

    suffix = f".{'txt' if chosen == Format.pretty else chosen}"
    run(
        batch,
        transform,
        lambda stream, resumed: _writer(chosen, stream, resumed),
        target,
        suffix=suffix,
        resume=resume,
    )
    batch.finish()


def load_classifier(
    model: str | None,
    device: Device,
    runtime: RuntimeName,
    *,
    threads: int | None = None,
    workers: int | None = None,
    batch_tokens: int | None = None,
) -> LineClassifier:
    """Load the model, and say on stderr what runs it where the choice was left to hanline."""
    from hanline.model.classifier import LineClassifier

    classifier = LineClassifier.load(
        model,
        device=device,
        runtime=runtime,
        threads=threads,
        workers=workers,
        batch_tokens=batch_tokens,
    )
    if device == Device.auto and "CPU" not in classifier.runtime.description:
        typer.echo(f"using {classifier.runtime.description}", err=True)
    return classifier


def _format_of(output: Path | None) -> Format:
    if output is None:
        return Format.pretty if sys.stdout.isatty() else Format.tsv
    suffix = output.suffix.lstrip(".")
    return Format(suffix) if suffix in Format.__members__ else Format.jsonl


def _writer(chosen: Format, stream: IO[bytes], resumed: bool) -> DocumentWriter | PrettyWriter:
    if chosen == Format.pretty:
        from hanline.cli.pretty import PrettyWriter

        return PrettyWriter(stream)
    from hanline.data.writing import document_writer

    return document_writer(chosen, stream, header=not resumed)
