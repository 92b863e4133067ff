"""`hanline train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Recipe = Annotated[
    str, typer.Argument(help="A YAML file, or the name of one in configs/.", show_default=False)
]
Changes = Annotated[
    list[str] | None, typer.Option("--set", help="Change a setting: --set optimizer.steps=100.")
]
Out = Annotated[Path, typer.Option(help="Folder of the run.", show_default=False)]
ResumeRun = Annotated[bool, typer.Option("--resume", help="Go on from the newest checkpoint in --out.")]


def train(
    recipe: Recipe,
    out: Out,
    data: Annotated[
        list[Path] | None, typer.Option(help="Labelled documents to train on, instead of the recipe's.")
    ] = None,
    dev: Annotated[
        list[Path] | None,
        typer.Option(help="Labelled documents to choose the best step by and calibrate on."),
    ] = None,
    changes: Changes = None,
    resume: ResumeRun = False,
) -> None:
    """Fine-tune a BERT on labelled documents.

    \b
    hanline train smoke --data lines.jsonl --out runs/mine
    hanline train rbt3 --data train.jsonl --dev dev.jsonl --out runs/rbt3
    """
    from hanline.cli.logs import log_to_stderr
    from hanline.training.finetune import finetune
    from hanline.training.settings import TrainSettings, load_recipe

    log_to_stderr()
    settings = load_recipe(TrainSettings, recipe, changes or [])
    folder = finetune(settings, train=data or [], dev=dev or [], out=out, resume=resume)
    typer.echo(folder)
