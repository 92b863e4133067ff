"""The card of a model folder, written from the run."""

from __future__ import annotations

from pathlib import Path

from hanline.model.folder import ModelSettings


def write_card(folder: Path, settings: ModelSettings) -> None:
    """stub"""
