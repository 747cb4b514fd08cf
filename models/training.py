"""What the PyTorch models share while they are trained."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn


def rows_of(images: np.ndarray, labels: np.ndarray, batch: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """One epoch of full batches in random order; uint8 pixels become [0, 1], [N, C, H, W]."""
    x = torch.from_numpy(images)
    x = x.unsqueeze(1) if x.ndim == 3 else x
    y = torch.from_numpy(labels)
    order = torch.randperm(len(x))
    for start in range(0, len(x) - batch + 1, batch):
        rows = order[start : start + batch]
        yield x[rows].float() / 255, y[rows]


def jitter(x: torch.Tensor, turn: float = 0.15, shift: float = 0.1, zoom: float = 0.1) -> torch.Tensor:
    """Random small rotation (radians), shift (fraction of the half-width) and zoom of each image."""

    def uniform(width: float) -> torch.Tensor:
        return (torch.rand(len(x)) * 2 - 1) * width

    angle, scale = uniform(turn), 1 + uniform(zoom)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    theta = torch.stack([cos, -sin, uniform(shift), sin, cos, uniform(shift)], 1).view(-1, 2, 3)
    grid = nn.functional.affine_grid(theta, list(x.shape), align_corners=False)
    return nn.functional.grid_sample(x, grid, align_corners=False)


def perturbed(model: nn.Module, x: torch.Tensor, width: float) -> torch.Tensor:
    """The model's answer with uniform noise on every weight matrix, as if it had been rounded to `width`."""
    weights = {
        name: value + (torch.rand_like(value) - 0.5) * width if value.ndim > 1 else value
        for name, value in model.named_parameters()
    }
    return torch.func.functional_call(model, weights, x)
