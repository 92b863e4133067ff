"""Fine-tuning: a model folder at the end, the same after a kill, any BERT as base."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertForMaskedLM, BertTokenizer

from hanline.data.document import LABELS, Document, Line
from hanline.data.errors import HanlineError
from hanline.data.rows import document_to_row
from hanline.model.classifier import LineClassifier
from hanline.model.folder import bundled_encoder
from hanline.training.bases import load_base
from hanline.training.examples import IGNORED
from hanline.training.finetune import finetune, label_weights, mean_line_loss, token_loss
from hanline.training.settings import TrainSettings, load_recipe

CHANGES = [
    "optimizer.windows_per_step=4", "optimizer.windows_per_pass=4", "window.tokens=64", "window.overlap=8",
    "window.head=12", "window.tail=6", "optimizer.peak_learning_rate=0.003", "dropout=0.1",
]  # fmt: skip


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty small documents that a tiny model can learn."""
    file = tmp_path_factory.mktemp("data") / "lines.jsonl"
    texts = {"ad": "点击下载全文{}", "header": "发布时间：2023-09-{}", "body": "今天开会，讲三件事{}。"}
    rows = [
        Document(f"d{n}", tuple(Line(text.format(n), label=label) for label, text in texts.items()))
        for n in range(40)
    ]
    file.write_text(
        "".join(json.dumps(document_to_row(row), ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    return file


def recipe(base: Path | str, *changes: str) -> TrainSettings:
    return load_recipe(TrainSettings, "smoke", [f"base={base}", *CHANGES, *changes])


def test_a_run_ends_in_a_model_that_has_learned(tiny_model: Path, lines: Path, tmp_path: Path) -> None:
    settings = recipe(
        tiny_model, "optimizer.steps=60", "stop.evaluation_steps=20", "loss.class_weighting=0.0"
    )
    folder = finetune(settings, train=[lines], dev=[lines], out=tmp_path)
    text = "点击下载全文9\n发布时间：2023-09-9\n今天开会，讲三件事7。"
    assert LineClassifier.load(folder).classify(text).labels() == ["ad", "header", "body"]
    said = json.loads((folder / "hanline.json").read_text(encoding="utf-8"))
    assert said["about"]["recipe"]["optimizer"]["steps"] == 60
    assert said["labels"] == list(LABELS)
    assert "Limits" in (folder / "README.md").read_text(encoding="utf-8")
    assert not list(tmp_path.glob("checkpoint-*"))


RUN = """
import sys
from pathlib import Path
from hanline.training.finetune import finetune
from hanline.training.settings import TrainSettings, load_recipe
base, data, out, resume, *changes = sys.argv[1:]
settings = load_recipe(TrainSettings, "smoke", [f"base={base}", *changes])
finetune(settings, train=[Path(data)], dev=[Path(data)], out=Path(out), resume=resume == "yes")
"""


def test_killed_and_resumed_it_ends_with_the_same_weights(
    tiny_model: Path, lines: Path, tmp_path: Path
) -> None:
    changes = [*CHANGES, "optimizer.steps=24", "stop.evaluation_steps=4", "stop.patience=100"]

    def command(out: Path, resume: str) -> list[str]:
        return [sys.executable, "-c", RUN, str(tiny_model), str(lines), str(out), resume, *changes]

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    subprocess.run(command(whole, "no"), check=True, capture_output=True)
    process = subprocess.Popen(command(broken, "no"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(broken.glob("checkpoint-*/trainer_state.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()
    assert not (broken / "model" / "hanline.json").exists(), "it was to be killed before its end"
    subprocess.run(command(broken, "yes"), check=True, capture_output=True)
    expected, found = (load_file(run / "model" / "model.safetensors") for run in (whole, broken))
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_a_bert_of_the_hubs_kind_is_a_base(lines: Path, tmp_path: Path) -> None:
    """A WordPiece vocabulary of single characters and two token types, as bert-base-chinese has them."""
    base = tmp_path / "hub"
    base.mkdir()
    characters = sorted(set("点击下载全文发布时间今天开会讲三件事，。：-0123456789"))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    (base / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizer(vocab=str(base / "vocab.txt")).save_pretrained(base)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128, type_vocab_size=2,
    )  # fmt: skip
    BertForMaskedLM(config).save_pretrained(base)
    settings = recipe(base, "optimizer.steps=4", "window.line_types=2")
    folder = finetune(settings, train=[lines], out=tmp_path / "run")
    assert LineClassifier.load(folder, runtime="onnx").classify("今天下雨").labels()[0] in LABELS
    with pytest.raises(HanlineError, match="has 2 token types"):
        finetune(recipe(base), train=[lines], out=tmp_path / "other")


def test_faulty_training_data_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"lines": [{"text": "a", "label": "advert"}]}\n', encoding="utf-8")
    with pytest.raises(HanlineError, match=r"bad.jsonl: row 1: line 1: unknown label 'advert'"):
        finetune(recipe(tiny_model), train=[file], out=tmp_path)


def test_a_base_that_is_not_there_is_named(lines: Path, tmp_path: Path) -> None:
    with pytest.raises(HanlineError, match="no base nowhere"):
        finetune(recipe("nowhere"), train=[lines], out=tmp_path)


def test_the_encoder_in_the_package_is_a_base() -> None:
    settings = load_recipe(TrainSettings, "mini")
    model, tokenizer = load_base(settings)
    assert settings.base == "encoder"
    assert (model.config.num_labels, model.config.vocab_size) == (len(LABELS), len(tokenizer))
    assert sum(file.stat().st_size for file in bundled_encoder().iterdir()) < 10_000_000


def test_rare_labels_weigh_more() -> None:
    documents = [Document("a", (*[Line("x", label="body")] * 9, Line("y", label="ad")))]
    weights = label_weights(documents, 0.5)
    assert float(weights[0] / weights[4]) == pytest.approx(3.0)
    assert torch.allclose(label_weights(documents, 0.0), torch.ones(6))


def test_a_line_loss_sees_the_mean_of_its_tokens() -> None:
    logits = torch.zeros(4, 6)
    logits[1, 2] = 4.0
    owner, labels = torch.tensor([-1, 0, 0, 1]), torch.tensor([2, IGNORED])
    loss = mean_line_loss(logits, owner, labels, torch.ones(6), 0.0)
    expected = torch.nn.functional.cross_entropy(torch.tensor([[0, 0, 2.0, 0, 0, 0]]), torch.tensor([2]))
    assert torch.isclose(loss, expected)


def test_losses_without_labels_are_zero() -> None:
    logits, nothing = torch.randn(3, 6), torch.full((3,), IGNORED)
    owner = torch.tensor([0, 0, 0])
    assert token_loss(logits, owner, nothing, torch.ones(6)) == 0
    assert mean_line_loss(logits, owner, nothing[:1], torch.ones(6), 0.0) == 0
