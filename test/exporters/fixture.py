"""Writes one exported model next to what onnxruntime answers to it."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "models"))
from artifact import strip  # noqa: E402

MOST_BYTES = 60_000


def tensor(array: np.ndarray) -> dict:
    data = array.reshape(-1).tolist()
    if array.dtype.kind == "f":
        # Nine significant digits identify a float32.
        data = [float(f"{value:.9g}") for value in data]
    return {"dtype": str(array.dtype), "shape": list(array.shape), "data": data}


def case(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> dict:
    names = [output.name for output in session.get_outputs()]
    results = dict(zip(names, session.run(names, feeds), strict=True))
    return {
        "inputs": {name: tensor(array) for name, array in feeds.items()},
        # A sequence of maps (ZipMap) has no tensor to record.
        "outputs": {name: tensor(v) for name, v in results.items() if isinstance(v, np.ndarray)},
    }


def write(name: str, exporter: str, rows: list[dict[str, np.ndarray]], refused: str | None = None) -> None:
    """Records `<name>.onnx`, already exported, on every row; `refused` names the operator that cannot be proved."""
    file = HERE / f"{name}.onnx"
    strip(file)
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{name}: {size} bytes, at most {MOST_BYTES}")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    first, *more = [case(session, feeds) for feeds in rows]
    content = {"exporter": exporter, **first, "more": more}
    if refused is not None:
        content["refused"] = refused
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    operators = sorted({node.op_type for node in onnx.load(file).graph.node})
    print(f"{name}: {size} bytes; {', '.join(operators)}")
