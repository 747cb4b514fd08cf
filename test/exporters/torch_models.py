"""The same small PyTorch modules through both of PyTorch's exporters."""

import warnings

import numpy as np
import torch
from torch import nn

from fixture import HERE, write


class Convolutions(nn.Module):
    """Groups, dilation, stride, batch norm that cannot be folded into a convolution, both poolings."""

    shape = (2, 3, 16, 16)

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.first_norm = nn.BatchNorm2d(6)
        self.grouped = nn.Conv2d(6, 12, 3, stride=2, padding=2, dilation=2, groups=3, bias=False)
        self.late_norm = nn.BatchNorm2d(12)
        self.output = nn.Linear(12, 5)

    def forward(self, x):
        x = nn.functional.relu6(self.first_norm(self.first(x)))
        x = nn.functional.max_pool2d(x, 3, 2, 1)
        x = self.late_norm(nn.functional.leaky_relu(self.grouped(x), 0.1))
        return self.output(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Recurrent(nn.Module):
    shape = (2, 5, 4)

    def __init__(self, kind: type[nn.LSTM] | type[nn.GRU]) -> None:
        super().__init__()
        self.recurrent = kind(4, 6, batch_first=True, bidirectional=True)
        self.output = nn.Linear(12, 3)

    def forward(self, x):
        return torch.sigmoid(self.output(self.recurrent(x)[0][:, -1]))


class Attention(nn.Module):
    shape = (2, 6, 16)

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(16)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.feed = nn.Sequential(nn.Linear(16, 24), nn.GELU(), nn.Linear(24, 16))

    def forward(self, x):
        y = self.norm(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.feed(x)


class FusedAttention(nn.Module):
    shape = (2, 2, 6, 8)

    def forward(self, x):
        return nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True)


class Upscaling(nn.Module):
    shape = (2, 2, 5, 6)

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(2, 8, 3, stride=2, padding=1, output_padding=1)

    def forward(self, x):
        x = nn.functional.pixel_shuffle(torch.tanh(self.up(x)), 2)
        x = nn.functional.interpolate(x, scale_factor=0.5, mode="bilinear", align_corners=False)
        return nn.functional.interpolate(x, scale_factor=2, mode="nearest")


class Contraction(nn.Module):
    shape = (2, 3, 4)

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 5) * 0.5)

    def forward(self, x):
        y = torch.einsum("bij,jk->bik", x, self.weight)
        scores = torch.softmax(torch.einsum("bik,blk->bil", y, y), -1)
        y = torch.einsum("bil,blk->bik", scores, y)
        return torch.cat([y.amax(1), y.mean(1), y.pow(2).sum(1).sqrt()], 1)


class Gates(nn.Module):
    """Comparison, selection, clipping and rounding in one expression."""

    shape = (2, 8)

    def forward(self, x):
        y = torch.where(x > 0.25, x.clamp(-1, 1), torch.abs(x) * 0.5)
        return torch.stack([y.round(decimals=0), torch.minimum(y, x), nn.functional.silu(y)], 1), y.argmax(1)


MODULES = {
    "conv": Convolutions,
    "lstm": lambda: Recurrent(nn.LSTM),
    "gru": lambda: Recurrent(nn.GRU),
    "attention": Attention,
    "fused-attention": FusedAttention,
    "upscaling": Upscaling,
    "einsum": Contraction,
    "gates": Gates,
}


def settled(module: nn.Module) -> nn.Module:
    """Gives batch norms statistics that differ from those they start with."""
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.running_mean.uniform_(-0.5, 0.5)
            norm.running_var.uniform_(0.5, 2)
            norm.weight.data.uniform_(0.5, 1.5)
            norm.bias.data.uniform_(-0.3, 0.3)
    return module.eval()


def make() -> None:
    warnings.filterwarnings("ignore")
    for name, build in MODULES.items():
        torch.manual_seed(3)
        module = settled(build())
        x = torch.randn(module.shape)
        count = 2 if name == "gates" else 1
        outputs = [f"y{i}" for i in range(count)]
        rows = [{"x": np.random.RandomState(i).randn(1, *module.shape[1:]).astype(np.float32)} for i in range(3)]
        # Recurrent layers of the older exporter fix the batch size they were traced with.
        axes = None if name in ("lstm", "gru") else {key: {0: "batch"} for key in ["x", *outputs]}
        torch.onnx.export(
            module, x if axes else x[:1], HERE / f"torch-legacy-{name}.onnx",
            input_names=["x"], output_names=outputs, dynamic_axes=axes, dynamo=False,
        )  # fmt: skip
        write(f"torch-legacy-{name}", f"torch {torch.__version__} dynamo=False", rows)
        torch.onnx.export(
            module, (x,), HERE / f"torch-dynamo-{name}.onnx",
            input_names=["x"], output_names=outputs, external_data=False,
            dynamic_shapes={"x": {0: torch.export.Dim("batch")}}, dynamo=True, verbose=False,
        )  # fmt: skip
        write(f"torch-dynamo-{name}", f"torch {torch.__version__} dynamo=True", rows)
