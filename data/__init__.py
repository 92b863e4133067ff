"""Documents: what they are, how they are read, written, checked, split and synthesised."""
