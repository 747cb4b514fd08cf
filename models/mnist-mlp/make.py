"""784-128-10 network on MNIST digits, by PyTorch's TorchScript exporter.

A hidden neuron costs one constraint for every bit of its worst-case accumulator, so training asks for
what keeps that narrow: small row norms (L1) and weights that survive rounding (noise).
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from artifact import write_samples  # noqa: E402
from data import digits, unit  # noqa: E402
from training import jitter, perturbed, rows_of  # noqa: E402

EPOCHS = 40
L1 = 3e-5
WEIGHT_NOISE = 2.0**-5


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(784, 128)
        self.output = nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(torch.relu(self.hidden(x)))


def train(images: np.ndarray, labels: np.ndarray, epochs: int = EPOCHS) -> Mlp:
    torch.manual_seed(7)
    model = Mlp()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = epochs * (len(images) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for _ in range(epochs):
        for x, y in rows_of(images, labels, batch=64):
            logits = perturbed(model, jitter(x).flatten(1), WEIGHT_NOISE)
            loss = nn.functional.cross_entropy(logits, y, label_smoothing=0.02)
            loss = loss + L1 * model.hidden.weight.abs().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def main() -> None:
    data = digits()
    model = train(*data.train)
    torch.onnx.export(
        model,
        torch.zeros(1, 784),
        HERE / "model.onnx",
        input_names=["pixels"],
        output_names=["logits"],
        dynamic_axes={"pixels": {0: "batch"}, "logits": {0: "batch"}},
        dynamo=False,
    )
    rows = [{"pixels": unit(x).reshape(-1, 784), "label": y} for x, y in data[1:]]
    write_samples(HERE, *rows)


if __name__ == "__main__":
    main()
