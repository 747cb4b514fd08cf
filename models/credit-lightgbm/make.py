"""Gradient-boosted trees on the German credit data: LightGBM, exported by onnxmltools."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from data import credit  # noqa: E402
from tabular import INPUT, SHAPE, write_credit  # noqa: E402

import onnxmltools  # noqa: E402
from lightgbm import LGBMClassifier  # noqa: E402
from onnxmltools.convert.common.data_types import FloatTensorType  # noqa: E402


def main() -> None:
    model = LGBMClassifier(
        n_estimators=20, num_leaves=8, learning_rate=0.15, min_child_samples=15,
        random_state=7, n_jobs=1, deterministic=True, verbose=-1,
    )  # fmt: skip
    model.fit(*credit().train)
    exported = onnxmltools.convert_lightgbm(
        model, initial_types=[(INPUT, FloatTensorType(SHAPE))], zipmap=False
    )
    onnxmltools.utils.save_model(exported, HERE / "model.onnx")
    write_credit(HERE, model.predict_proba)


if __name__ == "__main__":
    main()
