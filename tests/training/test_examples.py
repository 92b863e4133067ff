"""Labelled documents as windows."""

from pathlib import Path

import torch

from hanline.data.document import LABEL_ID, Document, Line, Segment
from hanline.model.tokenization import LineTokenizer
from hanline.model.windows import WindowSettings
from hanline.training.examples import IGNORED, WindowCollator, label_tokens, training_examples
from hanline.training.settings import NoiseSettings

SETTINGS = WindowSettings(tokens=64, overlap=8, head=10, tail=5, line_types=16)
LONG = "今天我们在这里开会讲三件事情" * 4


def document() -> Document:
    mixed = Line(
        "通知 各村：今天开会", label="body",
        segments=(Segment(0, 2, "header"), Segment(3, 6, "salutation"), Segment(6, 10, "body")),
    )  # fmt: skip
    lines = (Line("通知", label="header"), Line(""), Line("待定"), Line(LONG, label="body"), mixed)
    return Document("a", lines)


def test_tokens_take_the_label_of_their_segment() -> None:
    line = document().lines[4]
    offsets = [(0, 2), (2, 3), (3, 5), (5, 6), (6, 10)]
    names = ["header", None, "salutation", "salutation", "body"]
    assert label_tokens(line, offsets) == [IGNORED if n is None else LABEL_ID[n] for n in names]


def test_a_token_over_a_boundary_takes_the_label_of_its_end() -> None:
    line = Line(
        "通知各村：", label="salutation", segments=(Segment(0, 2, "header"), Segment(2, 5, "salutation"))
    )
    assert label_tokens(line, [(1, 3)]) == [LABEL_ID["salutation"]]


def test_a_document_is_packed_for_both_readings(tiny_model: Path) -> None:
    tokenizer = LineTokenizer.load(tiny_model)
    rows = training_examples([document()], tokenizer, SETTINGS, seed=1)
    whole = [row for row in rows if any(label != IGNORED for label in row["line_labels"])]
    full = [row for row in rows if row not in whole]
    gold = [label for row in whole for label in row["line_labels"]]
    body, header = LABEL_ID["body"], LABEL_ID["header"]
    assert [label for label in gold if label != IGNORED][:2] == [header, body]
    assert IGNORED in gold, "the unlabelled line gives context only"
    assert full
    count = sum(label == body for row in full for label in row["labels"])
    assert count >= len(tokenizer.encode([LONG])[0])


def test_labels_stand_at_their_tokens(tiny_model: Path) -> None:
    tokenizer = LineTokenizer.load(tiny_model)
    for row in training_examples([document()], tokenizer, SETTINGS, seed=1):
        for token, owner, label in zip(row["input_ids"], row["owner"], row["labels"], strict=True):
            special = token in tokenizer.layout
            assert (label == IGNORED) if special or owner < 0 else True


def test_a_batch_counts_its_lines_through(tiny_model: Path) -> None:
    tokenizer = LineTokenizer.load(tiny_model)
    rows = list(training_examples([document(), document()], tokenizer, SETTINGS, seed=1))
    batch = WindowCollator(tokenizer.layout.pad, 7777, NoiseSettings(tokens=0.0, lines=0.0))(rows)
    owners = sorted(set(batch["owner"].flatten().tolist()) - {-1})
    assert owners == list(range(len(batch["line_labels"])))
    assert batch["attention_mask"].sum() == sum(row["length"] for row in rows)
    assert batch["input_ids"].shape == batch["labels"].shape


def test_tokens_and_whole_lines_are_hidden_but_no_markers(tiny_model: Path) -> None:
    torch.manual_seed(0)
    tokenizer = LineTokenizer.load(tiny_model)
    rows = list(training_examples([document()] * 60, tokenizer, SETTINGS, seed=1))
    plain = WindowCollator(tokenizer.layout.pad, 7777, NoiseSettings(tokens=0.0, lines=0.0))(rows)
    noisy = WindowCollator(tokenizer.layout.pad, 7777, NoiseSettings(tokens=0.1, lines=0.3))(rows)
    text = plain["labels"] != IGNORED
    hidden = noisy["input_ids"] == 7777
    assert not hidden[~text].any()
    assert 0.25 < float(hidden[text].float().mean()) < 0.5
    lines = [hidden[text & (plain["owner"] == line)] for line in range(len(plain["line_labels"]))]
    whole = [bool(line.all()) for line in lines if len(line) > 5]
    assert 0.15 < sum(whole) / len(whole) < 0.45
