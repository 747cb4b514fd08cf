"""Random forest on the German credit data: scikit-learn, exported by skl2onnx."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from data import credit  # noqa: E402
from tabular import INPUT, SHAPE, write_credit  # noqa: E402

from skl2onnx import to_onnx  # noqa: E402
from skl2onnx.common.data_types import FloatTensorType  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402


def main() -> None:
    model = RandomForestClassifier(n_estimators=30, max_depth=6, min_samples_leaf=3, random_state=7)
    model.fit(*credit().train)
    exported = to_onnx(
        model, initial_types=[(INPUT, FloatTensorType(SHAPE))], options={"zipmap": False}
    )
    (HERE / "model.onnx").write_bytes(exported.SerializeToString())
    write_credit(HERE, model.predict_proba)


if __name__ == "__main__":
    main()
