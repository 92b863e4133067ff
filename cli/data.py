"""`hanline data …`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from hanline.cli.options import Paths
from hanline.data.document import Document
from hanline.data.errors import HanlineError

data_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Check, count, split, convert and build labelled documents.",
)


@data_app.command()
def validate(paths: Paths) -> None:
    """Check labelled documents; each fault is named with its file, row and line."""
    from hanline.data.reading import Fault
    from hanline.data.validation import validate as check

    faults = documents = lines = 0
    for item in check(paths):
        if isinstance(item, Fault):
            faults += 1
            typer.echo(f"error: {item}", err=True)
        else:
            documents += 1
            lines += sum(not line.blank for line in item.lines)
    typer.echo(f"{documents} documents, {lines} lines, {faults} faults")
    if faults:
        raise typer.Exit(1)


@data_app.command()
def stats(
    paths: Paths,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count labelled documents by label, genre, source and pattern."""
    from hanline.data.statistics import statistics

    with _Documents(paths) as documents:
        figures = statistics(documents)
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1) if as_json else _table(figures))


GROUPS_SHOWN = 40


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return "  ".join(f"{name} {count}" for name, count in counts)


def _table(figures: dict[str, Any]) -> str:
    rows = [
        f"{name:14} {figures[name]:>9,}" for name in ("documents", "lines", "characters", "sources", "genres")
    ]
    rows += [f"{'mixed lines in':14} {figures['with_segments']:>9,} documents", ""]
    rows.append(f"{'label':14} {'lines':>9} {'share':>7} {'distinct':>9}")
    for label, row in figures["labels"].items():
        distinct = figures["distinct"].get(label)
        shown = "" if distinct is None else f"{distinct:9.1%}"
        rows.append(f"{label:14} {row['lines']:>9,} {row['share']:7.1%} {shown}")
    for name in ("genre", "source"):
        counts = list(figures[f"by_{name}"].items())
        more = f"  and {len(counts) - GROUPS_SHOWN} more" if len(counts) > GROUPS_SHOWN else ""
        rows += ["", f"by {name}: {_listed(counts[:GROUPS_SHOWN])}{more}"]
    if figures["tags"]:
        rows += ["", "by pattern: " + _listed(figures["tags"].items())]
    return "\n".join(rows)


@data_app.command()
def split(
    paths: Paths,
    output: Annotated[
        list[Path], typer.Option("--output", "-o", help="A file for each part.", show_default=False)
    ],
    shares: Annotated[str, typer.Option(help="Sizes of the parts, with commas between.")] = "8,1,1",
    by_source: Annotated[
        bool, typer.Option("--by-source", help="Keep the documents of a source in one part.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed gives another split.")] = 0,
) -> None:
    """Split labelled documents; adding documents later moves none from one part to another.

    \b
    hanline data split lines.jsonl -o train.jsonl -o dev.jsonl -o test.jsonl --by-source
    """
    from hanline.data.splits import split as divide

    sizes = [_positive(size) for size in shares.split(",")]
    if len(sizes) != len(output):
        raise typer.BadParameter(f"{len(sizes)} shares for {len(output)} --output files")
    if len(set(output)) < len(output):
        raise typer.BadParameter("two parts would be written to one --output file")
    for path in output:
        _format_of(path)
    with _Documents(paths) as documents:
        parts = divide(documents, sizes, by_source=by_source, seed=seed)
        for path, part in zip(output, parts, strict=True):
            _write(part, path)
            typer.echo(f"{path}: {len(part)} documents")


def _positive(text: str) -> float:
    try:
        size = float(text)
    except ValueError:
        size = 0.0
    if size <= 0:
        raise typer.BadParameter(f"shares must be positive numbers with commas between, found {text!r}")
    return size


@data_app.command()
def convert(
    paths: Paths,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="A .jsonl, .csv, .tsv or .parquet file.", show_default=False),
    ],
    text_field: Annotated[
        str, typer.Option(help="Field of the text, in rows of one document each.")
    ] = "text",
) -> None:
    """Change the format of documents; segments, sources and tags survive in JSON Lines only."""
    _format_of(output)
    with _Documents(paths, text_field) as documents:
        _write(documents, output)


@data_app.command()
def build(
    output: Annotated[
        Path, typer.Option("--output", "--out", "-o", help="A .jsonl file.", show_default=False)
    ],
    documents: Annotated[int, typer.Option(min=1, help="Number of documents to draw.")] = 2000,
    labelled: Annotated[
        list[Path] | None, typer.Option(help="Labelled documents to draw from, beside the corpus.")
    ] = None,
    corpus: Annotated[
        bool, typer.Option(help="Draw from the training split of the project's corpus.")
    ] = True,
    raw: Annotated[
        list[Path] | None, typer.Option(help="Raw text that gets its labels from its structure.")
    ] = None,
    raw_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of documents from raw text.")
    ] = 0.15,
    seed: Annotated[int, typer.Option(help="The same seed gives the same documents.")] = 17,
) -> None:
    """Draw training documents by recombining and damaging labelled ones.

    \b
    hanline data build --documents 12000 --raw corpora/ --output runs/train.jsonl
    """
    from hanline.data.corpus_files import corpus_files
    from hanline.data.synthesis.build import BuildSettings
    from hanline.data.synthesis.build import build as draw

    _format_of(output)
    paths = [*(corpus_files("train") if corpus else []), *(labelled or [])]
    if not paths:
        raise HanlineError("nothing to draw from", hint="give --labelled, or run in a checkout of hanline")
    with _Documents(paths) as source:
        settings = BuildSettings(documents=documents, raw_share=raw_share, seed=seed)
        drawn = draw(list(source), settings, raw=raw or [])
        _write(drawn, output)


class _Documents:
    """Reads documents for a command; faults are named, and end it with 1 when all is done."""

    def __init__(self, paths: list[Path], text_field: str = "text") -> None:
        from hanline.cli.batch import Batch

        self.batch = Batch(paths, text_field=text_field)

    def __enter__(self) -> Iterator[Document]:
        documents = self.batch.documents()
        first = next(documents, None)
        if first is None:
            self.batch.finish()  # nothing could be read: no output is touched
            return iter(())
        return chain([first], documents)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.batch.finish()


def _format_of(path: Path) -> str:
    kind = path.suffix.lstrip(".")
    if kind not in ("jsonl", "csv", "tsv", "parquet"):
        raise typer.BadParameter(f"cannot tell the format of {path}, expected .jsonl, .csv, .tsv or .parquet")
    return kind


def _write(documents: Iterable[Document], path: Path) -> None:
    from hanline.data.writing import document_writer, whole_file

    with whole_file(path) as stream:
        writer = document_writer(_format_of(path), stream)
        for document in documents:
            writer.write(document)
        writer.close()
