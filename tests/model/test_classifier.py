"""Labels for every line, whatever the document looks like and whoever its neighbours are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanline.data.document import LABELS, Document, bulk_label
from hanline.model.classifier import LineClassifier

TEXTS = [
    "同志们：\n今天开会，讲三件事。\n\n一、提高认识\n" + "第一件事是防汛，各村要把人和船都准备好。" * 20,
    "点击下载全文\n剩余部分付费阅读",
    "发布时间：2023-09-14\r\n\r\n今天开会",
    "",
    "\n\n \n",
    "\u200b",
]


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> LineClassifier:
    return LineClassifier.load(tiny_model, runtime="onnx", threads=1)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_non_blank_lines_and_no_others_are_labelled(text: str, classifier: LineClassifier) -> None:
    document = classifier.classify(text)
    assert document.text == text
    for line in document.lines:
        assert (line.label in LABELS) == bool(line.text.strip())
        assert line.blank or 0 < (line.score or 0) <= 1
        if line.segments:
            assert line.label == bulk_label(line.text, line.segments)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="同志们今天开会。：\n \r\u2028\x0c，", max_size=300))
def test_any_text_comes_back_unchanged(text: str, classifier: LineClassifier) -> None:
    assert classifier.classify(text).text == text


def test_a_stream_keeps_its_order(classifier: LineClassifier) -> None:
    documents = [Document.from_text(f"第{n}号\n今天开会", id=str(n)) for n in range(50)]
    assert [told.id for told in classifier.classify_many(iter(documents))] == [doc.id for doc in documents]


def test_a_stream_is_read_as_it_is_asked_for(classifier: LineClassifier) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "今天开会，讲三件事。\n" * 500

    stream = classifier.classify_many(endless())
    next(stream)
    assert read < 50


@pytest.mark.parametrize("batch_tokens", [1, 700, 100_000])
def test_neighbours_and_batches_change_nothing(
    batch_tokens: int, tiny_model: Path, classifier: LineClassifier
) -> None:
    other = LineClassifier.load(tiny_model, runtime="onnx", threads=2, batch_tokens=batch_tokens)
    alone = [classifier.classify(text) for text in TEXTS]
    together = list(reversed(list(other.classify_many(reversed(TEXTS)))))
    for first, second in zip(alone, together, strict=True):
        assert first.labels() == second.labels()
        for a, b in zip(first.lines, second.lines, strict=True):
            assert (a.score or 0) == pytest.approx(b.score or 0, abs=1e-3)


def test_without_segments_there_are_none(classifier: LineClassifier) -> None:
    for text in TEXTS:
        assert not any(line.segments for line in classifier.classify(text, segments=False).lines)


def test_labels_it_had_are_replaced(classifier: LineClassifier) -> None:
    told = classifier.classify(TEXTS[0])
    assert classifier.classify(told) == told
