"""What must hold for the five folders to reach the wheel."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_package_is_declared() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    found = {
        ".".join(["hanline", *init.parent.relative_to(ROOT).parts])
        for folder in settings["package-dir"].values()
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert found == set(settings["packages"])


def test_every_folder_has_its_link() -> None:
    links = {path.name: path.resolve() for path in (ROOT / ".ci/pythonpath/hanline").iterdir()}
    assert links == {name: ROOT / name for name in ("cli", "configs", "data", "model", "training")}
