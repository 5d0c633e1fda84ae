"""The golden numbers of the 2018 code: its weights, images and fixtures.

`tests/fixtures/*.npz` hold what GAN-MRI computed (Python 3.6, TensorFlow 1.8,
Keras 2.1.6; see `fixtures/make_golden.py`). The weights it computed with are
not stored: they come from a recipe of seeds.
"""

import os
import pathlib

import numpy as np

FIXTURES = pathlib.Path(__file__).parent / "fixtures"

#: The collection that the fixtures are cut from; tests that need its larger
#: files are skipped where it is missing.
SHARED = pathlib.Path(
    os.environ.get("GAN_MRI_GOLDEN", pathlib.Path(__file__).parents[2] / "shared" / "golden")
)

SEEDS = {"G_A2B": 1001, "G_B2A": 1002, "D_A": 1003, "D_B": 1004}

#: Fixture name: (folder of the collection, settings of the recipe, channels).
FORWARD_CASES = {
    "default": ("cyclegan_a_default", {}, 1),
    "resize_convolution": ("cyclegan_b_resizeconv", {"resize_convolution": True}, 1),
    "multiscale": ("cyclegan_c_multiscale", {"multiscale": True}, 1),
    "dense": ("cyclegan_d_nopatchgan", {"patch": False}, 1),
    "rgb": ("cyclegan_e_rgb", {}, 3),
}
TRAINING_CASES = {
    "default": ("cyclegan_train_default", {}),
    "supervised": ("cyclegan_train_supervised", {"supervised_weight": 10.0}),
    "multiscale_rl09": (
        "cyclegan_train_multiscale_rl09",
        {"multiscale": True, "real_label": 0.9},
    ),
    "identity": ("cyclegan_train_identity", {"identity_modulus": 1}),
}


def fixture(name):
    """A fixture file as a dict of arrays."""
    with np.load(FIXTURES / f"{name}.npz", allow_pickle=False) as file:
        return dict(file)


def to_range(pixels):
    """8-bit pixels in [-1, 1], as the 2018 loader scaled them."""
    return pixels / 127.5 - 1


def recipe_weights(seed, specs, gain=1.0):
    """Weights from a seed, the same in every NumPy.

    Parameters
    ----------
    seed : int
    specs : list of (kind, shape)
        In the order of the 2018 files; kind is "kernel", "bias", "gamma",
        "beta", "moving_mean" or "moving_variance".
    gain : float
        Times the kernels.

    Returns
    -------
    list of float32 arrays
    """
    random, weights = np.random.RandomState(seed), []
    for kind, shape in specs:
        u = random.random_sample(shape)
        if kind == "kernel":
            fans = np.prod(shape[:-2], dtype=int) * (shape[-2] + shape[-1])
            level = 2.0 ** np.round(np.log2(gain * np.sqrt(6.0 / fans) / 8.0))
            u = (2.0 * np.floor(u * 8) - 7.0) * level
        elif kind == "bias":
            u = u * 0.25 - 0.125
        else:
            u = u + 0.5 if kind in ("gamma", "moving_variance") else u - 0.5
        weights.append(u.astype("float32"))
    return weights


def kind(name):
    """What a variable is: kernel for `conv2d_1/kernel:0` and for `kernel`."""
    return name.split("/")[-1].split(":")[0]


def specs(variables):
    """(kind, shape) of each variable."""
    return [(kind(variable.name), tuple(variable.shape)) for variable in variables]


def fill(variables, seed, gain=1.0):
    """Give variables, in the order of the 2018 files, the weights of a seed."""
    weights = recipe_weights(seed, specs(variables), gain)
    for variable, weight in zip(variables, weights):
        variable.assign(weight)


def comparable(kinds):
    """Which tensors mean something after training.

    The bias of a convolution that feeds a normalisation has a zero gradient:
    its rounding noise is all that Adam sees.

    Returns
    -------
    list of int
        Indices of the others.
    """
    following = [*kinds[1:], None]
    return [
        index
        for index, (this, after) in enumerate(zip(kinds, following))
        if not (this == "bias" and after == "gamma")
    ]


def samples(tensor):
    """16 values or fewer of a tensor, at the places where the golden files have theirs.

    Those keep 64, evenly spread over the flattened tensor; this is every
    fourth of them, padded with NaN.
    """
    flat = np.ravel(tensor)
    places = np.linspace(0, flat.size - 1, min(64, flat.size)).round().astype(int)
    values = flat[np.unique(places)[::4]]
    return np.pad(values, (0, 16 - values.size), constant_values=np.nan)


def thin(image):
    """Every seventh value of an image.

    7 divides neither its sides nor its channels, so that all phases of the
    strided convolutions are there.
    """
    return np.ravel(image)[::7]
