"""Training runs small enough for a test, and the pictures they are made of."""

import contextlib
from unittest import mock

import numpy as np
import tensorflow as tf
from PIL import Image

import gan_mri
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.files import read_json, write_json
from gan_mri.runs.run import Run

#: Settings of "welander/cyclegan" that make it small, and with every part of it.
SMALL = {"filters": 2, "residual_blocks": 1, "discriminator_filters": 2, "pool_size": 3}

#: The smallest there is, for tests that are not about the networks.
SMALLEST = {**SMALL, "residual_blocks": 0, "normalization": "none"}

#: Four epochs of three steps on a phantom of six subjects, three held out.
PHANTOM = {
    "image_size": (24, 24),
    "split": (0.5, 0, 0.5),
    "epochs": 4,
    "decay_epoch": 2,
    "evaluate_every": 2,
    "precision": "float32",
    "strategy": "none",
}
STEPS = 3

#: Two epochs of two steps of the fastest method, with two subjects each for validation and test.
QUICK = {
    **PHANTOM,
    "recipe": "welander/simple",
    "filters": 2,
    "split": (1 / 3, 1 / 3, 1 / 3),
    "epochs": 2,
    "evaluate_every": 1,
}


def few(subjects, name="phantom"):
    """A built-in data set that trains on other than its number of subjects, to be put into
    `BUILT_IN`.
    """
    return BUILT_IN[name]._replace(training_subjects=subjects)


def train_phantom(folder, **arguments):
    """`gan_mri.train` on six subjects in place of two hundred."""
    with mock.patch.dict(BUILT_IN, phantom=few(6)):
        return gan_mri.train(out=folder, **{"progress": False, **arguments})


def finished_run(tmp_path_factory):
    """The folder of one finished run that all tests of a session share.

    Only to be read; what it printed lies beside it, in `finished.txt`.
    """
    folder = tmp_path_factory.getbasetemp() / "finished"
    if not folder.exists():
        with open(folder.with_suffix(".txt"), "w") as printed:
            with contextlib.redirect_stdout(printed):
                train_phantom(folder, progress=True, **PHANTOM, **SMALL)
    return folder


def quick_run(tmp_path_factory):
    """The folder of one finished run of `QUICK`; only to be read."""
    folder = tmp_path_factory.getbasetemp() / "quick"
    if not folder.exists():
        train_phantom(folder, **QUICK)
    return folder


def changed(folder, **changes):
    """Write changes to a run's config.json; returns what it holds now."""
    config = read_json(folder / "config.json") | changes
    write_json(folder / "config.json", config)
    return config


def last_checkpoint(folder):
    """Every tensor of a run's last checkpoint by its name."""
    checkpoints = Run(folder).folder / "checkpoints"
    name = read_json(checkpoints / "index.json")["last"]
    reader = tf.train.load_checkpoint(str(checkpoints / name / "variables"))
    names = [name for name in reader.get_variable_to_shape_map() if "OBJECT_GRAPH" not in name]
    return {name: reader.get_tensor(name) for name in names}


def assert_same_tensors(first, second):
    """Bit for bit."""
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def history_without_time(folder):
    """Rows of history.csv without the column that no two runs share."""
    rows = Run(folder).history
    return [{name: row[name] for name in row if name != "images_per_second"} for row in rows]


def write_pictures(folder, shape=(24, 24), dtype=np.uint8, **counts):
    """A GAN-MRI folder, such as `trainA=3, trainB=4`: bright discs on a dark ground."""
    high = np.iinfo(dtype).max
    rows, columns = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    disc = np.hypot(rows, columns) < 0.8
    for part, count in counts.items():
        (folder / part).mkdir(parents=True)
        for number in range(count):
            rng = np.random.default_rng([number, *part.encode()])
            pixels = rng.integers(high // 4, high, shape)
            pixels[~disc] = 0
            path = folder / part / f"{part}-{number}.png"
            Image.fromarray(pixels.astype(dtype)).save(path)
    return folder
