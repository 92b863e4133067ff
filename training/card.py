"""The card of a model folder, written from the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hanline.data.document import LABELS
from hanline.model.folder import WEIGHTS_FILE, ModelSettings

_CARD = """\
---
language: zh
license: apache-2.0
library_name: transformers
pipeline_tag: token-classification
tags: [hanline]
---

# A line labeller for Chinese documents

Labels each line of a scraped Chinese document {labels}.
Written by `hanline train`; `hanline classify --model FOLDER` uses it.

| | |
| --- | --- |
{facts}

## Made by

The recipe, complete; `hanline.json` holds it too.

```json
{recipe}
```

## Limits

{limits}
"""

_LIMITS = """\
- It knows the six labels of hanline and Chinese text only; other languages are labelled without warning.
- A line longer than {clip} tokens is judged by its beginning and its end, unless its segments are read.
- Its scores are calibrated on {dev}; on pages unlike those they say less.
- Development scores chose the best step, so they are a little too good: measure on documents of your own."""


def write_card(folder: Path, settings: ModelSettings) -> None:
    """Write `README.md` from what the model folder and its run say."""
    about = settings.about
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    dev = ", ".join(about["dev"]) or "nothing (no development documents were given)"
    clip = settings.window.head + settings.window.tail
    text = _CARD.format(
        labels=", ".join(f"`{label}`" for label in LABELS[:-1]) + f" or `{LABELS[-1]}`",
        facts="\n".join(f"| {name} | {value} |" for name, value in _facts(folder, config, about, dev)),
        recipe=json.dumps(about["recipe"], ensure_ascii=False, indent=1),
        limits=_LIMITS.format(clip=clip, dev=dev),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def _facts(folder: Path, config: dict[str, Any], about: dict[str, Any], dev: str) -> list[tuple[str, str]]:
    score = about["best_dev_macro_f1"]
    size = (folder / WEIGHTS_FILE).stat().st_size / 1e6
    shape = f"{config['num_hidden_layers']} layers of {config['hidden_size']}"
    return [
        ("base", about["base"]),
        ("shape", f"{shape}, {config['vocab_size']} tokens, {size:.1f} MB of weights"),
        ("trained on", ", ".join(about["train"])),
        ("chosen and calibrated on", dev),
        ("steps", str(about["steps"])),
        ("macro-F1 on the development documents", "not measured" if score is None else f"{score:.4f}"),
    ]
