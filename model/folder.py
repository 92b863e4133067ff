"""The model folder: a transformers folder that says how hanline reads with it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from hanline.data.document import LABELS
from hanline.data.errors import HanlineError
from hanline.model.risk import RiskCurve
from hanline.model.windows import WindowSettings

SETTINGS_FILE = "hanline.json"
ONNX_FILE = "model.onnx"
WEIGHTS_FILE = "model.safetensors"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """What a model folder says beside its weights.

    Attributes:
        window: How documents become windows.
        temperature: What line logits are divided by so that probabilities are calibrated; positive.
        segment_temperature: The same for the logits of tokens before segments are decoded; not fitted, but
            measured (`docs/LOG.md`): neighbouring tokens err together.
        risk: What cleaning lost on the calibration documents, by score.
        labels: The labels of the output columns; `LABELS`, in that order.
        about: What it was trained on, when and how; free JSON, for people.
        hashes: SHA-256 of the other files by name.
    """

    window: WindowSettings
    temperature: float = 1.0
    segment_temperature: float = 2.5
    risk: RiskCurve = field(default_factory=RiskCurve)
    labels: tuple[str, ...] = LABELS
    about: dict[str, Any] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)


def bundled_model() -> Path:
    """The folder of the model inside the package."""
    return Path(str(resources.files("hanline.model"))) / "weights" / "labeller"


def bundled_encoder() -> Path:
    """The folder of the pretrained encoder inside the package, to fine-tune."""
    return bundled_model().with_name("encoder")


def write_model_settings(folder: Path, settings: ModelSettings) -> None:
    """Write `hanline.json`, with the hashes of the files that stand in `folder` now."""
    hashes = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir())
        if file.is_file() and file.name not in (SETTINGS_FILE, "README.md")
    }
    row = {"format": FORMAT, **dataclasses.asdict(dataclasses.replace(settings, hashes=hashes))}
    text = json.dumps(row, ensure_ascii=False, indent=1) + "\n"
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")


def read_model_settings(folder: Path) -> ModelSettings:
    """Read `hanline.json`.

    Raises:
        HanlineError: If the folder or the file is missing or damaged, or the labels are others.
    """
    if not folder.is_dir():
        raise HanlineError(f"no model folder {folder}", hint="give --model a folder that hanline wrote")
    file = folder / SETTINGS_FILE
    try:
        row = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise HanlineError(
            f"{folder} has no {SETTINGS_FILE}",
            hint="a plain transformers folder is a base for `hanline train`, not yet a labeller",
        ) from error
    except ValueError as error:
        raise HanlineError(f"{file} is not valid JSON: {error}") from error
    if not isinstance(row, dict) or row.get("format") != FORMAT:
        found = row.get("format") if isinstance(row, dict) else type(row).__name__
        raise HanlineError(f"{file} has format {found!r}, this hanline reads {FORMAT}")
    labels = tuple(row.get("labels", ()))
    if labels != LABELS:
        raise HanlineError(
            f"the model in {folder} has the labels {', '.join(labels) or 'none'}, expected {', '.join(LABELS)}",
            hint="train a model on the six labels of docs/LABELS.md",
        )
    known = {name.name for name in dataclasses.fields(ModelSettings)}
    values = {name: value for name, value in row.items() if name in known}
    try:
        risk = {name: _as_tuple(value) for name, value in dict(row.get("risk", {})).items()}
        values |= {
            "window": WindowSettings(**row["window"]),
            "risk": RiskCurve(**risk),
            "labels": labels,
        }
        return ModelSettings(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise HanlineError(f"{file} is damaged: {error}") from error


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def resolve_model(model: str | os.PathLike[str] | None) -> Path:
    """The folder of a model: the bundled one for None, a folder, or a hub id fetched by huggingface_hub.

    Raises:
        HanlineError: If it is neither a folder nor can be fetched.
    """
    if model is None:
        return bundled_model()
    folder = Path(model)
    if folder.is_dir():
        return folder
    name = str(model)
    if name.count("/") != 1 or name.startswith((".", "/")):
        raise HanlineError(f"no model folder {name}", hint="give a folder that hanline wrote, or a hub id")
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise HanlineError(
            f"{name} is no folder, and huggingface_hub, which would fetch it, is not installed",
            hint="pip install 'hanline[cuda]', or give a folder",
        ) from error
    try:
        return Path(snapshot_download(name))
    except Exception as error:
        raise HanlineError(f"could not fetch {name} from the model hub: {error}") from error
