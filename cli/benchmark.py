"""`hanline benchmark`."""

from __future__ import annotations

from typing import Annotated

import typer

from hanline.cli.options import Device, DeviceOption, Model, RuntimeName, RuntimeOption, Threads


def benchmark(
    model: Model = None,
    device: DeviceOption = Device.auto,
    runtime: RuntimeOption = RuntimeName.auto,
    threads: Threads = None,
    passes: Annotated[int, typer.Option(min=1, help="Passes over the documents; the median counts.")] = 3,
) -> None:
    """Measure this machine on documents of the corpus, and say what a million lines will take.

    \b
    hanline benchmark
    hanline benchmark --threads 1
    """
    from hanline.data.corpus_files import corpus_files
    from hanline.data.document import Document
    from hanline.data.reading import read_documents
    from hanline.model.classifier import LineClassifier
    from hanline.model.speed import count_lines, seconds_per_pass, stage_seconds

    documents = [
        item
        for file in corpus_files("validation")
        for item in read_documents(file)
        if isinstance(item, Document)
    ]
    classifier = LineClassifier.load(model, device=device, runtime=runtime, threads=threads)
    lines = count_lines(documents)
    typer.echo(f"{len(documents)} documents, {lines:,} lines, {classifier.runtime.description}, one process")
    typer.echo(f"{'':15} {'lines/s':>9} {'a million lines':>16}  time by stage")
    for name, segments in (("with segments", True), ("lines alone", False)):
        seconds = seconds_per_pass(classifier, documents, segments=segments, passes=passes)
        stages = stage_seconds(classifier, documents, segments=segments)
        total = sum(stages.values())
        shares = ", ".join(f"{stage} {spent / total:.0%}" for stage, spent in stages.items())
        typer.echo(f"{name:15} {lines / seconds:9,.0f} {_duration(1e6 * seconds / lines):>16}  {shares}")


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
