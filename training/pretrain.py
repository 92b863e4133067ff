"""Masked-language-model training of a small Chinese BERT on raw text (Devlin et al., 2019).

Beside masked tokens it can learn which lines of a document are out of place (`line_order`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.data import Dataset
from transformers import (
    BertConfig,
    BertForMaskedLM,
    PreTrainedTokenizerFast,
    Trainer,
    set_seed,
)

from hanline.data.errors import HanlineError
from hanline.data.raw import is_raw, raw_files, read_raw
from hanline.data.writing import whole_file
from hanline.model.tokenization import LineTokenizer
from hanline.training.bases import base_name, check_fit
from hanline.training.card import write_encoder_card
from hanline.training.line_order import FATES
from hanline.training.ngrams import ngram_perplexities
from hanline.training.packing import Packed, pack_documents
from hanline.training.runs import (
    checkpoint_to_resume,
    stream_in_bfloat16,
    talk_on_stderr,
    training_arguments,
)
from hanline.training.settings import PretrainSettings
from hanline.training.skipgram import skipgram_embeddings
from hanline.training.tokenizer import sample_lines, train_tokenizer

logger = logging.getLogger(__name__)
HELD_OUT_WINDOWS = 512
CACHE = "packed.npz"

FATE_WEIGHT = 0.3
"""Weight of the fate of lines beside the masked tokens."""


class WindowDataset(Dataset[dict[str, Tensor]]):
    """Packed windows, one an item.

    Args:
        packed: int16, shape (n_windows, 4, n_tokens), as `pack_documents` returns it.
    """

    def __init__(self, packed: Packed) -> None:
        self.packed = packed

    def __len__(self) -> int:
        """Number of windows."""
        return len(self.packed)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Ids, positions, types and fates of a window."""
        ids, positions, types, fates = torch.from_numpy(self.packed[index].astype(np.int64))
        return {"input_ids": ids, "position_ids": positions, "token_type_ids": types, "fates": fates}


class MaskingCollator:
    """Batches windows and masks tokens: 80 % [MASK], 10 % another token, 10 % left as they are."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, share: float) -> None:
        self.mask = int(tokenizer.mask_token_id or 0)
        self.pad = int(tokenizer.pad_token_id or 0)
        self.vocabulary = len(tokenizer)
        self.special = torch.zeros(self.vocabulary, dtype=torch.bool)
        self.special[tokenizer.all_special_ids] = True
        self.share = share

    def __call__(self, items: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        """Stack items; `labels` is -100 where nothing is to be predicted.

        Windows are cut to the longest of the batch.
        """
        longest = max(int((item["input_ids"] != self.pad).sum()) for item in items)
        batch = {name: torch.stack([item[name][:longest] for item in items]) for name in items[0]}
        ids = batch["input_ids"]
        chosen = (torch.rand(ids.shape) < self.share) & ~self.special[ids]
        batch["labels"] = ids.masked_fill(~chosen, -100)
        fate = torch.rand(ids.shape)
        others = torch.randint(self.vocabulary, ids.shape)
        changed = torch.where(fate < 0.8, self.mask, torch.where(fate < 0.9, others, ids))
        batch["input_ids"] = torch.where(chosen, changed, ids)
        batch["attention_mask"] = (ids != self.pad).long()
        return batch


class MaskedTrainer(Trainer):
    """A Trainer of masked tokens and of the fate of lines (`line_order`); for one device.

    Only the masked positions are projected on the vocabulary. What is measured on held-out windows is the
    masked tokens alone.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.model_accepts_loss_kwargs = False  # the loss is a mean: accumulated passes are to be averaged

    def compute_loss(  # type: ignore[override]
        self, model: Any, inputs: dict[str, Tensor], return_outputs: bool = False, **_: Any
    ) -> Any:
        """Mean cross-entropy over the masked positions, and over the fates of lines where they are known."""
        labels, fates = inputs.pop("labels"), inputs.pop("fates")
        masked, known = labels != -100, fates >= 0
        with self.accelerator.autocast():  # the parts of the model are called by themselves
            hidden = model.bert(**inputs).last_hidden_state
            logits, fate_logits = model.cls(hidden[masked]), model.fate(hidden[known])
        loss = cross_entropy(logits.float(), labels[masked])
        if model.training and len(fate_logits):
            loss = loss + FATE_WEIGHT * cross_entropy(fate_logits.float(), fates[known])
        return (loss, {"loss": loss}) if return_outputs else loss


def pretrain(settings: PretrainSettings, *, raw: Sequence[Path], out: Path, resume: bool = False) -> Path:
    """Train a tokenizer and an encoder; the folder loads as a base of `hanline train`.

    Args:
        raw: Folders or files of raw text.
        out: Folder of the run: checkpoints, and in `encoder/` the result.
        resume: Go on from the newest checkpoint in `out`.

    Returns:
        The folder of the encoder.

    Raises:
        HanlineError: If there is no raw text, or too little of it.
    """
    set_seed(settings.seed)
    files = raw_files(raw, settings.sources)
    checkpoint = checkpoint_to_resume(out, resume=resume)
    out.mkdir(parents=True, exist_ok=True)
    if not resume:
        (out / CACHE).unlink(missing_ok=True)
        (out / "encoder" / "tokenizer.json").unlink(missing_ok=True)
    tokenizer = _tokenizer(settings, files, out / "encoder")
    train, held_out = _packed(settings, files, out)
    arguments = training_arguments(
        settings.optimizer, out, seed=settings.seed, checkpoint_steps=settings.checkpoint_steps
    )
    model = _model(settings, tokenizer, train, fresh=checkpoint is None)
    model.fate = torch.nn.Linear(model.config.hidden_size, FATES)
    trainer = MaskedTrainer(
        model=model,
        args=arguments,
        train_dataset=WindowDataset(train),
        eval_dataset=WindowDataset(held_out),
        data_collator=MaskingCollator(tokenizer, settings.masked_share),
    )
    stream_in_bfloat16(model)
    talk_on_stderr(trainer)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    return _save(trainer, settings, files, out)


def _tokenizer(settings: PretrainSettings, files: Sequence[Path], folder: Path) -> PreTrainedTokenizerFast:
    if settings.base and not (folder / "tokenizer.json").is_file():
        PreTrainedTokenizerFast.from_pretrained(base_name(settings.base)).save_pretrained(folder)
    if not (folder / "tokenizer.json").is_file():
        each = settings.tokenizer.characters // len(files)
        logger.info("training the tokenizer on up to %d characters of each of %d files", each, len(files))
        lines = (
            line
            for file in files
            for line in sample_lines(read_raw(file), characters=each, share=0.4, seed=settings.seed)
        )
        train_tokenizer(lines, vocabulary=settings.tokenizer.vocabulary).save_pretrained(folder)
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder)
    return tokenizer


def _held_out(lines: list[str], share: float) -> bool:
    """Whether a raw document is held out: decided by its text, so that copies go the same way."""
    digest = hashlib.sha256("\n".join(lines).encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def _documents(file: Path, settings: PretrainSettings, *, held_out: bool) -> Iterator[list[str]]:
    draw, documents = random.Random(settings.seed), list(read_raw(file))
    draw.shuffle(documents)
    total = 0
    for lines in documents:
        total += sum(map(len, lines))
        if (is_raw(file) and _held_out(lines, settings.held_out)) == held_out:
            yield lines
        if total > settings.most_per_file:
            return


def _packed(settings: PretrainSettings, files: Sequence[Path], out: Path) -> tuple[Packed, Packed]:
    cache = out / CACHE
    if cache.is_file():
        stored = np.load(cache)
        return stored["train"], stored["held_out"]
    tokenizer = LineTokenizer.load(out / "encoder")
    parts = []
    for held_out in (False, True):
        rows = [
            pack_documents(
                _documents(file, settings, held_out=held_out),
                tokenizer,
                settings=settings.window,
                clipped_share=settings.clipped_share,
                mixed_share=settings.mixed_share if is_raw(file) and not held_out else 0.0,
                seed=settings.seed,
            )
            for file in files
            if is_raw(file) or not held_out  # drawn documents have their likes on both sides
        ]
        parts.append(np.concatenate(rows))
    train, test = parts
    if not len(train) or not len(test):
        raise HanlineError(
            f"the raw text fills {len(train)} windows to train on and {len(test)} to measure on",
            hint="give more raw text, or raise held_out",
        )
    test = test[np.random.default_rng(settings.seed).permutation(len(test))[:HELD_OUT_WINDOWS]]
    logger.info("%d windows to train on, %d held out", len(train), len(test))
    with whole_file(cache) as stream:
        np.savez(stream, train=train, held_out=test)
    return train, test


def _model(
    settings: PretrainSettings, tokenizer: PreTrainedTokenizerFast, train: Packed, *, fresh: bool
) -> Any:
    if settings.base:
        return _base(settings)
    shape = settings.encoder
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=settings.window.line_types,
        hidden_dropout_prob=shape.dropout,
        attention_probs_dropout_prob=shape.dropout,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = BertForMaskedLM(config)
    if fresh and settings.skipgram_epochs:
        logger.info("initialising the embeddings by skip-gram")
        vectors = skipgram_embeddings(
            train[:, 0],
            vocabulary=len(tokenizer),
            width=shape.width,
            epochs=settings.skipgram_epochs,
            seed=settings.seed,
        )
        weight: Any = model.get_input_embeddings().weight
        with torch.no_grad():
            weight[:] = torch.from_numpy(vectors)
    return model


def _base(settings: PretrainSettings) -> BertForMaskedLM:
    name = base_name(settings.base)
    try:
        model = BertForMaskedLM.from_pretrained(name, dtype="float32")
    except (OSError, ValueError) as error:
        raise HanlineError(f"base {name} cannot be loaded: {error}") from error
    check_fit(model.config, settings.window, name)
    if model.config.vocab_size >= 2**15:
        raise HanlineError(f"{name} has {model.config.vocab_size} tokens, at most 32,767 can be packed")
    return model


def _save(trainer: Any, settings: PretrainSettings, files: Sequence[Path], out: Path) -> Path:
    measured = trainer.evaluate()
    folder = out / "encoder"
    model: Any = trainer.model
    del model.fate
    model.half().save_pretrained(folder)
    summary = {
        "text": [file.name for file in files],
        "steps": trainer.state.global_step,
        "held_out_loss": measured["eval_loss"],
        "held_out_perplexity": math.exp(measured["eval_loss"]),
        "floors": ngram_perplexities(
            trainer.train_dataset.packed[:, 0],
            trainer.eval_dataset.packed[:, 0],
            vocabulary=model.config.vocab_size,
            special=trainer.data_collator.special.nonzero().flatten().tolist(),
        ),
        "log": trainer.state.log_history,
    }
    (folder / "pretraining.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    write_encoder_card(folder, dataclasses.asdict(settings), summary)
    return folder
