"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Device(StrEnum):
    """Where the model runs."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class RuntimeName(StrEnum):
    """What runs the model."""

    auto = "auto"
    onnx = "onnx"
    torch = "torch"


class InputFormat(StrEnum):
    """How input is read, where its name does not tell."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"
    tsv = "tsv"
    parquet = "parquet"


Paths = Annotated[
    list[Path],
    typer.Argument(
        help="Files, folders or globs: text (one document a file), JSON Lines, CSV, TSV or Parquet, each also "
        "with .gz, .zst or .xz; - is standard input.",
        allow_dash=True,
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    typer.Option("--model", "-m", help="Model folder or hub id; the model in the package if left out."),
]
DeviceOption = Annotated[
    Device, typer.Option(help="Where the model runs; auto takes a CUDA GPU if there is one.")
]
RuntimeOption = Annotated[
    RuntimeName, typer.Option(help="What runs it; auto is ONNX Runtime on a CPU and torch on a GPU.")
]
Threads = Annotated[
    int | None, typer.Option(min=1, help="CPU threads in all, at least one a worker; one a core if left out.")
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes that share a long input; one a core if left out, one for a GPU."),
]
BatchTokens = Annotated[
    int | None,
    typer.Option(
        min=512, help="Most tokens the model gets at once; 8,192 on a CPU and 131,072 on a GPU if left out."
    ),
]
TextField = Annotated[str, typer.Option(help="Field that holds the text, in rows of one document each.")]
InputFormatOption = Annotated[
    InputFormat | None, typer.Option(help="Format of the input, where its name does not tell.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", "-o",
        help="File for everything, or folder (existing, or ending in /) for one file each; stdout if left out.",
    ),
]  # fmt: skip
