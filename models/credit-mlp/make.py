"""Standardised 20-16-8-1 network on the German credit data: a scikit-learn pipeline, exported by skl2onnx."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from data import credit  # noqa: E402
from tabular import INPUT, SHAPE, write_credit  # noqa: E402

from skl2onnx import to_onnx  # noqa: E402
from skl2onnx.common.data_types import FloatTensorType  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402


def main() -> None:
    network = MLPClassifier((16, 8), alpha=3.0, learning_rate_init=3e-3, max_iter=400, random_state=7)
    model = make_pipeline(StandardScaler(), network)
    model.fit(*credit().train)
    exported = to_onnx(
        model, initial_types=[(INPUT, FloatTensorType(SHAPE))], options={"zipmap": False}
    )
    (HERE / "model.onnx").write_bytes(exported.SerializeToString())
    write_credit(HERE, model.predict_proba)


if __name__ == "__main__":
    main()
