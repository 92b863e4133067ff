"""What repeats is computed once: logits of windows that were seen before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

from hanline.model.runtime import Logits, Runtime, run_windows
from hanline.model.windows import Window

CACHED_WINDOWS = 2048
"""Windows whose logits are kept: at most 25 MB of 512 tokens each."""


class LogitsCache:
    """The logits of the last windows, by what a window holds.

    The same page again, and the same stretch of a page again, give the same windows, and a model says the same
    of them. What was used last stays longest. Only for a runtime that says the very same whatever else is in a batch
    is more than the windows of one call kept (`Runtime.repeatable`).

    Args:
        windows: Most windows that are kept.
    """

    def __init__(self, windows: int = CACHED_WINDOWS) -> None:
        self.windows = windows
        self.kept: OrderedDict[bytes, Logits] = OrderedDict()

    def run(
        self, runtime: Runtime, windows: Sequence[Window], *, pad: int, batch_tokens: int
    ) -> list[Logits]:
        """Logits of each window, shape (n_tokens, n_labels), in the order given; `run_windows` for new ones."""
        keys = [window_key(window) for window in windows]
        known = {key: self.kept[key] for key in keys if key in self.kept}
        new = {key: window for key, window in zip(keys, windows, strict=True) if key not in known}
        logits = run_windows(runtime, list(new.values()), pad=pad, batch_tokens=batch_tokens)
        known.update(zip(new, logits, strict=True))
        for key in dict.fromkeys(keys):
            self.kept.setdefault(key, known[key].copy())  # a view would keep all of its batch
            self.kept.move_to_end(key)
        while len(self.kept) > self.windows:
            self.kept.popitem(last=False)
        return [known[key] for key in keys]


def window_key(window: Window) -> bytes:
    """What the model reads of a window, as 16 bytes that no two windows share in practice."""
    digest = blake2b(digest_size=16)
    for array in (window.ids, window.positions, window.types):
        digest.update(array.tobytes())
    return digest.digest()
