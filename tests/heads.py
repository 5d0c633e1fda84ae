"""Heads that are drawn in a moment: an ellipsoid with tissue, wider at the back."""

import functools

import nibabel as nib
import numpy as np
from scipy import ndimage

from gan_mri.data.files.image_file import ImageFile

#: mm, along RAS+.
AFFINE = np.array([[2.5, 0, 0, -90], [0, 2.5, 0, -110], [0, 0, 2.5, -70], [0, 0, 0, 1.0]])
SHAPE = (72, 84, 60)


@functools.lru_cache(maxsize=16)
def head(seed=0, *, bright_middle=True, noise=0.02, shape=SHAPE):
    """A brain of 130 x 165 x 90 mm, float32 (X, Y, Z) along RAS+; of about 0 to 1000."""
    rng = np.random.default_rng(seed)
    x, y, z = (
        np.linspace(-1, 1, n).reshape([-1 if axis == k else 1 for axis in range(3)])
        for k, n in enumerate(shape)
    )
    size = rng.uniform(0.97, 1.03)
    wide = 1 - 0.35 * y
    level = (x / (0.72 * wide)) ** 2 + (y / 0.8) ** 2 + (z / 0.8) ** 2
    # Flat below, so that down and up are no mirror images.
    inside = (level < size) & (z > -0.4)
    depth = np.clip(1 - level, 0, 1)
    # Symmetrical, as heads are, with folds.
    folds = ndimage.gaussian_filter(rng.standard_normal(shape), 1.2)
    folds = (folds + folds[::-1]) / folds.std() / 2
    bright = 350 + 500 * np.sqrt(depth) if bright_middle else 850 - 500 * np.sqrt(depth)
    values = (bright + 60 * folds + 1000 * noise * rng.standard_normal(shape)) * inside
    values = values.astype(np.float32)
    values.flags.writeable = False
    return values


def image(array, affine=AFFINE, path="head.nii"):
    """The same as a reader returns it, with a header."""
    volume = nifti(array, affine)
    return ImageFile(path, array, volume.affine, volume.header)


def nifti(array, affine=AFFINE, codes=(1, 1)):
    """The same as a NIfTI image."""
    volume = nib.Nifti1Image(array, affine)
    volume.set_sform(affine, code=codes[0])
    volume.set_qform(affine, code=codes[1])
    volume.header.set_xyzt_units("mm")
    return volume


def write(folder, *names, **options):
    """BIDS files of heads, `sub-01/anat/sub-01_T1w.nii.gz`; those of T2w are dark in the middle."""
    for seed, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nifti(head(seed, bright_middle="T1w" in name, **options)), path)
    return folder
