"""What pretraining and fine-tuning share: the Trainer's arguments and its checkpoints."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainingArguments
from transformers.trainer_callback import ProgressCallback

from hanline.data.errors import HanlineError
from hanline.training.settings import OptimizerSettings


class StderrProgress(ProgressCallback):
    """The Trainer's progress bar with its figures on stderr; the Trainer's own writes them to stdout."""

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Write the figures of a step above the bar."""
        if state.is_world_process_zero and self.training_bar is not None and logs:
            shown = (f"{name} {value:.4g}" for name, value in logs.items() if isinstance(value, float))
            self.training_bar.write(f"step {state.global_step}: {', '.join(shown)}", file=sys.stderr)


def talk_on_stderr(trainer: Trainer) -> None:
    """Leave stdout to data."""
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(StderrProgress)


def training_arguments(
    optimizer: OptimizerSettings,
    out: Path,
    *,
    seed: int,
    checkpoint_steps: int,
    evaluate: bool = True,
    **others: Any,
) -> TrainingArguments:
    """The arguments that pretraining and fine-tuning share."""
    return TrainingArguments(
        output_dir=str(out),
        max_steps=optimizer.steps,
        learning_rate=optimizer.peak_learning_rate,
        warmup_steps=round(optimizer.warmup_fraction * optimizer.steps),
        weight_decay=optimizer.weight_decay,
        per_device_train_batch_size=optimizer.windows_per_pass,
        gradient_accumulation_steps=optimizer.windows_per_step // optimizer.windows_per_pass,
        lr_scheduler_type="cosine",
        bf16=fast_bfloat16(),
        use_cpu=not torch.cuda.is_available(),
        seed=seed,
        data_seed=seed,
        save_strategy="steps",
        save_steps=checkpoint_steps,
        eval_strategy="steps" if evaluate else "no",
        eval_steps=checkpoint_steps,
        logging_steps=max(1, min(50, checkpoint_steps)),
        save_total_limit=2,
        report_to=[],
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_num_workers=0,
        **others,
    )


def fast_bfloat16() -> bool:
    """Whether this machine multiplies matrices of bfloat16 faster: a recent GPU, or a CPU with AMX."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))


def stream_in_bfloat16(model: Any) -> None:
    """Let hidden states go from layer to layer in bfloat16 where mixed precision is on.

    The embeddings come out as float32 otherwise, every sum with them is one again, and each layer converts anew.
    """

    def convert(_module: Any, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
        kind = output.device.type
        return output.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else output

    model.base_model.embeddings.register_forward_hook(convert)


def checkpoint_to_resume(out: Path, *, resume: bool) -> Path | None:
    """The newest checkpoint of a run that goes on, or None at its beginning.

    Raises:
        HanlineError: If a new run would begin in the folder of one that was interrupted.
    """
    newest = newest_checkpoint(out)
    if newest is not None and not resume:
        raise HanlineError(
            f"{out} holds {newest.name} of an interrupted run", hint="add --resume, or give another --out"
        )
    return newest


def newest_checkpoint(out: Path) -> Path | None:
    """The newest complete checkpoint below a run's folder, or None."""
    complete = [path for path in out.glob("checkpoint-*") if _is_complete(path)]
    return max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _is_complete(checkpoint: Path) -> bool:
    """Whether a checkpoint was written to its end: the Trainer writes its state last."""
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
