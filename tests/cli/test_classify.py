"""`hanline classify`: formats, outputs, going on after a kill, and what it needs to run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet
import pytest

from hanline.data.document import LABELS, Document
from hanline.data.reading import read_documents
from hanline.model.classifier import LineClassifier

if TYPE_CHECKING:
    from tests.conftest import Hanline

PAGE = "点击下载全文\n在全县动员会上的讲话\r\n\n同志们：\n\u2028今天开会，\t讲三件事。"
TEXTS = PAGE.replace("\r", "").split("\n")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_bytes(PAGE.encode("gb18030"))
    return path


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Documents of many lengths, so that what is read together matters."""
    path = tmp_path / "many.jsonl"
    rows = (
        {"id": str(number), "text": (f"{number}、同志们开会\n" * (number % 7 + 1))} for number in range(40)
    )
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def python(code: str, *arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


def documents(path: Path) -> list[Document]:
    found = list(read_documents(path))
    assert all(isinstance(item, Document) for item in found)
    return [item for item in found if isinstance(item, Document)]


@pytest.mark.parametrize("kind", ["jsonl", "tsv", "csv", "parquet"])
def test_what_is_written_is_a_labelled_document(
    kind: str, page: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline
) -> None:
    output = tmp_path / f"out.{kind}"
    assert hanline("classify", page, "-m", tiny_model, "-o", output).code == 0
    (document,) = documents(output)
    assert document.id == str(page)
    assert [line.text for line in document.lines] == TEXTS
    assert [line.label is None for line in document.lines] == [line.blank for line in document.lines]
    assert all(0 < (line.score or 0) <= 1 for line in document.lines if not line.blank)


def test_standard_output_in_a_pipe_is_tsv(page: Path, tiny_model: Path, hanline: Hanline) -> None:
    result = hanline("classify", page, "-m", tiny_model)
    rows = [row.split("\t") for row in result.out.decode().split("\n")]
    assert (result.code, result.err) == (0, "")
    assert rows[0] == ["document", "line", "label", "score", "text"]
    assert [row[:2] for row in rows[1:-1]] == [[str(page), str(number)] for number in range(1, 6)]


def test_standard_input_and_output_are_dashes(tiny_model: Path, hanline: Hanline) -> None:
    result = hanline("classify", "-", "-m", tiny_model, "-f", "jsonl", "-o", "-", stdin=PAGE.encode())
    row = json.loads(result.out)
    assert (result.code, row["id"], [line["text"] for line in row["lines"]]) == (0, "-", TEXTS)


def test_pretty_shows_labels_and_lines(
    page: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline
) -> None:
    shown = hanline("classify", page, page, "-m", tiny_model, "--format", "pretty").out.decode()
    assert shown.count("同志们：") == 2
    assert any(label in shown for label in LABELS)
    hanline("classify", page, page, "-m", tiny_model, "--format", "pretty", "-o", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == shown


def test_parquet_can_go_to_standard_output(page: Path, tiny_model: Path, hanline: Hanline) -> None:
    data = hanline("classify", page, "-m", tiny_model, "-f", "parquet").out
    assert pyarrow.parquet.read_table(pyarrow.BufferReader(data))["text"].to_pylist() == TEXTS


def test_segments_can_be_left_out(tiny_model: Path, hanline: Hanline) -> None:
    text = ("同志们：今天开会，讲三件事。点击下载全文" * 30).encode()
    mixed, plain = (
        json.loads(hanline("classify", "-", "-m", tiny_model, "-f", "jsonl", option, stdin=text).out)[
            "lines"
        ][0]
        for option in ("--segments", "--no-segments")
    )
    assert "segments" in mixed
    assert "segments" not in plain


@pytest.mark.parametrize("exists", [False, True])
def test_a_folder_gets_a_file_for_each(
    exists: bool, page: Path, many: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline
) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    page.rename(tmp_path / "in" / "deep" / "page.txt")
    many.rename(tmp_path / "in" / "many.jsonl")
    if exists:
        (tmp_path / "out").mkdir()
    output = tmp_path / "out" if exists else f"{tmp_path}/out/"
    assert hanline("classify", tmp_path / "in", "-m", tiny_model, "-o", output, "-f", "tsv").code == 0
    found = {str(path.relative_to(tmp_path / "out")): path for path in (tmp_path / "out").rglob("*.*")}
    assert sorted(found) == ["deep/page.txt.tsv", "many.jsonl.tsv"]
    assert len(documents(found["many.jsonl.tsv"])) == 40


def test_two_inputs_never_share_an_output(tiny_model: Path, tmp_path: Path, hanline: Hanline) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.txt").write_text("甲")
    result = hanline(
        "classify",
        tmp_path / "a/page.txt",
        tmp_path / "b/page.txt",
        "-m",
        tiny_model,
        "-o",
        f"{tmp_path}/out/",
    )
    assert result.code == 1
    assert "would both be written to" in result.errors[0]
    assert not (tmp_path / "out").exists()


def test_an_output_in_its_own_input_folder_does_not_read_itself(
    page: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline
) -> None:
    assert hanline("classify", tmp_path, "-m", tiny_model, "-o", tmp_path / "out.jsonl").code == 0
    assert [document.id for document in documents(tmp_path / "out.jsonl")] == [str(page)]


KILLED = """
    import os, signal, sys
    from hanline.cli.main import app
    from hanline.data import writing
    from hanline.model import classifier

    classifier.CHUNK_CHARACTERS = 300
    write, written = writing.JsonlWriter.write, 0

    def dying(self, document):
        global written
        written += 1
        if written == 25:
            self.stream.write(b'{"id": "half a docu')
            self.stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, document)

    writing.JsonlWriter.write = dying
    app()
"""


ALONE = ("--workers", "1")


def test_workers_give_what_one_process_gives(
    many: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanline.model.classifier.CHUNK_CHARACTERS", 100)
    alone, shared = tmp_path / "alone.jsonl", tmp_path / "shared.jsonl"
    hanline("classify", many, "-m", tiny_model, "-o", alone, *ALONE)
    assert hanline("classify", many, "-m", tiny_model, "-o", shared, "--workers", "2").code == 0
    assert shared.read_bytes() == alone.read_bytes()


class DyingPool(ProcessPoolExecutor):
    """A pool whose processes are killed as soon as all are started."""

    def submit(self, *arguments: Any, **options: Any) -> Future[Any]:
        future = super().submit(*arguments, **options)
        if len(self._processes) == 2:
            for process in self._processes.values():
                process.kill()
        return future


def test_a_dead_worker_is_named(
    many: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanline.model.classifier.CHUNK_CHARACTERS", 100)
    monkeypatch.setattr("hanline.model.workers.ProcessPoolExecutor", DyingPool)
    result = hanline("classify", many, "-m", tiny_model, "-o", tmp_path / "out.jsonl", "--workers", "2")
    assert result.code == 1
    assert "a worker process died" in result.err
    assert not (tmp_path / "out.jsonl").exists()


def test_a_killed_run_goes_on_to_the_very_file_of_an_unbroken_one(
    many: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline, monkeypatch: pytest.MonkeyPatch
) -> None:
    together: list[list[str]] = []
    classify = LineClassifier.classify_chunk

    def recorded(self: LineClassifier, texts: Sequence[Document], *, segments: bool = True) -> list[Document]:
        together.append([document.id for document in texts])
        return classify(self, texts, segments=segments)

    monkeypatch.setattr("hanline.model.classifier.CHUNK_CHARACTERS", 300)
    monkeypatch.setattr(LineClassifier, "classify_chunk", recorded)
    hanline("classify", many, "-m", tiny_model, "-o", tmp_path / "whole.jsonl", *ALONE)
    unbroken = together.copy()
    together.clear()

    broken = tmp_path / "broken.jsonl"
    killed = python(KILLED, "classify", many, "-m", tiny_model, "-o", broken, *ALONE)
    assert killed.returncode == -signal.SIGKILL
    assert not broken.exists()
    assert hanline("classify", many, "-m", tiny_model, "-o", broken, "--resume", *ALONE).code == 0
    assert broken.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert not list(tmp_path.glob("*.part*"))
    # What is read together decides the last digits of a score: the same documents must be, or luck made it equal.
    assert 0 < len(together) < len(unbroken)
    assert together == unbroken[-len(together) :]


@pytest.mark.parametrize("kind", ["tsv", "jsonl"])
@pytest.mark.parametrize("stop", [1, 2, 3])
def test_an_interrupted_run_goes_on(
    stop: int,
    kind: str,
    many: Path,
    tiny_model: Path,
    tmp_path: Path,
    hanline: Hanline,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hanline.model.classifier.CHUNK_CHARACTERS", 300)
    whole, broken = tmp_path / f"whole.{kind}", tmp_path / f"broken.{kind}"
    hanline("classify", many, "-m", tiny_model, "-o", whole)
    with pytest.MonkeyPatch.context() as patch:
        stream = LineClassifier.classify_chunks

        def interrupting(self: LineClassifier, texts: object, *, segments: bool) -> object:
            for number, chunk in enumerate(stream(self, texts, segments=segments)):  # type: ignore[arg-type]
                if number == stop:
                    raise KeyboardInterrupt
                yield chunk

        patch.setattr(LineClassifier, "classify_chunks", interrupting)
        result = hanline("classify", many, "-m", tiny_model, "-o", broken)
    assert (result.code, result.errors) == (130, ["error: interrupted; go on with --resume"])
    assert not broken.exists()
    assert hanline("classify", many, "-m", tiny_model, "-o", broken, "--resume").code == 0
    assert broken.read_bytes() == whole.read_bytes()


def test_resuming_a_folder_leaves_what_is_whole(
    page: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline
) -> None:
    (tmp_path / "other.txt").write_text("乙")
    done = tmp_path / "out" / "page.txt.jsonl"
    done.parent.mkdir()
    done.write_text("whole")
    arguments = ("classify", page, tmp_path / "other.txt", "-m", tiny_model, "-o", tmp_path / "out")
    assert hanline(*arguments, "--resume").code == 0
    assert done.read_text() == "whole"
    assert len(documents(tmp_path / "out" / "other.txt.jsonl")) == 1
    assert hanline(*arguments).code == 0
    assert done.read_text() != "whole"


@pytest.mark.parametrize(
    "arguments",
    [["--resume"], ["--resume", "-o", "out.parquet"], ["-f", "xml"], ["--threads", "0"], ["--device", "tpu"]],
)
def test_wrong_usage_is_code_2_and_writes_nothing(
    arguments: list[str], page: Path, tiny_model: Path, hanline: Hanline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(page.parent)
    result = hanline("classify", page, "-m", tiny_model, *arguments)
    assert (result.code, result.out) == (2, b"")
    assert "Usage:" in result.err
    assert "Traceback" not in result.err
    assert list(page.parent.iterdir()) == [page]


def test_help_loads_no_heavy_library() -> None:
    result = python(
        """
        import sys
        from hanline.cli.main import app
        sys.argv = ["hanline", "--help"]
        try:
            app()
        except SystemExit:
            print(sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
        """
    )
    loaded = result.stderr.decode()
    assert b"classify" in result.stdout
    assert "typer" in loaded
    assert not [
        name for name in ("torch", "transformers", "onnxruntime", "numpy", "pyarrow") if f"'{name}'" in loaded
    ]


def test_classify_needs_none_of_the_training_libraries(page: Path, tiny_model: Path) -> None:
    result = python(
        """
        import sys
        for name in ("torch", "transformers", "datasets", "accelerate", "sklearn", "matplotlib", "onnx", "yaml",
                     "huggingface_hub", "safetensors", "opencc", "sentencepiece", "gensim", "scipy"):
            sys.modules[name] = None
        from hanline.cli.main import app
        app()
        """,
        *("classify", page, "-m", tiny_model, "-f", "jsonl"),
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert [line["text"] for line in json.loads(result.stdout)["lines"]] == TEXTS
