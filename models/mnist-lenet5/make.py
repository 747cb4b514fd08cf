"""LeNet-5 with average pooling and ReLU on MNIST digits, by PyTorch's torch.export-based exporter."""

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
L1 = 2e-5
WEIGHT_NOISE = 2.0**-3


class LeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).flatten(1))


def train(images: np.ndarray, labels: np.ndarray, epochs: int = EPOCHS) -> LeNet5:
    torch.manual_seed(7)
    model = LeNet5()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
    steps = epochs * (len(images) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for _ in range(epochs):
        for x, y in rows_of(images, labels, batch=64):
            loss = nn.functional.cross_entropy(perturbed(model, jitter(x), WEIGHT_NOISE), y, label_smoothing=0.02)
            loss = loss + L1 * sum(p.abs().sum() for p in model.parameters() if p.ndim > 1)
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
        (torch.zeros(2, 1, 28, 28),),
        HERE / "model.onnx",
        input_names=["image"],
        output_names=["logits"],
        dynamic_shapes={"x": {0: torch.export.Dim("batch")}},
        external_data=False,
        dynamo=True,
    )
    rows = [{"image": unit(x)[:, None], "label": y} for x, y in data[1:]]
    write_samples(HERE, *rows)


if __name__ == "__main__":
    main()
