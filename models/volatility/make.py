"""Volatility forecast from ten days of Open, High, Low, Close: Keras 3 on PyTorch, by Keras' own ONNX export.

Real S&P 500 and NASDAQ prices; trained up to 2013, held out from 2015 on.
"""

import os
import sys
from pathlib import Path

import numpy as np

os.environ["KERAS_BACKEND"] = "torch"
import keras  # noqa: E402

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from artifact import write_samples  # noqa: E402
from data import WINDOW, Split, prices  # noqa: E402

EPOCHS = 30


def network() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((WINDOW, 4), name="ohlc"),
            keras.layers.Rescaling(0.2),
            keras.layers.LSTM(12),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1, activation="softplus", name="volatility"),
        ]
    )


def both(indices: tuple[Split, Split], part: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = zip(*(index[part] for index in indices), strict=True)
    return np.concatenate(x), np.concatenate(y)


def main() -> None:
    keras.utils.set_random_seed(7)
    data = prices()
    model = network()
    model.compile(optimizer=keras.optimizers.Adam(5e-3), loss="mae")
    model.fit(*both(data, 0), batch_size=256, epochs=EPOCHS, verbose=2)
    print("calibration loss", model.evaluate(*both(data, 1), verbose=0))
    model.export(HERE / "model.onnx", format="onnx", verbose=False)
    rows = [dict(zip(("ohlc", "label"), both(data, part), strict=True)) for part in (1, 2)]
    write_samples(HERE, *rows)


if __name__ == "__main__":
    main()
