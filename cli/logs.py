"""What the library says while it works, on stderr."""

from __future__ import annotations

import logging
import warnings


def log_to_stderr() -> None:
    """Show hanline's own messages, and of the libraries' only their warnings."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("hanline").setLevel(logging.INFO)
    logging.getLogger("gensim").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message=".*pin_memory.*")
