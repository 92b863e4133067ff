"""The `hanline` command."""

from __future__ import annotations

import sys

import typer

from hanline.cli.benchmark import benchmark
from hanline.cli.classify import classify
from hanline.cli.clean import clean
from hanline.cli.data import data_app
from hanline.cli.evaluate import evaluate
from hanline.cli.export import export
from hanline.cli.pretrain import pretrain
from hanline.cli.restore import restore
from hanline.cli.train import train
from hanline.data.errors import HanlineError

cli = typer.Typer(
    name="hanline",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Label the lines of Chinese documents: ad, header, salutation, heading, body, truncation.",
    epilog="Exit codes: 0 all done, 1 something failed and is named on stderr, 2 wrong usage, 130 interrupted.",
)
for command in (classify, clean, restore, train, pretrain, evaluate, export, benchmark):
    cli.command()(command)
cli.add_typer(data_app, name="data")


def app() -> None:
    """Run the command; errors that a user can mend become one line on stderr and exit code 1."""
    try:
        cli()
    except HanlineError as error:
        fail(error.problem, error.hint)
    except OSError as error:
        problem = error.strerror or str(error)
        fail(f"{error.filename}: {problem}" if error.filename else problem)
    except ImportError as error:
        if (error.name or "hanline").startswith("hanline"):
            raise
        fail(f"{error.name} is not installed, and this command needs it", "pip install 'hanline[train]'")


def fail(problem: str, hint: str | None = None) -> None:
    """Say what went wrong on stderr, and exit with 1."""
    typer.echo(f"error: {' '.join(problem.split())}", err=True)
    if hint:
        typer.echo(f"hint: {hint}", err=True)
    sys.exit(1)
