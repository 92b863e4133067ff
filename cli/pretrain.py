"""`hanline pretrain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanline.cli.train import Changes, Out, Recipe, ResumeRun


def pretrain(
    recipe: Recipe,
    out: Out,
    raw: Annotated[list[Path], typer.Option(help="Folder or file of raw text.", show_default=False)],
    changes: Changes = None,
    resume: ResumeRun = False,
) -> None:
    """Train a small Chinese BERT on raw text, to fine-tune later.

    Raw text is UTF-8 files (*.txt, also .gz, .xz, .zst) whose documents end with a line that holds a
    form feed.

    \b
    hanline pretrain pretrain-mini --raw corpora/ --out runs/pretrain-mini
    """
    from hanline.cli.logs import log_to_stderr
    from hanline.training.pretrain import pretrain as run
    from hanline.training.settings import PretrainSettings, load_recipe

    log_to_stderr()
    settings = load_recipe(PretrainSettings, recipe, changes or [])
    typer.echo(run(settings, raw=raw, out=out, resume=resume))
