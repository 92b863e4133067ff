"""ONNX and torch read one set of weights alike."""

import shutil
from pathlib import Path

import pytest
from transformers import DistilBertConfig, DistilBertForTokenClassification

from hanline.data.errors import HanlineError
from hanline.model.classifier import LineClassifier
from hanline.training.export import TOLERANCE, compare_runtimes, export_onnx

TEXT = "首页 > 通知\n关于停航的通知\n\n各村：\n" + "从今天起停航三天，大家不要去渡口等船。" * 12


def test_the_graph_holds_no_weights_and_agrees_with_torch(tiny_model: Path) -> None:
    assert compare_runtimes(tiny_model) < TOLERANCE
    assert (tiny_model / "model.onnx").stat().st_size < (tiny_model / "model.safetensors").stat().st_size / 2


def test_both_runtimes_give_the_same_labels_and_scores(tiny_model: Path) -> None:
    first, second = (LineClassifier.load(tiny_model, runtime=runtime) for runtime in ("onnx", "torch"))
    left, right = first.classify(TEXT), second.classify(TEXT)
    assert left.labels() == right.labels()
    for a, b in zip(left.lines, right.lines, strict=True):
        assert (a.score or 0) == pytest.approx(b.score or 0, abs=1e-3)
        assert [(s.start, s.end, s.label) for s in a.segments] == [
            (s.start, s.end, s.label) for s in b.segments
        ]


def test_other_architectures_are_refused(tmp_path: Path) -> None:
    config = DistilBertConfig(vocab_size=50, dim=16, n_layers=1, n_heads=2, hidden_dim=16)
    DistilBertForTokenClassification(config).save_pretrained(tmp_path)
    with pytest.raises(HanlineError, match="distilbert model"):
        export_onnx(tmp_path)


def test_a_folder_without_weights_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    shutil.copy(tiny_model / "config.json", tmp_path)
    with pytest.raises(HanlineError, match=r"no config.json and model.safetensors"):
        export_onnx(tmp_path)
