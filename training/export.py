"""Writing `model.onnx`: the graph of a BERT token classifier over the weights in `model.safetensors`.

The graph is a few kilobytes: its tensors are external data that point into the safetensors file, so a
model folder holds its weights once. Half-precision weights are cast when the model is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from hanline.data.errors import HanlineError
from hanline.model.folder import ONNX_FILE, WEIGHTS_FILE
from hanline.model.runtime import OnnxRuntime, TorchRuntime

INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
CONTRIB = "com.microsoft"
TOLERANCE = 1e-3
_TYPES = {"F32": TensorProto.FLOAT, "F16": TensorProto.FLOAT16}


class _Graph:
    """Collects the nodes and tensors of an ONNX graph."""

    def __init__(self, weights: Path) -> None:
        with weights.open("rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
            self.header: dict[str, Any] = json.loads(stream.read(size))
        self.weights, self.start = weights, 8 + size
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: dict[str, onnx.TensorProto] = {}

    def node(self, kind: str, inputs: Sequence[str], *, domain: str = "", **attributes: Any) -> str:
        """Add a node; returns the name of its output."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def weight(self, name: str) -> str:
        """A tensor of the safetensors file, as float32."""
        entry = self.header.get(name)
        if entry is None or entry["dtype"] not in _TYPES:
            raise HanlineError(
                f"{self.weights} has no float tensor {name}", hint="only BERT token classifiers are exported"
            )
        if name not in self.tensors:
            tensor = onnx.TensorProto(name=name, data_type=_TYPES[entry["dtype"]], dims=entry["shape"])
            begin, end = entry["data_offsets"]
            tensor.data_location = TensorProto.EXTERNAL
            place = {"location": WEIGHTS_FILE, "offset": self.start + begin, "length": end - begin}
            for key, value in place.items():
                tensor.external_data.add(key=key, value=str(value))
            self.tensors[name] = tensor
        if entry["dtype"] == "F32":
            return name
        return self.node("Cast", [name], to=TensorProto.FLOAT)

    def constant(self, values: Any, kind: Any) -> str:
        """A small constant."""
        name = f"constant_{len(self.tensors)}"
        self.tensors[name] = onnx.numpy_helper.from_array(np.asarray(values, dtype=kind), name)
        return name

    def linear(self, x: str, name: str) -> str:
        """A linear layer."""
        turned = self.node("Transpose", [self.weight(f"{name}.weight")], perm=[1, 0])
        return self.node("Add", [self.node("MatMul", [x, turned]), self.weight(f"{name}.bias")])

    def norm(self, x: str, name: str, epsilon: float) -> str:
        """A layer normalisation."""
        scale, shift = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", [x, scale, shift], axis=-1, epsilon=epsilon)


def build_graph(folder: Path) -> onnx.ModelProto:
    """The ONNX graph of the BERT token classifier in `folder` (Devlin et al., 2019).

    Inputs are int64 (windows, tokens): `input_ids`, `attention_mask`, `token_type_ids`, `position_ids`;
    the output `logits` is float32 (windows, tokens, labels).

    Raises:
        HanlineError: If the folder holds something else.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        raise HanlineError(
            f"{folder} holds a {config.get('model_type')} model with {config.get('hidden_act')}, "
            f"expected bert with gelu",
            hint="use it with --runtime torch",
        )
    graph = _Graph(folder / WEIGHTS_FILE)
    epsilon, heads = config["layer_norm_eps"], config["num_attention_heads"]
    x = _embeddings(graph, epsilon)
    mask = graph.node("Cast", ["attention_mask"], to=TensorProto.INT32)
    for number in range(config["num_hidden_layers"]):
        x = _layer(graph, x, mask, f"bert.encoder.layer.{number}", heads, epsilon)
    logits = graph.linear(x, "classifier")
    graph.nodes.append(helper.make_node("Identity", [logits], ["logits"]))
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["windows", "tokens"]) for n in INPUTS]
    shape = ["windows", "tokens", graph.header["classifier.bias"]["shape"][0]]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape)
    body = helper.make_graph(graph.nodes, "hanline", inputs, [output], list(graph.tensors.values()))
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=9)


def _embeddings(graph: _Graph, epsilon: float) -> str:
    tables = {"word": "input_ids", "position": "position_ids", "token_type": "token_type_ids"}
    parts = [
        graph.node("Gather", [graph.weight(f"bert.embeddings.{table}_embeddings.weight"), ids])
        for table, ids in tables.items()
    ]
    x = graph.node("Add", [graph.node("Add", parts[:2]), parts[2]])
    return graph.norm(x, "bert.embeddings.LayerNorm", epsilon)


def _layer(graph: _Graph, x: str, mask: str, name: str, heads: int, epsilon: float) -> str:
    attention = f"{name}.attention"
    parts = [graph.linear(x, f"{attention}.self.{part}") for part in ("query", "key", "value")]
    joined = graph.node("MultiHeadAttention", [*parts, "", mask], domain=CONTRIB, num_heads=heads)
    projected = graph.linear(joined, f"{attention}.output.dense")
    x = graph.norm(graph.node("Add", [projected, x]), f"{attention}.output.LayerNorm", epsilon)
    wide = graph.node("Gelu", [graph.linear(x, f"{name}.intermediate.dense")])
    narrow = graph.linear(wide, f"{name}.output.dense")
    return graph.norm(graph.node("Add", [narrow, x]), f"{name}.output.LayerNorm", epsilon)


def export_onnx(folder: Path) -> float:
    """Write `model.onnx` into a model folder and check it against torch.

    Returns:
        The largest difference of a logit on random windows.

    Raises:
        HanlineError: If the folder is no BERT token classifier, or the two runtimes differ by more than
            `TOLERANCE`; then no file is left.
    """
    if not (folder / "config.json").is_file() or not (folder / WEIGHTS_FILE).is_file():
        raise HanlineError(f"{folder} has no config.json and {WEIGHTS_FILE}", hint="give a model folder")
    file = folder / ONNX_FILE
    try:
        onnx.save(build_graph(folder), str(file))
        difference = compare_runtimes(folder)
        if difference > TOLERANCE:
            raise HanlineError(f"ONNX and torch differ by {difference:.2g}, more than {TOLERANCE}")
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return difference


def compare_runtimes(folder: Path) -> float:
    """The largest difference between the logits of torch and of ONNX on random, partly padded windows."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    draw = np.random.default_rng(0)
    shape = (3, min(96, config["max_position_embeddings"]))
    batch = {
        "input_ids": draw.integers(0, config["vocab_size"], shape),
        "attention_mask": np.ones(shape, dtype=np.int64),
        "token_type_ids": draw.integers(0, config["type_vocab_size"], shape),
        "position_ids": np.tile(np.arange(shape[1]), (shape[0], 1)),
    }
    batch["attention_mask"][1, shape[1] // 2 :] = 0
    seen = batch["attention_mask"] == 1
    results = [runtime(batch)[seen] for runtime in (OnnxRuntime(folder), TorchRuntime(folder, device="cpu"))]
    return float(np.abs(results[0] - results[1]).max())
