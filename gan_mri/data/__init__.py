"""From files to slices in [-1, 1]: readers, planes, intensity scaling, splits.

Everything is loaded on first use: `import gan_mri.data` imports neither
nibabel, h5py, Pillow nor TensorFlow.

    data = gan_mri.data.load("my_bids", contrasts=("T1w", "T2w"), slices="80:120")
    data.train.A[0]                 # float32 (H, W, C) in [-1, 1]
    data.train.A.label(0)           # "sub-07 slice 80"
    data.test.pairs                 # rows (index into A, index into B)
    data.describe()                 # what config.json keeps

Modules: `readers` (one file to one array), `grid` and `planes` (orientation),
`foreground`, `scaling` and `scaling_choice` (intensities), `layouts`, `bids` and `folders`
(which files there are), `splits`, `stacks` (slices kept of one file), `slices` (what
training indexes), `hdf5` (the prepared file), `collection` and `translation_data` (all of
it together), `dataset` (`load`), `built_in` (data sets that are drawn), `brain_phantom`,
`knees`.
"""

import importlib

_MODULE_OF = {
    "load": "dataset",
    "TranslationData": "translation_data",
    "Split": "slices",
    "Slices": "slices",
    "SliceKey": "slices",
    "IntensityScaling": "scaling",
    "read_image": "readers",
    "to_stack": "planes",
    "from_stack": "planes",
    "phantom": "brain_phantom",
    "phantom_bids": "brain_phantom",
}

__all__ = list(_MODULE_OF)


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__():
    return sorted(set(globals()) | set(_MODULE_OF))
