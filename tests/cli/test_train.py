"""`hanline train`, `evaluate` and `export` from the shell, with a model made on the spot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Hanline

SMALL = [
    "optimizer.steps=4",
    "stop.evaluation_steps=2",
    "optimizer.windows_per_step=2",
    "optimizer.windows_per_pass=2",
]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    rows = [
        {"id": f"d{n}", "source": f"s{n}", "lines": [
            {"text": "点击下载全文", "label": "ad"},
            {"text": f"关于第{n}号渡口的通知", "label": "header"},
            {"text": "同志们：", "label": "salutation"},
            {"text": "今天开会，讲三件事。", "label": "body"},
        ]}
        for n in range(8)
    ]  # fmt: skip
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_trained_model_labels_and_is_measured(
    hanline: Hanline, lines: Path, tiny_model: Path, tmp_path: Path
) -> None:
    changes = [part for change in [f"base={tiny_model}", *SMALL] for part in ("--set", change)]
    trained = hanline("train", "smoke", "--data", lines, "--dev", lines, "--out", tmp_path / "run", *changes)
    assert trained.code == 0, trained.err
    model = tmp_path / "run" / "model"
    assert trained.out.decode().strip() == str(model)
    told = hanline("classify", lines, "-m", model, "--format", "jsonl")
    assert (told.code, len(told.out.splitlines())) == (0, 8)
    measured = hanline(
        "evaluate", lines, "-m", model, "-m", tiny_model, "--no-baselines", "--report", tmp_path / "report"
    )
    assert measured.code == 0, measured.err
    assert "lines.jsonl: 8 documents, 32 lines" in measured.out.decode()
    assert "points of macro-F1" in measured.out.decode()
    figures = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert set(figures["lines.jsonl"]["systems"]) == {str(model), str(tiny_model)}
    gated = hanline("evaluate", lines, "-m", tiny_model, "--no-baselines", "--min-macro-f1", "0.99")
    assert (gated.code, "below 0.99" in gated.err) == (1, True)
    exported = hanline("export", model)
    assert (exported.code, "logits differ from torch by at most" in exported.out.decode()) == (0, True)


def test_a_wrong_setting_is_one_line_with_a_way_out(hanline: Hanline, lines: Path, tmp_path: Path) -> None:
    result = hanline("train", "smoke", "--data", lines, "--out", tmp_path, "--set", "optimizer.step=3")
    assert result.code == 1
    assert result.err == "error: optimizer.step is not a setting\nhint: did you mean optimizer.steps?\n"
