"""`hanline export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(folder: Annotated[Path, typer.Argument(help="Model folder.", show_default=False)]) -> None:
    """Write model.onnx into a model folder and check it against torch."""
    from hanline.model.folder import read_model_settings, write_model_settings
    from hanline.training.export import export_onnx

    settings = read_model_settings(folder)
    difference = export_onnx(folder)
    write_model_settings(folder, settings)
    typer.echo(f"{folder / 'model.onnx'}: logits differ from torch by at most {difference:.1e}")
