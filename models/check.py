"""Checks every model against its recorded outputs and prints the facts the README states.

Usage: python check.py [name ...]
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx.numpy_helper import to_array

ROOT = Path(__file__).resolve().parent


def graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs]:
                if inner.node:
                    yield from graphs(inner)


def parameters(model: onnx.ModelProto) -> int:
    """Float weights, and for tree ensembles the nodes."""
    total = 0
    for graph in graphs(model.graph):
        total += sum(to_array(t).size for t in graph.initializer if to_array(t).dtype.kind == "f")
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.name in ("nodes_treeids", "coefficients"):
                    total += len(attribute.ints) + len(attribute.floats)
    return total


def metric(predicted: dict[str, np.ndarray], label: np.ndarray) -> str:
    if label.dtype.kind == "f":
        value = next(iter(predicted.values())).reshape(-1).astype(np.float64)
        label = label.reshape(-1).astype(np.float64)
        r2 = 1 - ((label - value) ** 2).sum() / ((label - label.mean()) ** 2).sum()
        return f"R² {r2:.3f}, mean error {np.abs(label - value).mean():.4f}"
    first = next(iter(predicted.values()))
    guess = first if first.dtype.kind == "i" else first.argmax(-1)
    return f"{100 * (guess.reshape(-1) == label.reshape(-1)).mean():.2f} %"


def check(directory: Path) -> None:
    file = directory / "model.onnx"
    model = onnx.load(file)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    types = {value.name: value.type for value in session.get_inputs()}

    def predict(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """One row at a time: a model need not have a free batch dimension."""
        count = len(next(iter(rows.values())))
        results = [session.run(names, {k: v[i : i + 1] for k, v in rows.items()}) for i in range(count)]
        return {name: np.concatenate([row[k] for row in results]) for k, name in enumerate(names)}

    sample = json.loads((directory / "input.json").read_text())
    sample = {name: np.array(value, np.float32) for name, value in sample.items()}
    expected = json.loads((directory / "expected.json").read_text())
    got = predict(sample)
    assert got.keys() == expected.keys(), f"{directory.name}: outputs {list(got)}, recorded {list(expected)}"
    for name, value in expected.items():
        np.testing.assert_allclose(got[name], np.array(value), rtol=1e-4, atol=1e-5)

    heldout = dict(np.load(directory / "heldout.npz"))
    label = heldout.pop("label")
    assert heldout.keys() == types.keys(), f"{directory.name}: data for {list(heldout)}, inputs {list(types)}"
    shapes = {i.name: i.shape for i in session.get_inputs()}
    opsets = ", ".join(f"{o.domain or 'ai.onnx'} {o.version}" for o in model.opset_import)
    operators = Counter(f"{node.domain}:{node.op_type}".removeprefix(":") for node in model.graph.node)
    print(f"{directory.name}: {metric(predict(heldout), label)} on {len(label)} held-out rows")
    print(f"  {file.stat().st_size} bytes, {parameters(model)} parameters, {model.producer_name}, {opsets}, IR {model.ir_version}")
    print(f"  inputs {shapes}, outputs {({o.name: o.shape for o in session.get_outputs()})}")
    print(f"  {', '.join(f'{name} {count}' for name, count in sorted(operators.items()))}")
    print(f"  sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    wanted = sys.argv[1:] or sorted(path.parent.name for path in ROOT.glob("*/model.onnx"))
    for name in wanted:
        check(ROOT / name)
