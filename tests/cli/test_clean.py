"""`hanline clean`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hanline.data.document import LABELS, Document, Line, Segment
from hanline.model.classifier import LineClassifier

if TYPE_CHECKING:
    from tests.conftest import Hanline

LINES = (
    Line("首页 > 讲话 > 正文", "ad"),
    Line("在全县动员会上的讲话", "header"),
    Line(""),
    Line("同志们：", "salutation"),
    Line(""),
    Line("返回顶部", "ad"),
    Line(""),
    Line("一、提高认识", "heading"),
    Line("　　今天开会。", "body"),
    Line(
        "讲三件事。【广告】第一件，见下文登录后可读",
        "body",
        segments=(
            Segment(0, 5, "body"),
            Segment(5, 9, "ad"),
            Segment(9, 16, "body"),
            Segment(16, 21, "truncation"),
        ),
    ),
    Line("二、落实责任全文完", "heading", segments=(Segment(0, 6, "heading"), Segment(6, 9, "body"))),
    Line("剩余部分付费阅读", "truncation"),
)


@pytest.fixture(autouse=True)
def _labelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every document is the one above, as if the model had labelled it."""

    def labelled(self: LineClassifier, documents: object) -> object:
        for document in documents:  # type: ignore[attr-defined]
            yield [Document(document.id, LINES)]

    monkeypatch.setattr(LineClassifier, "classify_chunks", labelled)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text("甲")
    return path


def cleaned(hanline: Hanline, *arguments: object) -> list[str]:
    result = hanline("clean", *arguments)
    assert (result.code, result.err) == (0, "")
    return result.out.decode().split("\n")


def test_ads_and_notices_are_gone(page: Path, tiny_model: Path, hanline: Hanline) -> None:
    assert cleaned(hanline, page, "-m", tiny_model) == [
        "在全县动员会上的讲话",
        "",
        "同志们：",
        "",
        "一、提高认识",
        "　　今天开会。",
        "讲三件事。第一件，见下文",
        "二、落实责任",
        "全文完",
        "",
    ]


def test_markdown_marks_the_title_and_the_headings(page: Path, tiny_model: Path, hanline: Hanline) -> None:
    lines = cleaned(hanline, page, "-m", tiny_model, "--markdown")
    assert [line for line in lines if line.startswith("#")] == [
        "# 在全县动员会上的讲话",
        "## 一、提高认识",
        "## 二、落实责任",
    ]
    assert lines[1::2] == [""] * (len(lines) // 2)


def test_missing_text_can_be_marked(page: Path, tiny_model: Path, hanline: Hanline) -> None:
    lines = cleaned(hanline, page, "-m", tiny_model, "--mark-truncation")
    assert [line for line in lines if "[…]" in line] == ["讲三件事。第一件，见下文[…]", "[…]"]


def test_mixed_lines_can_stay_lines(page: Path, tiny_model: Path, hanline: Hanline) -> None:
    lines = cleaned(hanline, page, "-m", tiny_model, "--keep-lines")
    assert "二、落实责任全文完" in lines
    assert "　　今天开会。" in lines


@pytest.mark.parametrize("label", LABELS)
def test_one_label_alone_can_be_kept(label: str, page: Path, tiny_model: Path, hanline: Hanline) -> None:
    wanted = {
        "ad": ["首页 > 讲话 > 正文", "", "返回顶部", "", "【广告】", ""],
        "header": ["在全县动员会上的讲话", ""],
        "salutation": ["同志们：", ""],
        "heading": ["一、提高认识", "二、落实责任", ""],
        "body": ["　　今天开会。", "讲三件事。第一件，见下文", "全文完", ""],
        "truncation": ["登录后可读", "剩余部分付费阅读", ""],
    }
    assert cleaned(hanline, page, "-m", tiny_model, "--keep", label) == wanted[label]


def test_documents_in_one_stream_are_parted_by_a_form_feed(
    page: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "甲"}\n' * 3)
    arguments = (rows, "-m", tiny_model, "--keep", "salutation")
    assert cleaned(hanline, *arguments) == ["同志们：", "\f", "同志们：", "\f", "同志们：", ""]
    cleaned(hanline, *arguments, "-o", f"{tmp_path}/out/")
    assert (tmp_path / "out" / "rows.jsonl.txt").read_text().split("\n")[1] == "\f"


@pytest.mark.parametrize(("option", "suffix"), [([], ".txt"), (["--markdown"], ".md")])
def test_a_folder_gets_a_file_for_each(
    option: list[str], suffix: str, page: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline
) -> None:
    cleaned(hanline, page, "-m", tiny_model, "-o", f"{tmp_path}/out/", *option)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"page.txt{suffix}"]


def test_a_file_can_be_cleaned_in_its_place(page: Path, tiny_model: Path, hanline: Hanline) -> None:
    cleaned(hanline, page, "-m", tiny_model, "-o", page, "--keep", "salutation")
    assert page.read_text() == "同志们：\n"


@pytest.mark.parametrize("arguments", [["--keep", "title"], ["--keep", ""], ["--resume"]])
def test_wrong_usage_is_code_2(arguments: list[str], page: Path, tiny_model: Path, hanline: Hanline) -> None:
    result = hanline("clean", page, "-m", tiny_model, *arguments)
    assert (result.code, result.out) == (2, b"")
    assert "Traceback" not in result.err


def test_what_was_removed_is_recorded_and_can_be_put_back(
    hanline: Hanline, page: Path, tiny_model: Path, tmp_path: Path
) -> None:
    out, record, back = tmp_path / "clean.md", tmp_path / "removed.jsonl", tmp_path / "back.txt"
    assert hanline("clean", page, "-m", tiny_model, "--markdown", "-o", out, "--removed", record).code == 0
    rows = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    taken = [
        (row["text"], row["label"], row["line"], row["start"], row["end"]) for row in rows if row.get("label")
    ]
    assert ("【广告】", "ad", 10, 5, 9) in taken
    assert {label for _, label, *_ in taken} == {"ad", "truncation"}
    assert hanline("restore", out, "--removed", record, "--output", back).code == 0
    assert back.read_bytes() == Document("a", LINES).text.encode()


def test_a_record_of_a_folder_is_wrong_usage(hanline: Hanline, page: Path, tmp_path: Path) -> None:
    result = hanline("clean", page, "--output", f"{tmp_path}/out/", "--removed", tmp_path / "removed.jsonl")
    assert result.code == 2
    assert "--removed goes with" in result.err
