"""The labelled corpus written for this project."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
VALIDATION_FILES = ("validation.jsonl",)
"""Files of one writer's batch whose sites no other file has: never trained on."""


def corpus_files(split: str) -> list[Path]:
    """The files of `train`, `validation` or `all`; an installed package holds `validation` alone."""
    files = sorted(CORPUS.glob("*.jsonl"))
    if split == "all":
        return files
    return [file for file in files if (file.name in VALIDATION_FILES) == (split == "validation")]
