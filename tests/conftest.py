"""A model made on the spot, and the command line as a function."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from hanline.cli.main import app
from hanline.data.document import LABELS

# How long an example takes says nothing about the code: the first one may import a library.
settings.register_profile("hanline", deadline=None)
settings.load_profile("hanline")

TINY_VOCABULARY = 1500
TINY_TEXT = (
    "同志们：今天开会，讲三件事。",
    "一、提高认识",
    "点击下载全文",
    "剩余部分付费阅读",
    "发布时间：2023-09-14",
)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole model folder of one small layer with random weights, in half precision."""
    import torch
    from transformers import BertConfig, BertForTokenClassification

    from hanline.model.folder import ModelSettings, write_model_settings
    from hanline.model.windows import WindowSettings
    from hanline.training.export import export_onnx
    from hanline.training.tokenizer import train_tokenizer

    folder = tmp_path_factory.mktemp("tiny") / "model"
    tokenizer = train_tokenizer([text for text in TINY_TEXT for _ in range(3)], vocabulary=TINY_VOCABULARY)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(5)  # of the seeds below ten, the one that says ad as well as salutation
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
        type_vocab_size=16,
        initializer_range=0.5,
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
    )
    model = BertForTokenClassification(config).half()  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    export_onnx(folder)
    write_model_settings(folder, ModelSettings(window=WindowSettings(), about={"base": "random weights"}))
    return folder


@dataclass(frozen=True)
class Result:
    """What a command did: its exit code, and what it wrote."""

    code: int
    out: bytes
    err: str

    @property
    def errors(self) -> list[str]:
        """What stderr said, a line an item."""
        return self.err.splitlines()


Hanline = Callable[..., Result]


@pytest.fixture
def hanline() -> Hanline:
    """Run `hanline` in this process, from its entry point on; `stdin` is what it reads from `-`."""

    def run(*arguments: object, stdin: bytes = b"") -> Result:
        out, err = io.BytesIO(), io.BytesIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["hanline", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            patch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8"))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding="utf-8", errors="backslashreplace"))
            try:
                app()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
            sys.stdout.flush()
            sys.stderr.flush()
            return Result(code, out.getvalue(), err.getvalue().decode())

    return run
