"""The card of a model folder, written from the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


_ENCODER_CARD = """\
---
language: zh
license: apache-2.0
library_name: transformers
pipeline_tag: fill-mask
tags: [hanline]
---

# A small Chinese BERT that has seen lines

A masked-language model of Chinese text, packed line by line as hanline packs documents, to be fine-tuned: `base: FOLDER` in a
recipe of `hanline train` (`base: encoder` is the one inside the package). Written by `hanline pretrain`.

| | |
| --- | --- |
{facts}

## Made by

The recipe, complete; `pretraining.json` beside this card holds the losses by step.

```json
{recipe}
```

## Limits

- It knows the kinds of text it was trained on; perplexity was measured on raw documents of the same files that were held out.
- Digits, letter case, full- and half-width forms, traditional and simplified characters are one to its tokenizer: it cannot
  tell them apart, on purpose.
"""


def write_encoder_card(folder: Path, recipe: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
    """Write `README.md` of a pretrained encoder, from its recipe and what its run says of itself."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    facts = {
        "shape": _shape(folder, config),
        "trained on": ", ".join(summary["text"]),
        "goes on from": recipe["base"] or "a random start",
        "steps": f"{summary['steps']:,} of {recipe['optimizer']['windows_per_step']} windows",
        "held-out perplexity": f"{summary['held_out_perplexity']:.1f} (a bigram model has "
        f"{summary['floors']['bigram']:.0f}, a unigram model {summary['floors']['unigram']:,.0f})",
    }
    text = _ENCODER_CARD.format(
        facts="\n".join(f"| {name} | {value} |" for name, value in facts.items()),
        recipe=json.dumps(recipe, ensure_ascii=False, indent=1),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def _shape(folder: Path, config: Mapping[str, Any]) -> str:
    size = (folder / WEIGHTS_FILE).stat().st_size / 1e6
    layers, width = config["num_hidden_layers"], config["hidden_size"]
    return f"{layers} layers of {width}, {config['vocab_size']} tokens, {size:.1f} MB of weights"


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
    return [
        ("base", about["base"]),
        ("shape", _shape(folder, config)),
        ("trained on", ", ".join(about["train"])),
        ("chosen and calibrated on", dev),
        ("steps", str(about["steps"])),
        ("macro-F1 on the development documents", "not measured" if score is None else f"{score:.4f}"),
    ]
