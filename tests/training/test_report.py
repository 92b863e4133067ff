import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from hanline.data.document import Document, Line, Segment
from hanline.training.evaluation import evaluate
from hanline.training.report import cells, in_words, render, shorten, write_report
from hanline.training.systems import Majority, Rules

SCRIPT = "<script>alert('微信')</script>"
MIXED = Line(
    "会议到此结束。 更多范文请加微信",
    label="body",
    segments=(Segment(0, 7, "body"), Segment(8, 16, "ad")),
)


def document(name: str, *lines: Line) -> Document:
    return Document(name, lines, source=f"{name}.example")


def documents() -> list[Document]:
    return [
        document(
            "a<b", Line("关于开展春季植树的通知", "header"), Line(""), Line("各村委会：", "salutation"), MIXED
        ),
        document("b", Line("一、目标", "heading"), Line(SCRIPT, "body"), Line("扫码下载全文", "ad")),
        document("c", Line("树" * 2000, "body"), Line("\ud800未完待续", "truncation", ending="")),
    ]


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    gold = documents()
    return evaluate({"first.jsonl": gold, "<set>": gold[:2]}, [Rules(), Majority(gold)])


@pytest.fixture(scope="module")
def written(figures: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(figures, tmp_path_factory.mktemp("reports") / "new" / "folder")


@pytest.fixture(scope="module")
def page(written: Path) -> str:
    return written.read_text(encoding="utf-8")


class Reader(HTMLParser):
    """Collects the tags, the attributes, and the text of the headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.headings: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.tags and re.fullmatch("h[1-4]", self.tags[-1]):
            self.headings.append(data.strip())


def test_writes_page_and_figures(written: Path, page: str) -> None:
    assert written.parts[-3:] == ("new", "folder", "report.html")
    assert sorted(file.name for file in written.parent.iterdir()) == ["report.html", "report.json"]
    assert "开展春季植树" in page


def test_json_round_trips(figures: dict[str, Any], written: Path) -> None:
    text = written.with_suffix(".json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(figures))
    assert "开展春季植树" in text


def test_same_figures_same_page(figures: dict[str, Any]) -> None:
    part = {"first.jsonl": figures["first.jsonl"]}
    assert render(part) == render(part)


def test_page_loads_nothing(page: str) -> None:
    reader = Reader(page)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(reader.tags)
    assert not {"src", "srcset", "data", "poster"} & {name for name, _ in reader.attributes}
    links = [value for name, value in reader.attributes if name.endswith("href")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert all(target.startswith("#") for target in re.findall(r"url\(['\"]?([^)]*)", page))
    assert "@import" not in page
    assert not re.search(r"https?://", page)


def test_ids_are_unique_and_links_find_them(page: str) -> None:
    attributes = Reader(page).attributes
    ids = [value for name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in attributes if name.endswith("href")} <= set(ids)


def test_text_of_documents_and_names_is_escaped(page: str) -> None:
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;set&gt;" in page
    assert "a&lt;b" in page


def test_every_set_has_every_section(page: str) -> None:
    headings = Reader(page).headings
    of_set = ["Systems", "macro-F1 and its interval", "Paired differences", "Segments", "System by system"]
    of_system = ["Labels", "Confusion matrix", "Reliability", "By line length", "By source", "Worst errors"]
    assert headings.count("Evaluation") == 1
    assert {name: headings.count(name) for name in of_set} == dict.fromkeys(of_set, 3)
    assert {name: headings.count(name) for name in of_system} == dict.fromkeys(of_system, 6)


def test_errors_show_gold_and_predicted(page: str) -> None:
    chip = '<span class="chip {0}">{0}</span>'
    assert f"{chip.format('truncation')} taken for {chip.format('body')}" in page
    assert "(blank)" in page


def test_one_system_and_no_mixed_lines() -> None:
    plain = [document("d", Line("一、目标", "heading"))]
    page = render(evaluate({"one": plain}, [Rules()]))
    assert "Only one system was measured." in page
    assert "No line is wrong." in page
    assert "Segments" not in Reader(page).headings
    assert "<nav" not in page


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [(0.01, 0.09, "leaves out zero"), (-0.09, -0.01, "leaves out zero"), (-0.1, 0.1, "holds")],
)
def test_difference_in_words(low: float, high: float, says: str) -> None:
    middle = (low + high) / 2
    row = {"first": "a", "second": "b", "difference": middle, "interval": (low, high), "p": 0.0}
    words = in_words(row)
    assert says in words
    assert f"{abs(100 * middle):.1f} points of macro-F1 {'below' if middle < 0 else 'above'} b" in words
    assert "p < 0.001" in words


def test_cells_of_an_empty_row() -> None:
    assert [cell["share"] for cell in cells([0, 0], 1)] == [0, 0]
    assert [cell["right"] for cell in cells([1, 3], 1)] == [False, True]


def test_long_lines_keep_both_ends() -> None:
    text = shorten("首" + "中" * 998 + "尾", 100)
    assert text == "首" + "中" * 59 + " [… 900 characters …] " + "中" * 39 + "尾"
    assert shorten(" 短 ", 100) == "短"
