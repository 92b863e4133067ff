"""What was taken out can be put back, through the file that records it."""

from pathlib import Path

import pytest

from hanline.data.document import Document, Line
from hanline.data.errors import HanlineError
from hanline.model.cleaning import CleanSettings, clean
from hanline.model.removals import DOCUMENT_BREAK, read_removals, removal_rows, restore_all


def document(name: str) -> Document:
    rows = [
        ("首页 \u2028 登录", "ad"),
        ("", None),
        ("春训讲话", "header"),
        ("散会。", "body"),
        ("(未完)", "truncation"),
    ]
    return Document(
        name, tuple(Line(text, label=label, ending="\r\n") for text, label in rows), encoding="gb18030"
    )


def record(path: Path, *names: str) -> str:
    """Clean documents into one text and write the record; returns the text."""
    texts, rows = [], list[str]()
    for name in names:
        cleaned, edits = clean(document(name), CleanSettings(markdown=True))
        texts.append(cleaned)
        rows += removal_rows(document(name), cleaned, edits)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return DOCUMENT_BREAK.join(texts)


def test_documents_come_back_with_their_encoding(tmp_path: Path) -> None:
    text = record(tmp_path / "removed.jsonl", "a", "b")
    restored = list(restore_all(text, read_removals(tmp_path / "removed.jsonl")))
    assert [(r.document, r.encoding, t) for r, t in restored] == [
        (name, "gb18030", document(name).text) for name in "ab"
    ]


def test_a_text_that_was_changed_is_refused(tmp_path: Path) -> None:
    text = record(tmp_path / "removed.jsonl", "a", "b")
    removals = read_removals(tmp_path / "removed.jsonl")
    for changed in (text + "x", text[:-1], text.replace(DOCUMENT_BREAK, "")):
        with pytest.raises(HanlineError, match="record"):
            list(restore_all(changed, removals))


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"text": "a"}\n', encoding="utf-8")
    with pytest.raises(HanlineError, match="row 1 is no record"):
        read_removals(file)
