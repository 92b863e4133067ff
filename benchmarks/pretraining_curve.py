"""Draw held-out perplexity over the steps of pretraining runs, above the floors of n-gram models.

    python benchmarks/pretraining_curve.py runs/pretrain-mini/encoder runs/further/encoder --plot docs/pretraining.png

Each folder holds the `pretraining.json` that `hanline pretrain` writes. Prints the same numbers as JSON.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path


def main() -> None:
    """Draw one curve a run."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    parser = argparse.ArgumentParser(description="Held-out perplexity of pretraining runs.")
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--plot", type=Path, required=True)
    arguments = parser.parse_args()
    figure, panel = pyplot.subplots(figsize=(6, 3.4), layout="constrained")
    for run in arguments.runs:
        summary = json.loads((run / "pretraining.json").read_text(encoding="utf-8"))
        points = [(row["step"], math.exp(row["eval_loss"])) for row in summary["log"] if "eval_loss" in row]
        name = run.parent.name if run.name == "encoder" else run.name
        print(json.dumps({"run": name, "steps_and_perplexity": points}))
        panel.plot(*zip(*points, strict=True), "o-", markersize=3, label=name)
        for floor, value in summary.get("floors", {}).items():
            panel.axhline(value, linestyle=":", linewidth=1, color="grey")
            edge = panel.get_yaxis_transform()
            panel.annotate(floor, (0.5, value), xycoords=edge, fontsize=7, va="bottom")
    panel.set(xlabel="steps", ylabel="held-out perplexity", yscale="log")
    panel.grid(alpha=0.3)
    panel.legend()
    figure.savefig(arguments.plot, dpi=110)


if __name__ == "__main__":
    main()
