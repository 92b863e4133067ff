"""Evaluation: systems side by side, paired, on whole documents."""

import pytest

from hanline.data.document import Document, Line
from hanline.training.evaluation import evaluate
from hanline.training.systems import Majority, Rules, TfidfNeighbours, baselines, without_labels


def documents(count: int = 12) -> list[Document]:
    made = []
    for number in range(count):
        lines = (
            Line("当前位置：首页 > 通知公告", label="ad"),
            Line(f"关于第{number}号渡口停航的通知", label="header"),
            Line("各村民委员会：", label="salutation"),
            Line(""),
            Line("一、停航时间", label="heading"),
            Line(f"从{number}日起停航三天，大家不要去渡口等船。", label="body"),
            Line("（未完，全文共3000字）", label="truncation"),
        )
        made.append(Document(f"d{number}", lines, source=f"site{number % 3}"))
    return made


def test_a_learned_baseline_beats_the_majority_on_documents_it_did_not_see() -> None:
    train, test = documents()[:9], documents()[9:]
    figures = evaluate({"test": test}, [TfidfNeighbours(train), Majority(train), Rules()])["test"]
    systems = figures["systems"]
    assert (figures["documents"], figures["lines"]) == (3, 18)
    assert systems["tf-idf"]["macro_f1"] > 0.9 > systems["majority"]["macro_f1"]
    assert systems["rules"]["macro_f1"] > 0.9
    pairs = {(row["first"], row["second"]): row for row in figures["comparisons"]}
    assert pairs["tf-idf", "majority"]["difference"] > 0.5
    assert pairs["tf-idf", "majority"]["p"] < 0.05


def test_sets_are_also_taken_together() -> None:
    everything = documents()
    figures = evaluate({"a": everything[:4], "b": everything[4:]}, [Rules()])
    assert set(figures) == {"a", "b", "all"}
    assert figures["all"]["lines"] == figures["a"]["lines"] + figures["b"]["lines"]
    assert len(figures["all"]["systems"]["rules"]["by_source"]) == 3


def test_errors_come_with_their_neighbours() -> None:
    test = documents(2)
    figures = evaluate({"test": test}, [Majority([Document("x", (Line("y", label="body"),))])])
    errors = figures["test"]["systems"]["majority"]["errors"]
    assert len(errors) == 10
    first = next(error for error in errors if error["document"] == "d0" and error["line"] == 3)
    assert (first["gold"], first["predicted"]) == ("salutation", "body")
    assert [row["line"] for row in first["context"]] == [1, 2, 3, 4, 5]


def test_systems_see_no_labels() -> None:
    bare = without_labels(documents(1)[0])
    assert bare.labels() == [None] * 7
    assert bare.text == documents(1)[0].text


@pytest.mark.parametrize("system", baselines(documents()), ids=lambda system: system.name)
def test_every_baseline_labels_every_line_and_no_blank_one(system) -> None:  # type: ignore[no-untyped-def]
    for told in system.label([without_labels(document) for document in documents(2)]):
        assert [label is None for label in told.labels()] == [False, False, False, True, False, False, False]
        assert all(0 <= (line.score or 0) <= 1 for line in told.lines)


def test_lengths_are_told_apart() -> None:
    rows = evaluate({"test": documents(3)}, [Rules()])["test"]["systems"]["rules"]["by_length"]
    assert [row["length"] for row in rows] == ["1 to 10", "11 to 30"]
    assert sum(row["lines"] for row in rows) == 18
