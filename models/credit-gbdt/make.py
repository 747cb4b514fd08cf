"""Gradient-boosted trees on the German credit data: XGBoost, exported by onnxmltools."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from data import credit  # noqa: E402
from tabular import INPUT, SHAPE, write_credit  # noqa: E402

import onnxmltools  # noqa: E402
from onnxmltools.convert.common.data_types import FloatTensorType  # noqa: E402
from xgboost import XGBClassifier  # noqa: E402


def main() -> None:
    model = XGBClassifier(
        n_estimators=60, max_depth=3, learning_rate=0.1, subsample=0.8, colsample_bytree=0.6,
        min_child_weight=3, random_state=7, n_jobs=1,
    )  # fmt: skip
    model.fit(*credit().train)
    exported = onnxmltools.convert_xgboost(model, initial_types=[(INPUT, FloatTensorType(SHAPE))])
    onnxmltools.utils.save_model(exported, HERE / "model.onnx")
    write_credit(HERE, model.predict_proba)


if __name__ == "__main__":
    main()
