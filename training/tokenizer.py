"""Training the subword tokenizer of the bundled models.

Byte-pair encoding (Sennrich et al., 2016) over runs of Han characters, Latin letters and digits,
with no token longer than four characters, after a character-to-character normalisation that makes
equal what must not change a label: full- and half-width forms, letter case, the value of a digit,
traditional and simplified script, the kinds of white space. Characters of no width vanish.
"""

from __future__ import annotations

import random
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from hanline.model.tokens import (
    BERT_TOKENS,
    CLS,
    LAYOUT_TOKENS,
    MASK,
    PAD,
    SEP,
    SPACE,
    UNKNOWN,
)

MAX_TOKEN_CHARACTERS = 4
PIECES = Regex(rf"{SPACE}|0+|[a-z]+|[\u3400-\u4dbf\u4e00-\u9fff]+|[.…·。—\-_=*~#]+|.")
"""What a token never crosses: a space, digits, Latin letters, Han characters, a run of leader marks, and
any other character alone."""


def character_map() -> dict[str, str]:
    """What every character is read as; characters not named stand for themselves."""
    table: dict[str, str] = {}
    for code in range(1, 0x110000):
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Nd":
            table[character] = "0"
        elif category in ("Cf", "Mn") or 0xFE00 <= code <= 0xFE0F:
            table[character] = ""
        elif category in ("Zs", "Zl", "Zp", "Cc"):
            table[character] = " "
        elif 0xFF01 <= code <= 0xFF5E:
            table[character] = chr(code - 0xFEE0).lower()
        elif category == "Lu" and len(character.lower()) == 1:
            table[character] = character.lower()
    for traditional, simplified in traditional_characters().items():
        table[traditional] = simplified
    return {key: value for key, value in table.items() if key != value}


def traditional_characters() -> dict[str, str]:
    """OpenCC's table from a traditional character to its commonest simplified form."""
    import opencc

    file = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    rows = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1 and len(row[0]) == len(row[1]) == 1}


def normalizer() -> normalizers.Normalizer:
    """The normalisation as a tokenizers component, offsets kept.

    The map travels as a SentencePiece character map (Kudo and Richardson, 2018), which reads a text in
    one pass however many characters it names.
    """
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    with tempfile.TemporaryDirectory() as folder:
        rules, text = Path(folder, "rules.tsv"), Path(folder, "text.txt")
        rows = (
            f"{ord(key):X}\t{' '.join(f'{ord(c):X}' for c in value)}"
            for key, value in character_map().items()
        )
        rules.write_text("\n".join(rows), encoding="utf-8")
        text.write_text("\n".join("甲乙丙丁戊己庚辛壬癸"), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(text),
            model_prefix=f"{folder}/map",
            model_type="char",
            vocab_size=13,
            hard_vocab_limit=False,
            normalization_rule_tsv=str(rules),
            minloglevel=2,
        )
        proto = sentencepiece_model_pb2.ModelProto.FromString(  # type: ignore[attr-defined]
            Path(folder, "map.model").read_bytes()
        )
    charsmap: bytes = proto.normalizer_spec.precompiled_charsmap
    return normalizers.Sequence(
        [normalizers.Precompiled(charsmap), normalizers.Replace(Regex(r"\s+"), SPACE)]
    )


def new_tokenizer() -> Tokenizer:
    """An untrained tokenizer with the normalisation and the pieces."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN, fuse_unk=False))
    tokenizer.normalizer = normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(PIECES, "isolated")
    return tokenizer


def sample_lines(
    documents: Iterable[list[str]], *, characters: int, share: float, seed: int
) -> Iterator[str]:
    """Draw whole documents with probability `share` until `characters` characters are out."""
    draw = random.Random(seed)
    total = 0
    for lines in documents:
        if draw.random() < share:
            yield from lines
            total += sum(map(len, lines))
        if total >= characters:
            return


def train_tokenizer(
    lines: Iterable[str], *, vocabulary: int, characters: int = 7000
) -> PreTrainedTokenizerFast:
    """Train a tokenizer that `AutoTokenizer` loads.

    Args:
        lines: Text; a character that occurs in it gets a token as long as there are `characters`.
        vocabulary: Number of tokens, special ones included.
        characters: Most tokens spent on single characters; the rarer ones become `[UNK]`.
    """
    tokenizer = new_tokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=3,
        special_tokens=[*BERT_TOKENS, *LAYOUT_TOKENS],
        limit_alphabet=characters,
        max_token_length=MAX_TOKEN_CHARACTERS,
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=PAD,
        unk_token=UNKNOWN,
        cls_token=CLS,
        sep_token=SEP,
        mask_token=MASK,
        additional_special_tokens=list(LAYOUT_TOKENS),
    )
