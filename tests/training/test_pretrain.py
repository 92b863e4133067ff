"""Pretraining: an encoder that loads as a base, the same after a resume."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from hanline.data.corpus_files import corpus_files
from hanline.data.document import Document
from hanline.data.errors import HanlineError
from hanline.data.reading import read_documents
from hanline.model.tokenization import LineTokenizer
from hanline.model.windows import WindowSettings
from hanline.training.line_order import FOREIGN, MOVED, OWN, UNKNOWN
from hanline.training.packing import pack_documents
from hanline.training.pretrain import MaskedTrainer, MaskingCollator, WindowDataset, pretrain
from hanline.training.settings import PretrainSettings, load_recipe
from hanline.training.tokenizer import train_tokenizer

CHANGES = [
    "sources=[]", "skipgram_epochs=0", "held_out=0.2", "tokenizer.vocabulary=1500", "tokenizer.characters=200000", "encoder.layers=1",
    "encoder.width=32", "encoder.heads=2", "encoder.feed_forward=64", "encoder.positions=64", "window.tokens=64",
    "window.head=20", "window.tail=10", "optimizer.windows_per_step=4", "optimizer.windows_per_pass=4",
]  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> list[list[str]]:
    documents = (item for item in read_documents(corpus_files("validation")[0]) if isinstance(item, Document))
    return [[line.text for line in document.lines] for document in documents]


@pytest.fixture(scope="module")
def raw(texts: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    text = "".join("\n".join([*lines, "\f\n"]) for lines in texts)
    (folder / "open-written.txt").write_text(text, encoding="utf-8")
    return folder


def test_stopped_and_resumed_it_runs_along_the_same_curve(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = [*CHANGES, "optimizer.steps=12", "checkpoint_steps=4", "optimizer.warmup_fraction=0.0"]
    settings = load_recipe(PretrainSettings, "pretrain-mini", changes)
    whole = pretrain(settings, raw=[raw], out=tmp_path / "whole")

    steps, real = 0, MaskedTrainer.compute_loss

    def stop_in_the_seventh_step(*arguments: Any, **options: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps == 9:  # six steps of training, and the batches of one measurement
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(MaskedTrainer, "compute_loss", stop_in_the_seventh_step)
    with pytest.raises(KeyboardInterrupt):
        pretrain(settings, raw=[raw], out=tmp_path / "broken")
    monkeypatch.setattr(MaskedTrainer, "compute_loss", real)
    broken = pretrain(settings, raw=[raw], out=tmp_path / "broken", resume=True)

    expected, found = (
        json.loads((folder / "pretraining.json").read_text(encoding="utf-8")) for folder in (whole, broken)
    )
    assert found["held_out_loss"] == expected["held_out_loss"]
    losses = [row["eval_loss"] for row in found["log"] if "eval_loss" in row]
    assert losses[-1] < losses[0]
    assert found["text"] == ["open-written.txt"]
    assert AutoModelForMaskedLM.from_pretrained(broken).config.num_hidden_layers == 1
    assert AutoTokenizer.from_pretrained(broken).mask_token == "[MASK]"


def test_too_little_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "small.txt").write_text("一行字\n", encoding="utf-8")
    settings = load_recipe(PretrainSettings, "pretrain-mini", CHANGES)
    with pytest.raises(HanlineError, match="windows to train on"):
        pretrain(settings, raw=[tmp_path], out=tmp_path / "out")


def test_no_text_is_named(tmp_path: Path) -> None:
    settings = load_recipe(PretrainSettings, "pretrain-mini", CHANGES)
    with pytest.raises(HanlineError, match=r"no \*\.txt file under"):
        pretrain(settings, raw=[tmp_path], out=tmp_path / "out")


def test_the_tokenizer_reads_what_should_be_alike_alike(tiny_model: Path) -> None:
    tokenizer = LineTokenizer.load(tiny_model)
    alike = [
        ("同志们：", "同志们:"),
        ("２０２４年", "1987年"),
        ("开會", "开会"),
        ("ＡＢc", "abC"),
        ("开\u200b会", "开会"),
    ]
    for first, second in alike:
        assert tokenizer.encode([first]) == tokenizer.encode([second])


def test_an_unknown_character_is_one_token_and_offsets_lead_back(texts: list[list[str]]) -> None:
    tokenizer = train_tokenizer([line for lines in texts[:40] for line in lines], vocabulary=1500)
    text = "今天𠮷利，开 会。"
    row = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    spans = [text[start:end] for start, end in row["offset_mapping"]]
    assert "".join(spans) == text
    assert row["input_ids"][spans.index("𠮷")] == tokenizer.unk_token_id
    assert max(map(len, tokenizer.get_vocab().keys() - set(tokenizer.all_special_tokens))) <= 4


def test_raw_documents_are_packed_as_the_labeller_packs_them(
    tiny_model: Path, texts: list[list[str]]
) -> None:
    tokenizer = LineTokenizer.load(tiny_model)
    settings = WindowSettings(tokens=64, overlap=0, head=12, tail=6, line_types=16)
    full = pack_documents(texts[:10], tokenizer, settings=settings, clipped_share=0.0, seed=1)
    clipped = pack_documents(texts[:10], tokenizer, settings=settings, clipped_share=1.0, seed=1)
    assert full.shape[1:] == (4, 64)
    assert (full[:, 3] == UNKNOWN).all()
    assert len(clipped) < len(full)
    tokens = sum(map(len, tokenizer.encode([line for lines in texts[:10] for line in lines if line.strip()])))
    assert int((~np.isin(full[:, 0], tokenizer.layout)).sum()) == tokens


def test_mixed_documents_say_what_became_of_their_lines(tiny_model: Path, texts: list[list[str]]) -> None:
    settings = WindowSettings(tokens=64, overlap=0, head=12, tail=6, line_types=16)
    packed = pack_documents(
        texts[:10],
        LineTokenizer.load(tiny_model),
        settings=settings,
        clipped_share=1.0,
        mixed_share=1.0,
        seed=1,
    )
    assert set(np.unique(packed[:, 3])) == {UNKNOWN, OWN, FOREIGN, MOVED}
    assert (packed[:, 3][packed[:, 0] == 0] == UNKNOWN).all(), "padding has no fate"


def test_training_goes_on_from_an_encoder_and_labelled_documents(raw: Path, tmp_path: Path) -> None:
    first = load_recipe(
        PretrainSettings, "pretrain-mini", [*CHANGES, "optimizer.steps=2", "checkpoint_steps=2"]
    )
    base = pretrain(first, raw=[raw], out=tmp_path / "first")
    changes = [*CHANGES, "optimizer.steps=2", "checkpoint_steps=2", "mixed_share=0.5", f"base={base}"]
    further = load_recipe(PretrainSettings, "pretrain-mini", changes)
    folder = pretrain(further, raw=[raw, *corpus_files("validation")], out=tmp_path / "further")
    summary = json.loads((folder / "pretraining.json").read_text(encoding="utf-8"))
    assert summary["text"] == ["open-written.txt", "validation.jsonl"]
    assert (folder / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    assert "held-out perplexity" in (folder / "README.md").read_text(encoding="utf-8")
    assert "fate" not in " ".join(AutoModelForMaskedLM.from_pretrained(folder).state_dict())


def test_only_tokens_of_the_text_are_masked(tiny_model: Path, texts: list[list[str]]) -> None:
    torch.manual_seed(0)
    tokenizer: Any = AutoTokenizer.from_pretrained(tiny_model)
    settings = WindowSettings(tokens=64, overlap=0, head=12, tail=6, line_types=16)
    packed = pack_documents(
        texts[:20],
        LineTokenizer.load(tiny_model),
        settings=settings,
        clipped_share=0.5,
        seed=random.randrange(9),
    )
    data = WindowDataset(packed)
    batch = MaskingCollator(tokenizer, 0.15)([data[index] for index in range(len(data))])
    chosen = batch["labels"] != -100
    assert not np.isin(batch["labels"][chosen], tokenizer.all_special_ids).any()
    text = torch.from_numpy(packed[:, 0] >= 10)
    assert abs(float(chosen.sum() / text.sum()) - 0.15) < 0.03
    changed = batch["input_ids"][chosen] == tokenizer.mask_token_id
    assert abs(float(changed.float().mean()) - 0.8) < 0.05
