"""Exports every model of this directory again. Needs models/requirements.txt."""

import logging
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import keras_models  # noqa: E402
import tabular_models  # noqa: E402
import torch_models  # noqa: E402

if __name__ == "__main__":
    for maker in (torch_models, tabular_models, keras_models):
        maker.make()
