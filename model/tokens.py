"""The tokens that stand for what a document has besides its characters."""

from __future__ import annotations

PAD, UNKNOWN, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
LINE, BLANK, GAP, TOP, END = "[LINE]", "[BLANK]", "[GAP]", "[TOP]", "[END]"

BERT_TOKENS = (PAD, UNKNOWN, CLS, SEP, MASK)
"""What every BERT tokenizer has."""

LAYOUT_TOKENS = (LINE, BLANK, GAP, TOP, END)
"""What hanline adds: a line begins, blank lines stand here, text was left out here, the document
begins, the document ends."""

SPACE = "▁"
"""What the bundled tokenizer makes of a run of white space."""
