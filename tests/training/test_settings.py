"""Recipes: complete, typed, and strict about names."""

from pathlib import Path

import pytest

from hanline.data.errors import HanlineError
from hanline.training.settings import PretrainSettings, TrainSettings, load_recipe

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
RECIPES = sorted(CONFIGS.glob("*.yaml"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_is_complete_and_says_how_to_run_it(recipe: Path) -> None:
    kind = PretrainSettings if recipe.stem.startswith("pretrain") else TrainSettings
    assert load_recipe(kind, recipe)
    command = "pretrain" if kind is PretrainSettings else "train"
    assert f"hanline {command} {recipe.stem}" in recipe.read_text(encoding="utf-8")


def test_a_recipe_is_found_by_its_name() -> None:
    assert load_recipe(TrainSettings, "smoke").base == "bundled"


def test_a_change_reaches_its_setting() -> None:
    settings = load_recipe(TrainSettings, "smoke", ["optimizer.steps=7", "base=hfl/rbt3"])
    assert (settings.optimizer.steps, settings.base) == (7, "hfl/rbt3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("optimizer.warmup_ratio=0.1", "did you mean optimizer.warmup_fraction"),
        ("optimizer.peak_learning_rate=5e-5", "write it with a dot"),
        ("optimizer.steps=many", "optimizer.steps must be a whole number, got 'many'"),
        ("optimizer.windows_per_pass=3", "must divide optimizer.windows_per_step"),
        ("window.head=600", "does not fit a window of 512"),
        ("loss.token=-1", "loss.token must be at least 0"),
        ("documents.train=lines.jsonl", "documents.train must be a list"),
        ("colour=red", "colour is not a setting"),
        ("seed", "has no '='"),
    ],
)
def test_a_wrong_change_is_refused_with_a_way_out(change: str, message: str) -> None:
    with pytest.raises(HanlineError, match=message):
        load_recipe(TrainSettings, "smoke", [change])


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    text = (CONFIGS / "smoke.yaml").read_text(encoding="utf-8")
    file = tmp_path / "short.yaml"
    file.write_text(text.replace("dropout: 0.0\n", ""), encoding="utf-8")
    with pytest.raises(HanlineError, match="dropout is missing"):
        load_recipe(TrainSettings, file)


def test_an_unknown_recipe_is_answered_with_the_known_ones() -> None:
    with pytest.raises(HanlineError, match="smoke"):
        load_recipe(TrainSettings, "smoky")
