"""Small Keras models through Keras' own export, on its PyTorch backend."""

import os

import numpy as np

os.environ["KERAS_BACKEND"] = "torch"
import keras  # noqa: E402
from keras import layers  # noqa: E402

from fixture import HERE, write  # noqa: E402


def stacks() -> dict:
    """Input shape and layers; built on demand, because a layer takes its seed when it is built."""
    return {
        "dense": ((6,), [layers.Dense(8, "elu"), layers.Dense(3, "softmax")]),
        "conv": (
            (12, 12, 2),
            [
                layers.Conv2D(4, 3, padding="same", strides=2), layers.BatchNormalization(), layers.ReLU(),
                layers.DepthwiseConv2D(3), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(3, "sigmoid"),
            ],
        ),
        "lstm": ((5, 4), [layers.LSTM(4), layers.Dense(2)]),
        # LayerNormalization on this backend does not export.
        "sequence": (
            (6, 8),
            [
                layers.Conv1D(6, 3, padding="causal"), layers.Dense(8, "gelu"),
                layers.GlobalAveragePooling1D(), layers.Dense(2, "tanh"),
            ],
        ),
    }  # fmt: skip


def make() -> None:
    keras.utils.set_random_seed(3)
    for name, (shape, stack) in stacks().items():
        model = keras.Sequential([keras.Input(shape, name="x"), *stack])
        # The export refuses a model that has never been called.
        model(np.zeros((1, *shape), np.float32))
        model.export(HERE / f"keras-{name}.onnx", format="onnx", verbose=False)
        rows = [{"x": np.random.RandomState(i).randn(1, *shape).astype(np.float32)} for i in range(3)]
        write(f"keras-{name}", f"keras {keras.__version__} on torch", rows)
