"""One-block transformer (d = 64, 4 heads, 16 tokens) on MNIST digits, by PyTorch's torch.export-based exporter.

A digit is cut into 4x4 patches of 7x7 pixels; each patch is a token.
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
from training import jitter, rows_of  # noqa: E402

EPOCHS = 40
WIDTH, HEADS, SIDE, PATCH = 64, 4, 4, 7
CALIBRATION, HELDOUT = 300, 1000


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(WIDTH, 3 * WIDTH)
        self.merge = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = x.shape[1]
        parts = self.project(x).view(-1, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = parts[0], parts[1], parts[2]
        scores = query @ key.transpose(-2, -1) / (WIDTH // HEADS) ** 0.5
        heads = torch.softmax(scores, -1) @ value
        return self.merge(heads.transpose(1, 2).reshape(-1, tokens, WIDTH))


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(PATCH * PATCH, WIDTH)
        self.position = nn.Parameter(torch.randn(1, SIDE * SIDE, WIDTH) * 0.02)
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.feed_norm = nn.LayerNorm(WIDTH)
        self.feed = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))
        self.output_norm = nn.LayerNorm(WIDTH)
        self.output = nn.Linear(WIDTH, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        patches = x.view(-1, SIDE, PATCH, SIDE, PATCH).permute(0, 1, 3, 2, 4)
        x = self.embed(patches.reshape(-1, SIDE * SIDE, PATCH * PATCH)) + self.position
        x = x + self.attention(self.attention_norm(x))
        x = x + self.feed(self.feed_norm(x))
        return self.output(self.output_norm(x).mean(1))


def train(images: np.ndarray, labels: np.ndarray, epochs: int = EPOCHS) -> Transformer:
    torch.manual_seed(7)
    model = Transformer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=5e-2)
    steps = epochs * (len(images) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for _ in range(epochs):
        for x, y in rows_of(images, labels, batch=64):
            loss = nn.functional.cross_entropy(model(jitter(x)), y, label_smoothing=0.05)
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
    parts = zip(data[1:], (CALIBRATION, HELDOUT), strict=True)
    rows = [{"image": unit(x[:n])[:, None], "label": y[:n]} for (x, y), n in parts]
    write_samples(HERE, *rows)


if __name__ == "__main__":
    main()
