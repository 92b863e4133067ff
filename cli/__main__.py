"""`python -m hanline.cli`."""

from hanline.cli.main import app

app()
