"""Writes what a model directory holds, so that every model looks the same."""

import json
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def strip(path: Path) -> None:
    """Removes documentation and metadata: exporters record stack traces with the paths of the machine."""
    model = onnx.load(path)
    model.doc_string = ""
    del model.metadata_props[:]
    for function in model.functions:
        function.doc_string = ""
        del function.metadata_props[:]
        strip_nodes(function.node)
    strip_graph(model.graph)
    if re.fullmatch("[0-9a-f]{32}", model.graph.name):
        # onnxmltools draws a new name for every export.
        model.graph.name = "main"
    onnx.checker.check_model(model)
    onnx.save(model, path)


def strip_graph(graph: onnx.GraphProto) -> None:
    graph.doc_string = ""
    del graph.metadata_props[:]
    for value in [*graph.input, *graph.output, *graph.value_info, *graph.initializer]:
        value.doc_string = ""
        del value.metadata_props[:]
    strip_nodes(graph.node)


def strip_nodes(nodes) -> None:
    for node in nodes:
        node.doc_string = ""
        del node.metadata_props[:]
        for attribute in node.attribute:
            attribute.doc_string = ""
            for graph in [attribute.g, *attribute.graphs]:
                if graph.node:
                    strip_graph(graph)


def run(path: Path, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Outputs of onnxruntime by name; graph optimisation off, so that the file itself is what runs."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def write_samples(
    directory: Path,
    calibration: dict[str, np.ndarray],
    heldout: dict[str, np.ndarray],
) -> None:
    """Strips model.onnx and writes calibration, held-out data, and the first held-out row as the sample."""
    strip(directory / "model.onnx")
    np.savez_compressed(directory / "calibration.npz", **calibration)
    np.savez_compressed(directory / "heldout.npz", **heldout)
    sample = {name: rows[:1] for name, rows in heldout.items() if name != "label"}
    outputs = run(directory / "model.onnx", sample)
    write_json(directory / "input.json", sample)
    write_json(directory / "expected.json", outputs)


def write_json(path: Path, arrays: dict[str, np.ndarray]) -> None:
    # Nine significant digits identify a float32.
    def number(value):
        return float(f"{value:.9g}") if isinstance(value, float) else value

    def nested(value):
        return [nested(item) for item in value] if isinstance(value, list) else number(value)

    content = {name: nested(array.tolist()) for name, array in arrays.items()}
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
