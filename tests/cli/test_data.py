"""`hanline data`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hanline.data.document import Document
from hanline.data.reading import Fault, read_documents

if TYPE_CHECKING:
    from tests.conftest import Hanline


def rows(count: int) -> list[str]:
    lines = [
        {"text": "通知", "label": "header"},
        {"text": "", "label": None},
        {"text": "正文。", "label": "body"},
    ]
    return [
        json.dumps({"id": f"d{number}", "source": f"s{number % 5}", "lines": lines}, ensure_ascii=False)
        for number in range(count)
    ]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(rows(30)), encoding="utf-8")
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Thirty documents, and a broken row after the first ten."""
    path = tmp_path / "broken.jsonl"
    path.write_text("\n".join([*rows(30)[:10], "{", *rows(30)[10:]]), encoding="utf-8")
    return path


def ids(path: Path) -> list[str]:
    found = list(read_documents(path))
    assert not [item for item in found if isinstance(item, Fault)]
    return [item.id for item in found if isinstance(item, Document)]


def test_good_documents_are_valid(labelled: Path, hanline: Hanline) -> None:
    result = hanline("data", "validate", labelled)
    assert (result.code, result.out, result.err) == (0, b"30 documents, 60 lines, 0 faults\n", "")


def test_faults_are_named_and_counted(broken: Path, hanline: Hanline) -> None:
    result = hanline("data", "validate", broken, broken.parent / "none")
    assert (result.code, result.out) == (1, b"30 documents, 60 lines, 2 faults\n")
    assert [line.split(": ")[1:3] for line in result.errors] == [
        [str(broken), "row 11"],
        [f"{broken.parent}/none", "no such file or folder"],
    ]


def test_statistics_as_a_table_and_as_json(labelled: Path, hanline: Hanline) -> None:
    table = hanline("data", "stats", labelled)
    figures = json.loads(hanline("data", "stats", labelled, "--json").out)
    assert (figures["documents"], figures["labels"]["header"]) == (30, {"lines": 30, "share": 0.5})
    assert table.code == 0
    assert "documents             30" in table.out.decode()


def test_statistics_of_the_good_rows_are_shown_beside_a_broken_one(broken: Path, hanline: Hanline) -> None:
    result = hanline("data", "stats", broken, "--json")
    assert (result.code, len(result.errors)) == (1, 1)
    assert json.loads(result.out)["documents"] == 30


def test_a_split_is_whole_and_keeps_sources_together(
    labelled: Path, tmp_path: Path, hanline: Hanline
) -> None:
    parts = [tmp_path / name for name in ("train.jsonl", "dev.jsonl")]
    outputs = [argument for part in parts for argument in ("-o", part)]
    assert hanline("data", "split", labelled, *outputs, "--shares", "3,2", "--by-source").code == 0
    assert sorted(ids(parts[0]) + ids(parts[1])) == sorted(ids(labelled))
    first, second = ({int(name[1:]) % 5 for name in ids(part)} for part in parts)
    assert not first & second


def test_a_split_writes_the_good_rows_beside_a_broken_one(
    broken: Path, tmp_path: Path, hanline: Hanline
) -> None:
    result = hanline("data", "split", broken, "-o", tmp_path / "a.jsonl", "--shares", "1")
    assert (result.code, len(result.errors)) == (1, 1)
    assert len(ids(tmp_path / "a.jsonl")) == 30


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "a.jsonl", "-o", "b.jsonl"],
        ["-o", "a.jsonl", "-o", "b.jsonl", "--shares", "1,0"],
        ["-o", "a.jsonl", "-o", "b.jsonl", "--shares", "1,x"],
        ["-o", "a.jsonl", "-o", "a.jsonl", "--shares", "1,1"],
        ["-o", "a.jsonl", "-o", "b.txt", "--shares", "1,1"],
    ],
)
def test_a_split_that_cannot_be_is_wrong_usage_and_writes_nothing(
    arguments: list[str], labelled: Path, hanline: Hanline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(labelled.parent)
    result = hanline("data", "split", labelled, *arguments)
    assert (result.code, result.out) == (2, b"")
    assert list(labelled.parent.iterdir()) == [labelled]


def test_conversion_there_and_back_keeps_lines_and_labels(
    labelled: Path, tmp_path: Path, hanline: Hanline
) -> None:
    source = labelled
    for kind in ("csv", "parquet", "tsv", "jsonl"):
        assert hanline("data", "convert", source, "-o", tmp_path / f"out.{kind}").code == 0
        source = tmp_path / f"out.{kind}"
    read, wanted = (
        [(item.id, item.text, item.labels()) for item in read_documents(path) if isinstance(item, Document)]
        for path in (source, labelled)
    )
    assert read == wanted


def test_conversion_to_an_unknown_format_is_wrong_usage(
    labelled: Path, tmp_path: Path, hanline: Hanline
) -> None:
    result = hanline("data", "convert", labelled, "-o", tmp_path / "out.xlsx")
    assert result.code == 2
    assert "out.xlsx" in result.err


def test_a_built_set_is_valid_and_the_same_for_the_same_seed(
    labelled: Path, tmp_path: Path, hanline: Hanline
) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        arguments = ("--no-corpus", "--labelled", labelled, "--documents", 20, "-o", tmp_path / name)
        assert hanline("data", "build", *arguments).code == 0
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert hanline("data", "validate", tmp_path / "a.jsonl").code == 0


def test_building_from_nothing_is_refused(tmp_path: Path, hanline: Hanline) -> None:
    result = hanline("data", "build", "--no-corpus", "-o", tmp_path / "a.jsonl")
    assert (result.code, list(tmp_path.iterdir())) == (1, [])
    assert result.errors[0] == "error: nothing to draw from"
