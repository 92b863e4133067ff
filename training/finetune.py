"""Fine-tuning a BERT on labelled documents, and writing the model folder."""

from __future__ import annotations

import dataclasses
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import EarlyStoppingCallback, Trainer, set_seed

from hanline.data.document import LABEL_ID, LABELS, Document
from hanline.data.errors import HanlineError
from hanline.data.reading import Fault, find_files, read_documents
from hanline.model.classifier import LineClassifier
from hanline.model.folder import ONNX_FILE, SETTINGS_FILE, ModelSettings, write_model_settings
from hanline.model.runtime import Batch, Logits, load_runtime
from hanline.model.tokenization import LineTokenizer
from hanline.model.tokens import MASK
from hanline.training.bases import load_base
from hanline.training.calibration import calibrate, read_gold
from hanline.training.card import write_card
from hanline.training.examples import IGNORED, WindowCollator, training_examples
from hanline.training.export import export_onnx
from hanline.training.metrics import confusion, macro_f1
from hanline.training.runs import (
    checkpoint_to_resume,
    stream_in_bfloat16,
    talk_on_stderr,
    training_arguments,
)
from hanline.training.settings import LossSettings, TrainSettings

logger = logging.getLogger(__name__)


def load_labelled(paths: Sequence[Path]) -> list[Document]:
    """Read labelled documents of files and folders.

    Raises:
        HanlineError: If a file is broken or no line has a label: training data must be right.
    """
    documents: list[Document] = []
    for file in find_files(paths):
        for item in [file] if isinstance(file, Fault) else read_documents(file):
            if isinstance(item, Fault):
                raise HanlineError(str(item), hint="`hanline data validate` lists every fault")
            documents.append(item)
    if not any(line.label for document in documents for line in document.lines):
        raise HanlineError(f"no labelled line in {', '.join(map(str, paths)) or 'no files'}")
    return documents


class ModuleRuntime:
    """A transformers module as a runtime, to measure a model while it trains."""

    name, description, device, repeatable = "torch", "torch, in training", "cpu", False

    def __init__(self, model: Any) -> None:
        self.model = model

    def __call__(self, batch: Batch) -> Logits:
        """Logits of a padded batch, shape (n_windows, n_tokens, n_labels)."""
        inputs = {name: torch.from_numpy(array).to(self.model.device) for name, array in batch.items()}
        training = self.model.training
        self.model.eval()
        with torch.inference_mode():
            logits: Logits = self.model(**inputs).logits.float().cpu().numpy()
        self.model.train(training)
        return logits


class LineTrainer(Trainer):
    """A Trainer of both readings that is measured by macro-F1 over the lines of documents.

    Args:
        weights: Weight of each label in the loss, shape (n_labels,).
        loss: What is minimised.
        reader: Reads documents with the model that trains.
        dev: Documents to measure on.
    """

    def __init__(
        self,
        *arguments: Any,
        weights: Tensor,
        loss: LossSettings,
        reader: LineClassifier,
        dev: Sequence[Document],
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.model_accepts_loss_kwargs = False  # the loss is a mean: accumulated passes are to be averaged
        self.label_weights, self.loss_settings = weights, loss
        self.reader, self.dev = reader, dev

    def compute_loss(  # type: ignore[override]
        self, model: Any, inputs: dict[str, Tensor], return_outputs: bool = False, **_: Any
    ) -> Any:
        """Cross-entropy of the mean of a line's logits, and of each of its tokens."""
        owner, token_labels = inputs.pop("owner").flatten(), inputs.pop("labels").flatten()
        line_labels = inputs.pop("line_labels")
        logits = model(**inputs).logits.flatten(0, 1).float()
        weights = self.label_weights.to(logits.device)
        loss = mean_line_loss(logits, owner, line_labels, weights, self.loss_settings.smoothing)
        if self.loss_settings.token:
            loss = loss + self.loss_settings.token * token_loss(logits, owner, token_labels, weights)
        return (loss, {"loss": loss}) if return_outputs else loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Macro-F1 and accuracy over the lines of the dev documents."""
        scores, gold = read_gold(self.reader, self.dev)
        table = confusion(gold, scores.argmax(axis=1))
        figures = {
            "eval_macro_f1": float(macro_f1(table)),
            "eval_accuracy": float(np.trace(table) / max(1, table.sum())),
        }
        self.log(figures)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, figures)
        return figures


def mean_line_loss(
    logits: Tensor, owner: Tensor, labels: Tensor, weights: Tensor, smoothing: float
) -> Tensor:
    """Loss of the line reading.

    Args:
        logits: Shape (n_tokens, n_labels).
        owner: The line of each token, -1 for none, shape (n_tokens,).
        labels: The label of each line or `IGNORED`, shape (n_lines,).
        weights: Weight of each label.
    """
    inside = owner >= 0
    sums = logits.new_zeros(len(labels), logits.shape[1]).index_add(0, owner[inside], logits[inside])
    count = logits.new_zeros(len(labels)).index_add(0, owner[inside], logits.new_ones(int(inside.sum())))
    if not (labels != IGNORED).any():
        return logits.sum() * 0.0
    means = sums / count.clamp(min=1)[:, None]
    return cross_entropy(means, labels, weight=weights, ignore_index=IGNORED, label_smoothing=smoothing)


def token_loss(logits: Tensor, owner: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Loss of the segment reading: a line weighs the square root of its number of tokens."""
    chosen = (labels != IGNORED) & (owner >= 0)
    if not chosen.any():
        return logits.sum() * 0.0
    lines, targets = owner[chosen], labels[chosen]
    count = torch.zeros(int(lines.max()) + 1, device=logits.device).index_add(
        0, lines, torch.ones(len(lines), device=logits.device)
    )
    # The square root lets a paragraph weigh more than a word, a book no more than it should.
    weight = weights[targets] / count[lines].sqrt()
    losses = cross_entropy(logits[chosen], targets, reduction="none")
    return (losses * weight).sum() / weight.sum()


def label_weights(documents: Sequence[Document], power: float) -> Tensor:
    """Weights that lift rare labels: (share of lines) ** -power, of mean 1 over the lines."""
    count = np.zeros(len(LABELS))
    for document in documents:
        for line in document.lines:
            if line.label is not None:
                count[LABEL_ID[line.label]] += 1
    weights = (np.maximum(count, 1) / count.sum()) ** -power
    return torch.tensor(weights * count.sum() / (weights * count).sum(), dtype=torch.float32)


def finetune(
    settings: TrainSettings,
    *,
    train: Sequence[Path] = (),
    dev: Sequence[Path] = (),
    out: Path,
    resume: bool = False,
) -> Path:
    """Fine-tune a base on labelled documents.

    Args:
        train: Files or folders of labelled documents, instead of those of the recipe.
        dev: The same to measure on.
        out: Folder of the run: checkpoints, and in `model/` the model folder.
        resume: Go on from the newest checkpoint in `out`.

    Returns:
        The model folder.

    Raises:
        HanlineError: If data, base or recipe do not fit.
    """
    set_seed(settings.seed)
    folder = out / "model"
    checkpoint = checkpoint_to_resume(out, resume=resume)
    if resume and checkpoint is None and (folder / SETTINGS_FILE).is_file():
        logger.info("%s is finished already", folder)
        return folder
    train_paths = list(train) or [Path(name) for name in settings.documents.train]
    dev_paths = list(dev) or [Path(name) for name in settings.documents.dev]
    documents = load_labelled(train_paths)
    dev_documents = load_labelled(dev_paths) if dev_paths else []
    model, tokenizer = load_base(settings)
    (folder / SETTINGS_FILE).unlink(missing_ok=True)  # no half-new model folder looks whole
    tokenizer.save_pretrained(folder)
    lines = LineTokenizer.load(folder)
    reader = LineClassifier(ModelSettings(window=settings.window), lines, ModuleRuntime(model))
    trainer = _trainer(settings, model, documents, dev_documents, lines, reader, out)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    model.half().save_pretrained(folder)
    about = _about(settings, trainer, train_paths, dev_paths)
    return _finish(folder, ModelSettings(window=settings.window, about=about), lines, dev_documents, out)


def _trainer(
    settings: TrainSettings,
    model: Any,
    documents: Sequence[Document],
    dev: Sequence[Document],
    tokenizer: LineTokenizer,
    reader: LineClassifier,
    out: Path,
) -> LineTrainer:
    examples = training_examples(documents, tokenizer, settings.window, seed=settings.seed)
    logger.info(
        "%d documents in %d windows to train on, %d to measure on", len(documents), len(examples), len(dev)
    )
    measured = {}
    if dev:
        measured = {"load_best_model_at_end": True, "metric_for_best_model": "eval_macro_f1"}
    arguments = training_arguments(
        settings.optimizer,
        out,
        seed=settings.seed,
        checkpoint_steps=settings.stop.evaluation_steps,
        evaluate=bool(dev),
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        **measured,
    )
    layout, mask = tokenizer.layout, tokenizer.tokenizer.token_to_id(MASK)
    trainer = LineTrainer(
        model=model,
        args=arguments,
        train_dataset=examples,
        eval_dataset=examples.select([0]),
        data_collator=WindowCollator(layout.pad, mask or layout.gap, settings.noise),
        callbacks=[EarlyStoppingCallback(settings.stop.patience)] if dev else [],
        weights=label_weights(documents, settings.loss.class_weighting),
        loss=settings.loss,
        reader=reader,
        dev=dev,
    )
    stream_in_bfloat16(model)
    talk_on_stderr(trainer)
    return trainer


def _about(
    settings: TrainSettings, trainer: LineTrainer, train: Sequence[Path], dev: Sequence[Path]
) -> dict[str, Any]:
    history = trainer.state.log_history
    return {
        "base": settings.base,
        "recipe": dataclasses.asdict(settings),
        "train": [path.name for path in train],
        "dev": [path.name for path in dev],
        "steps": trainer.state.global_step,
        "best_dev_macro_f1": trainer.state.best_metric,
        "dev_macro_f1_by_step": [[r["step"], r["eval_macro_f1"]] for r in history if "eval_macro_f1" in r],
    }


def _finish(
    folder: Path, settings: ModelSettings, tokenizer: LineTokenizer, dev: Sequence[Document], out: Path
) -> Path:
    """Add ONNX, calibration, card and settings to a folder that holds weights and tokenizer."""
    try:
        export_onnx(folder)
    except HanlineError as error:
        (folder / ONNX_FILE).unlink(missing_ok=True)
        logger.warning("no %s, torch runs this model: %s", ONNX_FILE, error)
    # What is calibrated is what people will run, not the module in training.
    settings = calibrate(settings, LineClassifier(settings, tokenizer, load_runtime(folder)), dev)
    write_card(folder, settings)
    write_model_settings(folder, settings)
    for checkpoint in out.glob("checkpoint-*"):
        shutil.rmtree(checkpoint)
    return folder
