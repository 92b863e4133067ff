"""What repeats is run once and reads the same."""

from pathlib import Path

from hanline.model.cache import LogitsCache
from hanline.model.classifier import LineClassifier
from hanline.model.runtime import Batch, Logits, Runtime

PAGE = "同志们：\n今天开会，讲三件事。\n点击下载全文"


class Counting:
    """A runtime that counts the windows it runs."""

    name, description, device, repeatable = "counting", "counting", "cpu", True

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.windows = runtime, 0

    def __call__(self, batch: Batch) -> Logits:
        self.windows += len(batch["input_ids"])
        return self.runtime(batch)


def counted(model: Path, *, kept: int) -> tuple[LineClassifier, Counting]:
    loaded = LineClassifier.load(model, runtime="onnx", threads=1)
    runtime = Counting(loaded.runtime)
    return LineClassifier(loaded.settings, loaded.tokenizer, runtime, cached_windows=kept), runtime


def test_a_page_that_repeats_is_run_once(tiny_model: Path) -> None:
    classifier, runtime = counted(tiny_model, kept=10)
    together = list(classifier.classify_many([PAGE, PAGE], segments=False))
    again = classifier.classify(PAGE, segments=False)
    assert runtime.windows == 1
    assert together == [again, again]


def test_the_oldest_window_is_let_go(tiny_model: Path) -> None:
    classifier, runtime = counted(tiny_model, kept=2)
    one, two, three = PAGE.split("\n")
    for text in (one, two, one, three, one, two):
        classifier.classify(text, segments=False)
        assert len(classifier.cache.kept) <= 2
    assert runtime.windows == 4, "each once, and the second again"


def test_a_cache_of_nothing_keeps_nothing(tiny_model: Path) -> None:
    classifier, runtime = counted(tiny_model, kept=0)
    first, second = (classifier.classify(PAGE, segments=False) for _ in range(2))
    assert first == second
    assert runtime.windows == 2
    assert LogitsCache(0).kept == {}
