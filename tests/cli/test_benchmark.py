"""`hanline benchmark`."""

from pathlib import Path

from tests.conftest import Hanline


def test_it_says_what_a_million_lines_take(hanline: Hanline, tiny_model: Path) -> None:
    result = hanline("benchmark", "-m", tiny_model, "--passes", "1", "--device", "cpu")
    assert result.code == 0
    head, columns, *rows = result.out.decode().splitlines()
    assert "ONNX Runtime" in head
    assert columns.split() == ["lines/s", "a", "million", "lines", "time", "by", "stage"]
    for name, row in zip(("with segments", "lines alone"), rows, strict=True):
        assert row.startswith(name)
        assert all(stage in row for stage in ("tokenizing", "packing", "model", "decoding"))
