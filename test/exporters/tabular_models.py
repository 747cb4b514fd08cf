"""Small scikit-learn, XGBoost and LightGBM models on the data sets that scikit-learn bundles."""

import lightgbm
import numpy as np
import onnxmltools
import skl2onnx
import sklearn
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as BoosterFloat
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import is_classifier
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from fixture import HERE, write


def rows_of(x: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Five rows spread over the data: its classes are sorted."""
    return [{"x": x[i : i + 1]} for i in np.linspace(0, len(x) - 1, 5).astype(int)]


def data(load) -> tuple[np.ndarray, np.ndarray]:
    x, y = load(return_X_y=True)
    return x.astype(np.float32), y


SKLEARN = {
    "logistic": (LogisticRegression(max_iter=2000), load_iris),
    "pipeline": (make_pipeline(StandardScaler(), LogisticRegression()), load_wine),
    "minmax": (make_pipeline(MinMaxScaler(), LinearRegression()), load_diabetes),
    "tree": (DecisionTreeClassifier(max_depth=4, random_state=1), load_wine),
    "boosting": (GradientBoostingRegressor(n_estimators=15, max_depth=3, random_state=1), load_diabetes),
    "extra-trees": (ExtraTreesRegressor(n_estimators=8, max_depth=4, random_state=1), load_diabetes),
    "mlp": (
        make_pipeline(
            StandardScaler(),
            MLPRegressor(hidden_layer_sizes=(8, 4), activation="tanh", max_iter=800, random_state=1),
        ),
        load_diabetes,
    ),
    "linear": (LinearRegression(), load_diabetes),
    "normalizer": (make_pipeline(Normalizer(), LogisticRegression()), load_iris),
    "binarizer": (make_pipeline(Binarizer(threshold=2.0), LogisticRegression()), load_iris),
    "bins": (make_pipeline(KBinsDiscretizer(3, encode="ordinal"), LogisticRegression()), load_iris),
    "polynomial": (make_pipeline(PolynomialFeatures(2), LinearRegression()), load_iris),
}

BOOSTERS = {
    "xgboost-classifier": (xgboost.XGBClassifier(n_estimators=6, max_depth=3, n_jobs=1), load_iris),
    "xgboost-binary": (xgboost.XGBClassifier(n_estimators=8, max_depth=2, n_jobs=1), load_wine),
    "xgboost-regressor": (xgboost.XGBRegressor(n_estimators=10, max_depth=3, n_jobs=1), load_diabetes),
    "lightgbm-classifier": (lightgbm.LGBMClassifier(n_estimators=5, num_leaves=6, n_jobs=1, verbose=-1), load_iris),
    "lightgbm-regressor": (lightgbm.LGBMRegressor(n_estimators=8, num_leaves=6, n_jobs=1, verbose=-1), load_diabetes),
}


def export_sklearn(name: str, model, x: np.ndarray, options: dict | None) -> None:
    exported = skl2onnx.to_onnx(model, initial_types=[("x", FloatTensorType([None, x.shape[1]]))], options=options)
    (HERE / f"{name}.onnx").write_bytes(exported.SerializeToString())


def make() -> None:
    tool = f"skl2onnx {skl2onnx.__version__}, scikit-learn {sklearn.__version__}"
    for name, (model, load) in SKLEARN.items():
        x, y = data(load)
        model.fit(x, y)
        export_sklearn(f"sklearn-{name}", model, x, {"zipmap": False} if is_classifier(model) else None)
        write(f"sklearn-{name}", tool, rows_of(x))
    x, y = data(load_iris)
    export_sklearn("sklearn-zipmap", LogisticRegression(max_iter=2000).fit(x, y), x, None)
    write("sklearn-zipmap", tool, rows_of(x), refused="ZipMap")

    for name, (model, load) in BOOSTERS.items():
        x, y = data(load)
        y = (y == 1).astype(int) if "binary" in name else y
        holes = x.copy()
        # Some values missing, so that the trees carry the branch a missing value takes.
        holes[np.random.RandomState(1).rand(*x.shape) < 0.1] = np.nan
        model.fit(holes, y)
        types = [("x", BoosterFloat([None, x.shape[1]]))]
        if name.startswith("xgboost"):
            tool = f"onnxmltools {onnxmltools.__version__}, xgboost {xgboost.__version__}"
            exported = onnxmltools.convert_xgboost(model, initial_types=types)
        else:
            tool = f"onnxmltools {onnxmltools.__version__}, lightgbm {lightgbm.__version__}"
            exported = onnxmltools.convert_lightgbm(model, initial_types=types, zipmap=False)
        onnxmltools.utils.save_model(exported, HERE / f"{name}.onnx")
        write(name, tool, rows_of(x))
