"""From files to slices or volumes in [-1, 1]: readers, planes, intensity scaling, splits.

Everything is loaded on first use: `import gan_mri.data` imports neither
nibabel, h5py, Pillow nor TensorFlow.

    data = gan_mri.data.load("my_bids", contrasts=("T1w", "T2w"), slices="80:120")
    data.train.A[0]                 # float32 (H, W, C) in [-1, 1]
    data.train.A.label(0)           # "sub-07 slice 80"
    data.test.pairs                 # rows (index into A, index into B)
    data.describe()                 # what config.json keeps

Folders: `files` (one file to one array and back), `sources` (which files there are: BIDS,
folders, prepared files, drawings), `images` (grid, planes, spacing, foreground, scaling, size: the
way to what a network sees), `augmentation`. Modules: `options` (what a user may say), `splits`,
`stacks` (what is kept of one file), `samples` (what training indexes), `order`, `pipeline`,
`collection` and `translation_data` (all of it together), `dataset` (`load`).
"""

import importlib

_MODULE_OF = {
    "load": "gan_mri.data.dataset",
    "DataOptions": "gan_mri.data.options",
    "TranslationData": "gan_mri.data.translation_data",
    "Split": "gan_mri.data.samples",
    "Samples": "gan_mri.data.samples",
    "SampleKey": "gan_mri.data.samples",
    "Slices": "gan_mri.data.samples",
    "SliceKey": "gan_mri.data.samples",
    "IntensityScaling": "gan_mri.data.images.scaling",
    "read_image": "gan_mri.data.files.readers",
    "to_stack": "gan_mri.data.images.planes",
    "from_stack": "gan_mri.data.images.planes",
    "phantom": "gan_mri.synthetic.brain",
    "phantom_bids": "gan_mri.synthetic.brain",
}

__all__ = list(_MODULE_OF)


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULE_OF[name]), name)


def __dir__():
    return sorted(set(globals()) | set(_MODULE_OF))
