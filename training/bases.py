"""What fine-tuning starts from: a BERT of a hub or a folder, made ready for lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import AddedToken
from transformers import AutoConfig, AutoModelForTokenClassification, AutoTokenizer

from hanline.data.document import LABEL_ID, LABELS
from hanline.data.errors import HanlineError
from hanline.model.folder import bundled_encoder, bundled_model
from hanline.model.tokens import LAYOUT_TOKENS
from hanline.model.windows import WindowSettings
from hanline.training.settings import TrainSettings

BUNDLED = {"bundled": bundled_model, "encoder": bundled_encoder}
"""The bases inside the package: the labeller, and the encoder that it was made of."""


def load_base(settings: TrainSettings) -> tuple[Any, Any]:
    """Load a base with a fresh or its own head of six labels; layout tokens are added where missing.

    Returns:
        The model and its tokenizer, of transformers.

    Raises:
        HanlineError: If the base is not to be had, or does not fit the recipe's windows.
    """
    name = base_name(settings.base)
    try:
        config = AutoConfig.from_pretrained(name)
        check_fit(config, settings.window, name)
        tokenizer = AutoTokenizer.from_pretrained(name)
        model = AutoModelForTokenClassification.from_pretrained(
            name,
            num_labels=len(LABELS),
            id2label=dict(enumerate(LABELS)),
            label2id=LABEL_ID,
            hidden_dropout_prob=settings.dropout,
            attention_probs_dropout_prob=settings.dropout,
            dtype="float32",
        )
    except (OSError, ValueError) as error:
        raise HanlineError(f"base {name} cannot be loaded: {error}") from error
    layout = [AddedToken(token, special=True) for token in LAYOUT_TOKENS]
    if tokenizer.add_tokens(layout, special_tokens=True):
        model.resize_token_embeddings(len(tokenizer))
    return model, tokenizer


def base_name(base: str) -> str:
    """The folder or hub id of a base.

    Raises:
        HanlineError: If it is neither a folder nor looks like a hub id.
    """
    name = str(BUNDLED[base]()) if base in BUNDLED else base
    if not Path(name).is_dir() and name.count("/") != 1 and name != "bert-base-chinese":
        raise HanlineError(
            f"no base {name}", hint="give 'bundled', 'encoder', a folder, or the id of a BERT on the hub"
        )
    return name


def check_fit(config: Any, window: WindowSettings, name: str) -> None:
    """Raise a `HanlineError` if a BERT has too few positions or token types for windows."""
    positions, types = config.max_position_embeddings, config.type_vocab_size
    if window.tokens > positions:
        raise HanlineError(
            f"window.tokens is {window.tokens}, but {name} has {positions} positions",
            hint=f"--set window.tokens={positions}",
        )
    if window.line_types > types:
        raise HanlineError(
            f"window.line_types is {window.line_types}, but {name} has {types} token types",
            hint=f"--set window.line_types={types}",
        )
