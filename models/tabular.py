"""What the credit models share: their data as files, and the check that the export kept the model."""

from pathlib import Path

import numpy as np

from artifact import run, write_samples
from data import credit

INPUT = "applicant"
SHAPE = [None, 20]


def write_credit(directory: Path, predict_proba) -> None:
    """Writes the samples; stops if onnxruntime and the library that trained the model differ."""
    data = credit()
    rows = [{INPUT: x, "label": y} for x, y in data[1:]]
    write_samples(directory, *rows)
    x = np.concatenate([data.calibration[0], data.heldout[0]])
    outputs = run(directory / "model.onnx", {INPUT: x})
    probabilities = next(value for value in outputs.values() if value.dtype.kind == "f")
    worst = np.abs(probabilities - predict_proba(x)).max()
    if worst > 1e-5:
        raise SystemExit(f"{directory.name}: the exported model differs by {worst}")
