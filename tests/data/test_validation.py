"""Faults of labelled documents."""

import json
from pathlib import Path
from typing import Any

import pytest

from hanline.data.document import Document
from hanline.data.reading import Fault
from hanline.data.validation import validate

GOOD: dict[str, Any] = {"text": "甲乙丙", "label": "body"}


def check(file: Path, *rows: object) -> list[str]:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return [str(item) for item in validate([file]) if isinstance(item, Fault)]


def segments(*parts: tuple[int, int, str]) -> list[dict[str, Any]]:
    return [{"start": start, "end": end, "label": label} for start, end, label in parts]


def test_a_good_document_has_no_fault(tmp_path: Path) -> None:
    mixed = {**GOOD, "segments": segments((0, 2, "body"), (2, 3, "ad"))}
    assert check(tmp_path / "a.jsonl", {"id": "a", "lines": [GOOD, {"text": ""}, mixed]}) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"text": "甲"}, "line 2 has no label"),
        ({"text": "甲", "label": "title"}, "line 2: unknown label 'title'"),
        ({"text": " ", "label": "ad"}, "line 2: a blank line carries no label"),
        ({"text": "甲\n乙", "label": "ad"}, "line 2: the text of a line holds a line break"),
        ({"label": "ad"}, "line 2: must be an object with a 'text'"),
        ("甲", "line 2: must be an object with a 'text'"),
        ({**GOOD, "label": 3}, "line 2: 'label' has the wrong type: 3"),
        ({**GOOD, "score": "high"}, "line 2: 'score' has the wrong type: 'high'"),
        ({**GOOD, "segments": 5}, "line 2: 'segments' has the wrong type: 5"),
        ({**GOOD, "segments": [{"start": 0, "end": 1}]}, "line 2: a segment needs start, end and label"),
        (
            {**GOOD, "segments": [{"start": 0, "end": 1.5, "label": "ad"}]},
            "line 2: a segment needs whole start",
        ),
        ({**GOOD, "segments": segments((0, 9, "ad"))}, "line 2: a segment ends at 9, after the end"),
        ({**GOOD, "segments": segments((0, 1, "body"), (1, 3, "ad"))}, "line 2 is labelled body, but most"),
        (
            {**GOOD, "segments": segments((0, 1, "body"), (1, 3, "body"))},
            "line 2 has two neighbouring segments",
        ),
    ],
)
def test_a_fault_is_named_once_with_its_file_and_line(line: object, problem: str, tmp_path: Path) -> None:
    (fault,) = check(tmp_path / "a.jsonl", {"id": "a", "lines": [GOOD, line]})
    assert fault.startswith(f"{tmp_path / 'a.jsonl'}: ")
    assert problem in fault


def test_an_id_stands_for_one_document(tmp_path: Path) -> None:
    row = {"id": "a", "lines": [GOOD]}
    assert check(tmp_path / "a.jsonl", row, row) == [
        f"{tmp_path}/a.jsonl: the id a stands in {tmp_path}/a.jsonl already"
    ]


def test_documents_without_an_id_are_named_after_their_row(tmp_path: Path) -> None:
    rows = [{"lines": [GOOD]}, {"id": None, "lines": [GOOD]}]
    assert check(tmp_path / "a.jsonl", *rows) == []
    found = [item.id for item in validate([tmp_path / "a.jsonl"]) if isinstance(item, Document)]
    assert found == [f"{tmp_path}/a.jsonl:1", f"{tmp_path}/a.jsonl:2"]


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    assert [str(item) for item in validate([tmp_path / "none"])] == [
        f"{tmp_path}/none: no such file or folder"
    ]
