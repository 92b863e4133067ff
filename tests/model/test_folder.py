"""Model folders: read whole or refused with the reason."""

import json
import shutil
from pathlib import Path

import pytest

from hanline.data.errors import HanlineError
from hanline.model.folder import read_model_settings, resolve_model, write_model_settings
from hanline.model.runtime import load_runtime


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "model"
    shutil.copytree(tiny_model, copy)
    return copy


def test_what_is_written_is_read(folder: Path) -> None:
    settings = read_model_settings(folder)
    write_model_settings(folder, settings)
    assert read_model_settings(folder) == settings
    assert {"config.json", "model.onnx", "model.safetensors", "tokenizer.json"} <= settings.hashes.keys()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": ["ad", "body"]}, "has the labels ad, body, expected"),
        ({"format": 9}, "has format 9"),
        ({"window": {"tokens": "many"}}, "is damaged"),
        ({"window": None}, "is damaged"),
    ],
)
def test_a_folder_of_another_kind_is_refused(change: dict[str, object], message: str, folder: Path) -> None:
    file = folder / "hanline.json"
    row = json.loads(file.read_text(encoding="utf-8")) | change
    file.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(HanlineError, match=message):
        read_model_settings(folder)


def test_a_name_that_is_no_folder_and_no_hub_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HanlineError, match="no model folder"):
        resolve_model(tmp_path / "nowhere")


def test_a_hub_id_is_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name: str(folder / name.split("/")[1]))
    assert resolve_model("someone/.") == folder


def test_cuda_is_refused_where_there_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanline.model.runtime.cuda_available", lambda: False)
    with pytest.raises(HanlineError, match="no CUDA GPU"):
        load_runtime(folder, device="cuda")


def test_without_a_graph_torch_runs_the_model(folder: Path) -> None:
    assert "ONNX" in load_runtime(folder, device="cpu").description
    (folder / "model.onnx").unlink()
    assert "torch" in load_runtime(folder, device="cpu").description
