"""Tiny data sets that the tests of gan_mri.data write for themselves."""

import nibabel as nib
import numpy as np
from PIL import Image

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.images.sampling import Sampling
from gan_mri.data.stacks import Key, make_stacks

# RAS axes to stored axes "LAS", 2 x 1 x 3 mm, first voxel off centre.
LAS = np.array([[-2.0, 0, 0, 9], [0, 1, 0, -5], [0, 0, 3, -7], [0, 0, 0, 1]])


def head(shape=(12, 10, 8), seed=0, dtype=np.int16):
    """A bright ellipsoid of random values in a black box; the outermost slices are black."""
    coordinates = np.meshgrid(*[np.linspace(-1.2, 1.2, length) for length in shape], indexing="ij")
    inside = sum(c**2 for c in coordinates) < 1
    return (inside * np.random.default_rng(seed).integers(400, 1000, shape)).astype(dtype)


def write_nifti(path, array, affine=LAS):
    """Save a volume, with its folder; return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, affine), path)
    return path


def write_png(path, array):
    """Save a picture, with its folder; return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    return path


def write_bids(
    folder, subjects=("sub-01", "sub-02", "sub-03"), contrasts=("T1w", "T2w"), shape=(12, 10, 8)
):
    """A BIDS folder of heads; return the folder."""
    for i, subject in enumerate(subjects):
        for j, contrast in enumerate(contrasts):
            array = head(shape, seed=10 * i + j) * (1 + j)
            write_nifti(folder / subject / "anat" / f"{subject}_{contrast}.nii.gz", array)
    return folder


def write_pictures(folder, names, seed=0, shape=(9, 7), dtype=np.uint8):
    """A folder of random pictures."""
    random = np.random.default_rng(seed)
    for name in names:
        write_png(
            folder / f"{name}.png", random.integers(0, np.iinfo(dtype).max, shape).astype(dtype)
        )
    return folder


def stack_of(
    array,
    *,
    name="v.nii",
    affine=LAS,
    domain="A",
    subject="sub-01",
    entities="",
    plane="axial",
    spacing=None,
    slices=None,
    onto=None,
):
    """The one stack of a file that holds `array`; a picture where `affine` is None."""
    (stack,) = make_stacks(
        ImageFile(name, array, affine),
        domain=domain,
        key=Key(subject, entities),
        sampling=Sampling(plane, spacing),
        slices=slices,
        onto=onto,
    )
    return stack


def picture_of(array, name="a"):
    """The stack of a picture, a.png."""
    return stack_of(array, name=f"{name}.png", affine=None, subject=name)


class Given(list):
    """Samples whose images are the elements of a list."""

    def shape(self, index):
        return self[index].shape[:-1]

    def part(self, index, start, size):
        window = tuple(slice(first, first + length) for first, length in zip(start, size))
        return self[index][window]
