"""From lines to token ids, with the offsets that lead back to characters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from hanline.data.errors import HanlineError
from hanline.model.tokens import BLANK, CLS, END, GAP, LINE, PAD, SEP, TOP
from hanline.model.windows import Layout

LONG_LINE = 2000
"""Characters from which the middle of a line is not tokenized where only head and tail are read."""

CHUNK = 4000
"""Characters of a line that are tokenized at once where all of it is read."""


class LineTokenizer:
    """A tokenizer that reads lines and adds no special tokens.

    Raises:
        HanlineError: If the file is missing or lacks one of the layout tokens.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True  # "[TOP]" in a text is text
        ids = {name: tokenizer.token_to_id(name) for name in (PAD, CLS, SEP, LINE, BLANK, GAP, TOP, END)}
        known = [number for number in ids.values() if number is not None]
        if len(known) < len(ids):
            missing = [name for name, number in ids.items() if number is None]
            raise HanlineError(
                f"the tokenizer has no token {', '.join(missing)}",
                hint="hanline reads models that `hanline train` or `hanline pretrain` wrote",
            )
        self.layout = Layout(*known)

    @classmethod
    def load(cls, folder: Path) -> LineTokenizer:
        """Read `tokenizer.json` of a model folder."""
        file = folder / "tokenizer.json"
        if not file.is_file():
            raise HanlineError(f"{folder} has no tokenizer.json", hint="is it a model folder of hanline?")
        try:
            tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # tokenizers raises nothing more particular
            raise HanlineError(
                f"{file} is not a tokenizer: {error}", hint="copy the whole model folder"
            ) from error
        return cls(tokenizer)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each line."""
        return [row.ids for row in self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    def encode_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each line; of a very long line, only those near its two ends.

        The ids of such a line do not add up to its text: use them where it is clipped anyway.
        """
        half = LONG_LINE // 2
        shortened = [text if len(text) <= LONG_LINE else text[:half] for text in texts]
        ids = self.encode(shortened)
        long = [index for index, text in enumerate(texts) if len(text) > LONG_LINE]
        tails = self.encode([texts[index][-half:] for index in long])
        for index, tail in zip(long, tails, strict=True):
            ids[index] += tail
        return ids

    def encode_offsets(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Token ids of a whole line of any length, with the characters (start, end) of each."""
        starts = range(0, max(len(text), 1), CHUNK)
        chunks = [text[start : start + CHUNK] for start in starts]
        rows: list[Encoding] = self.tokenizer.encode_batch(chunks, add_special_tokens=False)
        ids = [token for row in rows for token in row.ids]
        offsets = [(s + a, s + b) for s, row in zip(starts, rows, strict=True) for a, b in row.offsets]
        return ids, offsets
