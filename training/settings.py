"""Recipes: YAML files read into typed settings; unknown names and wrong types are refused."""

from __future__ import annotations

import dataclasses
import difflib
import typing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import yaml

from hanline.data.errors import HanlineError
from hanline.model.windows import WindowSettings

Settings = TypeVar("Settings")


@dataclass(frozen=True, kw_only=True, slots=True)
class OptimizerSettings:
    """How the weights move: AdamW with linear warm-up and cosine decay.

    Attributes:
        peak_learning_rate: Highest learning rate, reached after warm-up; in (0, 1].
        warmup_fraction: Share of all steps spent warming up; in [0, 1).
        weight_decay: Decoupled weight decay; at least 0.
        windows_per_step: Windows per optimizer step, over all passes; training uses one device.
        windows_per_pass: Windows per forward pass; divides `windows_per_step`.
        steps: Most optimizer steps.
    """

    peak_learning_rate: float
    warmup_fraction: float
    weight_decay: float
    windows_per_step: int
    windows_per_pass: int
    steps: int

    def __post_init__(self) -> None:
        _require(0 < self.peak_learning_rate <= 1, "optimizer.peak_learning_rate must be in (0, 1]")
        _require(0 <= self.warmup_fraction < 1, "optimizer.warmup_fraction must be in [0, 1)")
        _require(self.weight_decay >= 0, "optimizer.weight_decay must be at least 0")
        _require(self.steps > 0, "optimizer.steps must be positive")
        whole = self.windows_per_pass > 0 and self.windows_per_step % self.windows_per_pass == 0
        _require(whole, "optimizer.windows_per_pass must divide optimizer.windows_per_step")


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderSettings:
    """The shape of a BERT made from scratch.

    Attributes:
        layers: Number of transformer layers.
        width: Hidden size.
        heads: Attention heads; divides `width`.
        feed_forward: Width of the feed-forward layers.
        positions: Number of position embeddings; at least the window's tokens.
        dropout: Dropout of hidden states and attention.
    """

    layers: int
    width: int
    heads: int
    feed_forward: int
    positions: int
    dropout: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenizerSettings:
    """How the tokenizer is trained.

    Attributes:
        vocabulary: Number of tokens.
        characters: Characters of raw text that it is trained on.
    """

    vocabulary: int
    characters: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PretrainSettings:
    """A recipe of `hanline pretrain`.

    Attributes:
        seed: Seed of every draw; skip-gram alone is not repeatable, as its threads race.
        base: Folder of an encoder to go on from, its tokenizer and shape included; empty for a new one.
        sources: Files of the raw folders to use: the beginnings of their names; all files if empty.
        most_per_file: Most characters taken of one raw file, so that no source drowns the others.
        held_out: Share of documents kept to measure perplexity on; in (0, 1).
        clipped_share: Share of documents whose long lines are clipped as in the line reading.
        mixed_share: Share of raw documents that get lines of others, or lines moved.
        masked_share: Share of tokens to predict.
        skipgram_epochs: Passes of skip-gram over the tokens to initialise the embeddings; 0 for none.
        checkpoint_steps: Steps between checkpoints, logs and held-out measurements.
    """

    seed: int
    base: str
    sources: tuple[str, ...]
    most_per_file: int
    held_out: float
    clipped_share: float
    mixed_share: float
    masked_share: float
    skipgram_epochs: int
    checkpoint_steps: int
    tokenizer: TokenizerSettings
    encoder: EncoderSettings
    window: WindowSettings
    optimizer: OptimizerSettings

    def __post_init__(self) -> None:
        _require(0 < self.held_out < 1, "held_out must be in (0, 1)")
        _require(0 <= self.mixed_share <= 1, "mixed_share must be in [0, 1]")
        _require(0 < self.masked_share < 1, "masked_share must be in (0, 1)")
        _require(0 <= self.clipped_share <= 1, "clipped_share must be in [0, 1]")
        _require(self.checkpoint_steps > 0, "checkpoint_steps must be positive")
        _require(self.tokenizer.vocabulary < 2**15, "tokenizer.vocabulary must be below 32768")
        _require(self.encoder.width % self.encoder.heads == 0, "encoder.heads must divide encoder.width")
        _require(
            self.encoder.positions >= self.window.tokens, "encoder.positions must be at least window.tokens"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentSettings:
    """Which labelled documents are used.

    Attributes:
        train: Files or folders to train on.
        dev: Files or folders to choose the best step by and to calibrate on; none if empty.
    """

    train: tuple[str, ...]
    dev: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LossSettings:
    """What fine-tuning minimises.

    Attributes:
        class_weighting: A label's weight is its share of the lines to minus this power; 0 weighs all
            lines alike, 1 all labels alike.
        token: Weight of the segment reading (every token says its label) beside the line reading.
        smoothing: Label smoothing; in [0, 1).
    """

    class_weighting: float
    token: float
    smoothing: float

    def __post_init__(self) -> None:
        _require(0 <= self.class_weighting <= 1, "loss.class_weighting must be in [0, 1]")
        _require(self.token >= 0, "loss.token must be at least 0")
        _require(0 <= self.smoothing < 1, "loss.smoothing must be in [0, 1)")


@dataclass(frozen=True, kw_only=True, slots=True)
class NoiseSettings:
    """What is hidden from the model while it learns, so that it does not learn lines by heart.

    Attributes:
        tokens: Share of tokens that become the mask token; in [0, 1).
        lines: Share of lines of which all tokens do, so that their neighbours must tell; in [0, 1).
    """

    tokens: float
    lines: float

    def __post_init__(self) -> None:
        _require(
            0 <= self.tokens < 1 and 0 <= self.lines < 1, "noise.tokens and noise.lines must be in [0, 1)"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class StopSettings:
    """When to measure and when to stop.

    Attributes:
        evaluation_steps: Steps between measurements on the dev documents, and between checkpoints.
        patience: Measurements without a better macro-F1 after which training stops.
    """

    evaluation_steps: int
    patience: int

    def __post_init__(self) -> None:
        positive = self.evaluation_steps > 0 and self.patience > 0
        _require(positive, "stop.evaluation_steps and stop.patience must be positive")


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainSettings:
    """A recipe of `hanline train`.

    Attributes:
        seed: Seed of every draw.
        base: What to start from: `bundled` (the labeller in the package), `encoder` (what it was made of), a
            folder, or the id of a BERT on a model hub.
        dropout: Dropout of hidden states and attention.
    """

    seed: int
    base: str
    dropout: float
    documents: DocumentSettings
    window: WindowSettings
    optimizer: OptimizerSettings
    loss: LossSettings
    noise: NoiseSettings
    stop: StopSettings

    def __post_init__(self) -> None:
        _require(0 <= self.dropout < 1, "dropout must be in [0, 1)")


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise HanlineError(problem)


def find_recipe(name: str | Path) -> Path:
    """A recipe's file: a path, or the name of one in `configs/`.

    Raises:
        HanlineError: If there is neither.
    """
    path = Path(name)
    if path.is_file():
        return path
    shipped = Path(str(resources.files("hanline.configs"))) / f"{path.name.removesuffix('.yaml')}.yaml"
    if path.parent == Path() and shipped.is_file():
        return shipped
    known = ", ".join(sorted(file.stem for file in shipped.parent.glob("*.yaml")))
    raise HanlineError(f"no recipe {name}", hint=f"give a YAML file or one of {known}")


def load_recipe(kind: type[Settings], recipe: str | Path, changes: typing.Sequence[str] = ()) -> Settings:
    """Read a recipe and apply `key=value` changes, nested keys with dots.

    Raises:
        HanlineError: If a name is unknown or missing, or a value has the wrong type or range.
    """
    path = find_recipe(recipe)
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise HanlineError(f"{path} is not a readable YAML file: {error}") from error
    if not isinstance(values, dict):
        raise HanlineError(f"{path} must be a mapping of settings, found {type(values).__name__}")
    for change in changes:
        _apply(values, change)
    return read_settings(kind, values)


def _apply(values: dict[str, Any], change: str) -> None:
    name, equals, text = change.partition("=")
    if not equals:
        raise HanlineError(f"--set {change} has no '='", hint="write --set optimizer.steps=100")
    *parents, last = name.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise HanlineError(f"--set {name}: {parent} has no settings below it")
    try:
        values[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise HanlineError(f"--set {name}: {text!r} is not YAML") from error


def read_settings(kind: type[Settings], values: dict[str, Any], prefix: str = "") -> Settings:
    """Build a settings dataclass from plain values, nested ones included.

    Raises:
        HanlineError: If a name is unknown or missing, or a value has the wrong type or range.
    """
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in values:
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, n=1)
            hint = f"did you mean {prefix}{near[0]}?" if near else f"known: {', '.join(fields)}"
            raise HanlineError(f"{prefix}{name} is not a setting", hint=hint)
    for name, field in fields.items():
        if name not in values and field.default is dataclasses.MISSING:
            raise HanlineError(f"{prefix}{name} is missing", hint="every recipe is complete; add it")
    read = {name: _read(hints[name], value, prefix + name) for name, value in values.items()}
    try:
        return kind(**read)
    except ValueError as error:
        raise HanlineError(f"{prefix.rstrip('.') or kind.__name__}: {error}") from error


def _read(kind: Any, value: Any, name: str) -> Any:
    origin = typing.get_origin(kind)
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise HanlineError(f"{name} must be a mapping of settings, got {value!r}")
        return read_settings(kind, value, f"{name}.")  # type: ignore[arg-type]
    if origin is tuple:
        if not isinstance(value, list):
            raise HanlineError(f"{name} must be a list, got {value!r}")
        item = typing.get_args(kind)[0]
        return tuple(_read(item, part, f"{name}[{index}]") for index, part in enumerate(value))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if (kind is not bool and isinstance(value, bool)) or not isinstance(value, kind):
        hint = None
        if kind is float and isinstance(value, str) and _is_number(value):
            hint = f"YAML reads {value} as text; write it with a dot, such as 5.0e-5"
        raise HanlineError(f"{name} must be {_TYPE_NAMES[kind]}, got {value!r}", hint=hint)
    return value


_TYPE_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
