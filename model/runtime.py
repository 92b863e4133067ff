"""The two runtimes of a model: ONNX Runtime on a CPU, torch on a CPU or a CUDA GPU."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hanline.data.errors import HanlineError
from hanline.model.folder import ONNX_FILE, WEIGHTS_FILE
from hanline.model.windows import Window

Logits = NDArray[np.float32]
Batch = dict[str, NDArray[np.int64]]

BATCH_TOKENS = 8192
"""Most tokens of a batch on a CPU, padding included."""

GPU_BATCH_TOKENS = 131_072
"""The same on a GPU."""

GPU_DEVICES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/nvmap", "/dev/kfd")
"""Without any of these files Linux has no GPU that torch can use."""


class Runtime(Protocol):
    """Runs a token classifier.

    Attributes:
        name: `onnx` or `torch`.
        description: What runs where, for people.
        device: `cpu` or `cuda`.
        repeatable: Whether a window's logits are the same to the last digit whatever else is in its batch.
    """

    name: str
    description: str
    device: str
    repeatable: bool

    def __call__(self, batch: Batch) -> Logits:
        """Logits of a padded batch, shape (n_windows, n_tokens, n_labels)."""
        ...


class OnnxRuntime:
    """`model.onnx` on the CPU, by ONNX Runtime."""

    name, device = "onnx", "cpu"
    repeatable = True  # `benchmarks/invariance.py` looks

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 4  # what fails is raised, and named by hanline
        try:
            self.session = onnxruntime.InferenceSession(
                str(folder / ONNX_FILE), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise HanlineError(f"{folder / ONNX_FILE} cannot be loaded: {error}") from error
        self.description = f"ONNX Runtime {onnxruntime.__version__} on the CPU"

    def __call__(self, batch: Batch) -> Logits:
        """Logits of a padded batch, shape (n_windows, n_tokens, n_labels)."""
        logits: Logits = self.session.run(None, batch)[0]
        return logits


class TorchRuntime:
    """The transformers folder by torch, in bfloat16 on a CUDA GPU that has it."""

    name, repeatable = "torch", False

    def __init__(self, folder: Path, *, device: str, threads: int | None = None) -> None:
        try:
            import torch
            from transformers import AutoModelForTokenClassification
        except ImportError as error:
            raise HanlineError(
                "torch and transformers are not installed", hint="pip install 'hanline[cuda]'"
            ) from error
        if threads:
            torch.set_num_threads(threads)
        half = device == "cuda" and torch.cuda.is_bf16_supported()
        model = AutoModelForTokenClassification.from_pretrained(
            folder, dtype=torch.bfloat16 if half else torch.float32, local_files_only=True
        )
        self.model = model.to(device).eval()
        self.torch, self.device = torch, device
        where = torch.cuda.get_device_name() if device == "cuda" else "the CPU"
        self.description = f"torch {torch.__version__} on {where}"

    def __call__(self, batch: Batch) -> Logits:
        """Logits of a padded batch, shape (n_windows, n_tokens, n_labels)."""
        inputs = {name: self.torch.from_numpy(array).to(self.device) for name, array in batch.items()}
        with self.torch.inference_mode():
            logits: Logits = self.model(**inputs).logits.float().cpu().numpy()
        return logits


def cuda_available() -> bool:
    """Whether torch and transformers are installed and see a CUDA GPU."""
    if find_spec("torch") is None or find_spec("transformers") is None:
        return False
    if sys.platform == "linux" and not any(Path(device).exists() for device in GPU_DEVICES):
        return False  # said without importing torch, which takes seconds
    import torch

    return bool(torch.cuda.is_available())


def load_runtime(
    folder: Path, *, device: str = "auto", runtime: str = "auto", threads: int | None = None
) -> Runtime:
    """Choose and load a runtime.

    Args:
        device: `auto` (CUDA where there is a GPU, else CPU), `cpu` or `cuda`.
        runtime: `auto` (ONNX Runtime on a CPU if the folder has `model.onnx`, else torch), `onnx` or
            `torch`.
        threads: Threads of the CPU; as many as there are cores if None.

    Raises:
        HanlineError: If the device or the runtime is not to be had.
    """
    if device == "cuda" and not cuda_available():
        raise HanlineError("no CUDA GPU that torch can use was found", hint="leave --device at auto")
    if device == "cuda" and runtime == "onnx":
        raise HanlineError("ONNX Runtime runs on the CPU here", hint="leave out --runtime for CUDA")
    cuda = device == "cuda" or (device == "auto" and runtime != "onnx" and cuda_available())
    if runtime == "auto":
        runtime = "torch" if cuda or not (folder / ONNX_FILE).is_file() else "onnx"
    if runtime == "onnx":
        return OnnxRuntime(folder, threads=threads)
    if not (folder / WEIGHTS_FILE).is_file():
        raise HanlineError(f"{folder} has no {WEIGHTS_FILE}", hint="is it a whole model folder?")
    return TorchRuntime(folder, device="cuda" if cuda else "cpu", threads=threads)


def batches(windows: Sequence[Window], *, batch_tokens: int) -> Iterator[list[int]]:
    """Group windows of like length; yields their indices, longest first.

    A batch takes at most `batch_tokens` tokens with its padding, and one window at least.
    """
    order = sorted(range(len(windows)), key=lambda index: -len(windows[index].ids))
    start = 0
    while start < len(order):
        count = max(1, batch_tokens // len(windows[order[start]].ids))
        yield order[start : start + count]
        start += count


def collate(windows: Sequence[Window], *, pad: int) -> Batch:
    """Pad windows to the longest of them.

    Returns:
        `input_ids`, `attention_mask`, `token_type_ids`, `position_ids`: int64, (n_windows, n_tokens).
    """
    shape = (len(windows), max(len(window.ids) for window in windows))
    names = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
    batch: dict[str, Any] = {name: np.zeros(shape, dtype=np.int64) for name in names}
    batch["input_ids"][:] = pad
    for row, window in enumerate(windows):
        count = len(window.ids)
        batch["input_ids"][row, :count] = window.ids
        batch["attention_mask"][row, :count] = 1
        batch["token_type_ids"][row, :count] = window.types
        batch["position_ids"][row, :count] = window.positions
    return batch


def run_windows(
    runtime: Runtime, windows: Sequence[Window], *, pad: int, batch_tokens: int = BATCH_TOKENS
) -> list[Logits]:
    """Logits of each window, shape (n_tokens of the window, n_labels), in the order given."""
    results: list[Logits] = [np.zeros((0, 0), np.float32)] * len(windows)
    for indices in batches(windows, batch_tokens=batch_tokens):
        chosen = [windows[index] for index in indices]
        logits = runtime(collate(chosen, pad=pad))
        for row, index in enumerate(indices):
            results[index] = logits[row, : len(windows[index].ids)]
    return results
