"""Translating MR images between contrasts and modalities with GANs.

Everything is loaded when it is first used, so that `import gan_mri` takes no
time and needs no TensorFlow:

* `gan_mri.train`, `translate`, `check`, `bids`, `generate`, `export`, `publish`, `evaluate`,
  `calibrate`, `lesions`, `detect`, `compare`, `prepare`: the commands, callable;
  `study.make`, `study.score`;
* `gan_mri.build`: a recipe's model;
* `gan_mri.load_run`: a trained run;
* `gan_mri.data`, `layers`, `blocks`, `networks`, `losses`, `histogram`,
  `metrics`, `models`, `recipes`, `weights`, `synthetic`: the parts.
"""

import importlib

__version__ = "0.1.0"

_MODULES = (
    "backend",
    "bids",
    "blocks",
    "calibrate",
    "check",
    "compare",
    "data",
    "derivatives",
    "detect",
    "evaluate",
    "evaluation",
    "export",
    "generate",
    "histogram",
    "inference",
    "layers",
    "lesions",
    "losses",
    "metrics",
    "models",
    "networks",
    "optimizers",
    "papers",
    "prepare",
    "publish",
    "publishing",
    "recipes",
    "reporting",
    "runs",
    "study",
    "synthetic",
    "train",
    "training",
    "translate",
    "trust",
    "weights",
)
_OF_KERAS = ("blocks", "optimizers")
_FUNCTIONS = {"build": "gan_mri.recipes", "load_run": "gan_mri.runs.run"}


def __getattr__(name):
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(_FUNCTIONS[name]), name)
    if name in _MODULES:
        if name in _OF_KERAS:
            # Their first line is Keras, which fails in its own words on another backend.
            importlib.import_module("gan_mri.backend")
        return importlib.import_module(f"gan_mri.{name}")
    raise AttributeError(f"module 'gan_mri' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_MODULES, *_FUNCTIONS])
