"""Lines that are read in full: a book on one line among others."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanline.data.document import bulk_label
from hanline.model.classifier import LineClassifier
from hanline.model.in_full import SECTION, sections

LONG = "第一件事是防汛，各村要把人和船都准备好。点击下载全文 同志们：今天开会 剩余部分付费阅读 " * 40


@given(text=st.text(alphabet="防汛。", min_size=0, max_size=300), size=st.integers(1, 60))
def test_sections_cover_a_text_once(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hanline.model.in_full.SECTION", size)
        cuts = list(sections(text))
    assert "".join(text[start:end] for start, end in cuts) == text
    assert all(0 < end - start <= size for start, end in cuts)


def test_a_cut_falls_behind_a_full_stop() -> None:
    text = ("防汛" * 4000 + "。") * 4
    assert [text[end - 1] for _, end in sections(text)] == ["。"] * len(list(sections(text)))
    assert len(text) > SECTION


def test_a_very_long_line_has_segments_over_all_of_it(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanline.model.in_full.SECTION", 500)
    document = LineClassifier.load(tiny_model, runtime="onnx", threads=1).classify(
        f"今天开会\n{LONG}\n今天开会"
    )
    line = document.lines[1]
    assert line.segments, "the random model calls several labels in this text"
    assert line.segments[0].start == 0
    assert line.segments[-1].end == len(LONG.rstrip())
    assert line.label == bulk_label(LONG, line.segments)
    for first, second in zip(line.segments, line.segments[1:], strict=False):
        assert first.label != second.label
        assert LONG[first.end : second.start].strip() == ""
