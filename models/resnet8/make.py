"""ResNet-8 (the MLPerf Tiny topology, 32x32x3) by PyTorch's torch.export-based exporter.

CIFAR-10 is not bundled with any package, so the images are MNIST digits in one colour on a background that
fades between two others. The split of the digits is the one of the other digit models.
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
from training import rows_of  # noqa: E402

EPOCHS = 10
CALIBRATION, HELDOUT = 100, 300


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, padding=1)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(self.second_norm(self.second(y)) + self.shortcut(x))


class ResNet8(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.blocks = nn.Sequential(Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2))
        self.pool = nn.AvgPool2d(8)
        self.output = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.pool(self.blocks(self.stem(x))).flatten(1))


def colour(images: np.ndarray, seed: int) -> np.ndarray:
    """uint8 [N, 28, 28] to uint8 [N, 3, 32, 32]: dark ink on a light fading background, or the reverse."""
    random = np.random.RandomState(seed)
    n = len(images)
    ink = np.pad(images, ((0, 0), (2, 2), (2, 2)))[:, None].astype(np.float64) / 255
    fade = np.linspace(0, 1, 32).reshape(1, 1, 32, 1)
    top, bottom, pen = random.uniform(0, 100, (3, n, 3, 1, 1))
    image = ink * (255 - pen) + (1 - ink) * (top * (1 - fade) + bottom * fade)
    reverse = random.randint(0, 2, (n, 1, 1, 1))
    return np.rint(np.where(reverse, 255 - image, image)).astype(np.uint8)


def train(images: np.ndarray, labels: np.ndarray, epochs: int = EPOCHS) -> ResNet8:
    torch.manual_seed(7)
    model = ResNet8()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=5e-2)
    steps = epochs * (len(images) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for epoch in range(epochs):
        for x, y in rows_of(colour(images, seed=epoch), labels, batch=64):
            loss = nn.functional.cross_entropy(model(x), y, label_smoothing=0.05)
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
        (torch.zeros(2, 3, 32, 32),),
        HERE / "model.onnx",
        input_names=["image"],
        output_names=["logits"],
        dynamic_shapes={"x": {0: torch.export.Dim("batch")}},
        external_data=False,
        dynamo=True,
    )
    parts = zip(data[1:], (CALIBRATION, HELDOUT), (1001, 1002), strict=True)
    rows = [{"image": unit(colour(x[:n], seed)), "label": y[:n]} for (x, y), n, seed in parts]
    write_samples(HERE, *rows)


if __name__ == "__main__":
    main()
