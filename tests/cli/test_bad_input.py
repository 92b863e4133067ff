"""Whatever is broken is named in one line, costs nothing beside it, and leaves nothing half-written."""

from __future__ import annotations

import errno
import gzip
import json
import lzma
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow
import pytest

from hanline.data.reading import Fault, read_documents
from hanline.model.classifier import CHUNK_CHARACTERS

if TYPE_CHECKING:
    from tests.conftest import Hanline, Result

COMMAND = [sys.executable, "-m", "hanline.cli"]
TEXT = "同志们：\n今天开会，讲三件事。\n"
LONG = "".join(f"第{number}件事，{number * 7919 % 10007}。\n" for number in range(2000)).encode()


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def rows(*lines: str) -> bytes:
    good = json.dumps({"id": "good", "text": TEXT}, ensure_ascii=False)
    return "\n".join([good, *lines, good]).encode()


BAD: dict[str, tuple[str, bytes, str]] = {
    "binary": ("bad.txt", b"\x89PNG\r\n\x1a\n" + bytes(100), "looks like a binary file"),
    "invalid UTF-8": ("bad.txt", TEXT.encode() + b"\xff" + TEXT.encode(), "invalid UTF-8 at byte"),
    "cut gz": ("bad.txt.gz", cut(gzip.compress(LONG)), "damaged or cut off"),
    "cut xz": ("bad.txt.xz", cut(lzma.compress(LONG)), "damaged or cut off"),
    "cut zst": ("bad.txt.zst", cut(pyarrow.Codec("zstd").compress(LONG, asbytes=True)), "Truncated"),
    "not gz": ("bad.txt.gz", LONG, "Not a gzipped file"),
    "broken row": ("bad.jsonl", rows('{"text": '), "row 2: not valid JSON"),
    "unknown label": (
        "bad.jsonl",
        rows('{"lines": [{"text": "甲", "label": "title"}]}'),
        "row 2: line 1: unknown label 'title'",
    ),
    "other field": (
        "bad.jsonl",
        b'{"content": "a"}',
        "row 1: has neither 'lines' nor text in a field 'text'",
    ),
    "binary rows": ("bad.jsonl", bytes(100) + b"\n" + bytes(100), "looks like a binary file"),
    "no column": ("bad.csv", b"a,b\n1,2\n", "has no column document, text"),
    "open quote": ("bad.tsv", b'document\ttext\na\t"b\n', "unexpected end of data"),
    "no Parquet": ("bad.parquet", TEXT.encode(), "is not a readable Parquet file"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good document before and after what a test adds."""
    path = tmp_path / "in"
    path.mkdir()
    for name in ("a.txt", "z.txt"):
        (path / name).write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def classify(folder: Path, tiny_model: Path, hanline: Hanline) -> Callable[..., Result]:
    """Classify a folder, or what is named instead, with the tiny model."""

    def run(*arguments: object, model: Path = tiny_model, **keywords: Any) -> Result:
        return hanline("classify", *(arguments or [folder]), "-m", model, **keywords)

    return run


def done(out: bytes) -> list[str]:
    """The documents in a JSON Lines output."""
    return [Path(json.loads(row)["id"]).name for row in out.splitlines()]


@pytest.mark.parametrize("case", BAD)
def test_a_broken_file_is_named_and_costs_no_other(
    case: str, folder: Path, classify: Callable[..., Result]
) -> None:
    name, data, problem = BAD[case]
    (folder / name).write_bytes(data)
    result = classify(folder, "-f", "jsonl")
    assert result.code == 1
    (error,) = result.errors
    assert error.startswith(f"error: {folder / name}: ")
    assert problem in error
    assert [name for name in done(result.out) if name != "good"] == ["a.txt", "z.txt"]
    assert done(result.out).count("good") == 2 * data.startswith(rows()[:10])


@pytest.mark.parametrize("case", BAD)
def test_a_broken_file_has_no_output_but_its_good_rows(
    case: str, folder: Path, tmp_path: Path, classify: Callable[..., Result]
) -> None:
    name, data, _ = BAD[case]
    (folder / name).write_bytes(data)
    assert classify(folder, "-o", f"{tmp_path}/out/").code == 1
    names = {path.name for path in (tmp_path / "out").iterdir()}
    good = {"bad.jsonl.jsonl"} if data.startswith(rows()[:10]) else set()
    assert names == {"a.txt.jsonl", "z.txt.jsonl"} | good
    assert not [
        item
        for path in (tmp_path / "out").iterdir()
        for item in read_documents(path)
        if isinstance(item, Fault)
    ]


@pytest.mark.parametrize(
    "name",
    [
        "b.txt",
        "b.jsonl",
        "b.csv",
    ],
)
def test_an_empty_file_is_no_fault(name: str, folder: Path, classify: Callable[..., Result]) -> None:
    (folder / name).write_bytes(b"")
    result = classify(folder, "-f", "tsv")
    assert (result.code, result.err) == (0, "")
    assert result.out.count("今天".encode()) == 2


def test_a_line_of_two_megabytes_is_labelled(folder: Path, classify: Callable[..., Result]) -> None:
    (folder / "b.txt").write_text("讲话" * 350_000, encoding="utf-8")
    result = classify(folder, "--no-segments", "-f", "jsonl")
    assert (result.code, result.err) == (0, "")
    assert done(result.out) == ["a.txt", "b.txt", "z.txt"]


@pytest.mark.parametrize("output", [[], ["-o", "out.jsonl"], ["-o", "out/"]])
def test_a_missing_input_is_named_and_the_rest_is_done(
    output: list[str], folder: Path, classify: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    result = classify("in/a.txt", "in/none.txt", "in/z.txt", *output)
    assert (result.code, result.errors) == (1, ["error: in/none.txt: no such file or folder"])
    assert [path.name for path in sorted(Path().rglob("*.jsonl"))] == {
        "": [],
        "out.jsonl": ["out.jsonl"],
        "out/": ["a.txt.jsonl", "z.txt.jsonl"],
    }["".join(output[1:])]


def test_where_nothing_could_be_read_an_older_output_stays(
    tmp_path: Path, classify: Callable[..., Result]
) -> None:
    (tmp_path / "out.jsonl").write_text("old")
    assert classify(tmp_path / "none", "-o", tmp_path / "out.jsonl").code == 1
    assert (tmp_path / "out.jsonl").read_text() == "old"
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("output", [[], ["-o", "out/"]])
def test_links_and_closed_folders_are_named_and_the_rest_is_done(
    output: list[str], folder: Path, classify: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "closed").mkdir()
    (folder / "dangling.txt").symlink_to("none")
    (folder / "loop").symlink_to("loop")
    listing = Path.iterdir

    def refusing(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(Path, "iterdir", refusing)
    monkeypatch.chdir(folder.parent)
    result = classify("in", "-f", "jsonl", *output)
    assert result.code == 1
    assert sorted(result.errors) == [
        "error: in/closed: Permission denied",
        "error: in/dangling.txt: No such file or directory",
        "error: in/loop: Too many levels of symbolic links",
    ]
    names = [path.name for path in sorted(Path("out").glob("*"))] if output else done(result.out)
    assert [name.removesuffix(".jsonl") for name in names] == ["a.txt", "z.txt"]


def test_a_wrong_text_field_is_one_fault_and_a_count(folder: Path, classify: Callable[..., Result]) -> None:
    (folder / "b.jsonl").write_bytes(rows())
    result = classify(folder, "--text-field", "content")
    assert result.code == 1
    assert [line.partition(", found")[0] for line in result.errors] == [
        f"error: {folder}/b.jsonl: row 1: has neither 'lines' nor text in a field 'content'",
        f"error: {folder}/b.jsonl: 1 more rows without text in a field 'content'",
    ]


def test_nothing_is_measured_where_a_file_is_missing(
    folder: Path, tiny_model: Path, tmp_path: Path, hanline: Hanline
) -> None:
    (folder / "dev.jsonl").write_text('{"lines": [{"text": "甲", "label": "body"}]}')
    result = hanline("evaluate", folder / "dev.jsonl", tmp_path / "none", "--model", tiny_model)
    assert (result.code, result.out) == (1, b"")
    assert result.errors == [f"error: {tmp_path}/none: no such file or folder"]


def damage_labels(model: Path) -> None:
    settings = json.loads((model / "hanline.json").read_text())
    (model / "hanline.json").write_text(json.dumps({**settings, "labels": ["body", "ad"]}))


MODELS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (shutil.rmtree, "no model folder"),
    "no settings": (lambda model: (model / "hanline.json").unlink(), "has no hanline.json"),
    "damaged settings": (lambda model: (model / "hanline.json").write_text("{"), "is not valid JSON"),
    "other labels": (damage_labels, "has the labels body, ad, expected ad, header"),
    "damaged graph": (
        lambda model: (model / "model.onnx").write_bytes(b"damaged"),
        "model.onnx cannot be loaded",
    ),
    "empty graph": (lambda model: (model / "model.onnx").write_bytes(b""), "model.onnx cannot be loaded"),
    "cut weights": (
        lambda model: os.truncate(model / "model.safetensors", 9000),
        "model.onnx cannot be loaded",
    ),
    "no weights": (lambda model: (model / "model.safetensors").unlink(), "model.onnx cannot be loaded"),
    "no tokenizer": (lambda model: (model / "tokenizer.json").unlink(), "has no tokenizer.json"),
    "damaged tokenizer": (lambda model: (model / "tokenizer.json").write_text("{"), "tokenizer.json"),
}


@pytest.mark.parametrize(
    "case",
    MODELS,
)
def test_a_model_that_cannot_be_loaded_is_named(
    case: str, tiny_model: Path, tmp_path: Path, classify: Callable[..., Result]
) -> None:
    damage, problem = MODELS[case]
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    damage(model)
    result = classify(model=model)
    assert (result.code, result.out) == (1, b"")
    error, *hints = result.errors
    assert error.startswith("error: ")
    assert str(model) in error
    assert problem in error
    assert all(hint.startswith("hint: ") for hint in hints)
    assert len(hints) <= 1


@pytest.mark.parametrize("output", ["out.jsonl", "out/"])
def test_a_full_disk_is_named_and_leaves_no_half_output(
    output: str, folder: Path, classify: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.chdir(folder.parent)
    monkeypatch.setattr("hanline.data.writing.JsonlWriter.write", full)
    result = classify("in", "-o", output)
    name = {"out/": "out/a.txt.jsonl"}.get(output, output)
    assert (result.code, result.errors) == (1, [f"error: {name}: No space left on device"])
    assert not list(Path().rglob("*.jsonl*"))


def test_an_output_that_cannot_be_made_is_named(folder: Path, classify: Callable[..., Result]) -> None:
    result = classify(folder, "-o", folder / "a.txt" / "out.jsonl")
    assert result.code == 1
    assert len(result.errors) == 1
    assert f"{folder}/a.txt" in result.errors[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_standard_output_is_named(folder: Path, tiny_model: Path) -> None:
    command = [*COMMAND, "classify", str(folder), "-m", str(tiny_model)]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stderr == b"error: standard output: No space left on device\n"


def stream(tiny_model: Path) -> subprocess.Popen[bytes]:
    """`hanline classify -` that was given just more than is read together, and waits for more."""
    command = [*COMMAND, "classify", "-", "--input-format", "jsonl", "-f", "jsonl", "--no-segments"]
    process = subprocess.Popen(
        [*command, "-m", str(tiny_model)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    row = json.dumps({"text": TEXT * 200}, ensure_ascii=False).encode() + b"\n"
    assert process.stdin
    process.stdin.write(row * (CHUNK_CHARACTERS // len(TEXT * 200) + 2))
    process.stdin.flush()
    return process


def test_an_interrupted_stream_has_whole_rows_and_code_130(tiny_model: Path) -> None:
    with stream(tiny_model) as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.stdout.read(), process.stderr.read()  # communicate() would lose what is buffered
    assert process.returncode == 130
    assert err == b"error: interrupted\n"
    assert done(first) == ["-:1"]
    assert all(json.loads(row)["lines"] for row in out.splitlines())


def test_a_reader_that_goes_away_ends_the_stream_quietly(tiny_model: Path) -> None:
    with stream(tiny_model) as process:
        assert process.stdout
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
    assert process.returncode == 1
