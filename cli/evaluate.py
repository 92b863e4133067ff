"""`hanline evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanline.cli.options import Device, DeviceOption, Paths, RuntimeName, RuntimeOption, Threads
from hanline.data.errors import HanlineError

if TYPE_CHECKING:
    from hanline.data.document import Document
    from hanline.training.systems import System


def evaluate(
    paths: Paths,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="Model folder or hub id; more than once to compare."),
    ] = None,
    baselines: Annotated[
        bool, typer.Option(help="Compare with majority, hand-written rules and TF-IDF.")
    ] = True,
    baseline_data: Annotated[
        list[Path] | None,
        typer.Option(help="Labelled documents that TF-IDF learns from, beside the corpus of a checkout."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Folder for report.json and report.html.")] = None,
    min_macro_f1: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="End with 1 if the first model is below this on any file."),
    ] = None,
    device: DeviceOption = Device.auto,
    runtime: RuntimeOption = RuntimeName.auto,
    threads: Threads = None,
) -> None:
    """Measure models on gold documents, a set for each file.

    \b
    hanline evaluate dev.jsonl test.jsonl --report report/
    hanline evaluate dev.jsonl --model runs/a/model --model runs/b/model
    """
    from hanline.cli.tables import evaluation_tables
    from hanline.data.reading import Fault, find_files
    from hanline.training.evaluation import evaluate as measure
    from hanline.training.finetune import load_labelled

    files = []
    for found in find_files(paths):
        if isinstance(found, Fault):
            raise HanlineError(str(found))
        files.append(found)
    sets = {_set_name(file, files): load_labelled([file]) for file in files}
    names: list[str | None] = list(model or []) or [None]
    systems = [_model(name, device, runtime, threads) for name in names]
    first = systems[0].name
    if baselines:
        systems += _baselines(baseline_data or [], sets)
    figures = measure(sets, systems)
    typer.echo(evaluation_tables(figures))
    if report is not None:
        from hanline.training.report import write_report

        typer.echo(f"\nreport: {write_report(figures, report)}")
    for name, figure in figures.items():
        reached = figure["systems"][first]["macro_f1"]
        if min_macro_f1 is not None and reached < min_macro_f1:
            raise HanlineError(f"macro-F1 of {first} on {name} is {reached:.4f}, below {min_macro_f1}")


def _set_name(file: Path, files: list[Path]) -> str:
    return file.name if sum(other.name == file.name for other in files) == 1 else str(file)


def _model(name: str | None, device: Device, runtime: RuntimeName, threads: int | None) -> System:
    from hanline.model.classifier import LineClassifier
    from hanline.training.systems import ModelSystem

    classifier = LineClassifier.load(name, device=device, runtime=runtime, threads=threads)
    return ModelSystem(name or "hanline", classifier)


def _baselines(extra: list[Path], sets: dict[str, list[Document]]) -> list[System]:
    from hanline.data.corpus_files import corpus_files
    from hanline.training.finetune import load_labelled
    from hanline.training.systems import Rules, baselines

    paths = [*corpus_files("train"), *extra]
    measured = {_key(document) for documents in sets.values() for document in documents}
    training = [doc for doc in load_labelled(paths) if _key(doc) not in measured] if paths else []
    if not training:
        typer.echo("TF-IDF has nothing to learn from; --baseline-data gives it labelled documents", err=True)
        return [Rules()]
    return baselines(training)


def _key(document: Any) -> str:
    return str(document.text)
