"""Small BIDS folders of volumes that a test knows voxel by voxel, and runs on them."""

import nibabel as nib
import numpy as np
import pretended

from gan_mri.data import load
from gan_mri.tasks import TWO_DOMAINS

#: LAS, as the real data of the tests are.
AFFINE = np.array([[-2.0, 0, 0, 20], [0, 1.5, 0, -10], [0, 0, 3.0, 5], [0, 0, 0, 1]])


def head(seed=0, shape=(22, 20, 24)):
    """An ellipsoid of smooth tissue from 100 to 900 in air of 0, with empty slices at its ends."""
    rng = np.random.default_rng(seed)
    grids = np.meshgrid(*(np.linspace(-1.2, 1.2, n) for n in shape), indexing="ij")
    inside = sum(grid**2 for grid in grids) < 0.9
    waves = sum(np.sin(rng.uniform(2, 5) * grid + rng.uniform(0, 6)) for grid in grids)
    values = 500 + 100 * waves + 30 * rng.standard_normal(shape)
    return np.where(inside, np.clip(values, 100, 900), 0).astype("float32")


def ct(seed=0, shape=(22, 20, 24)):
    """The same head in Hounsfield units: air is -1000, tissue from -100 to 1000."""
    values = head(seed, shape)
    return np.where(values > 0, 1.25 * values - 150, -1000).astype("float32")


def write(folder, makers, subjects=("01", "02", "03"), affine=AFFINE):
    """`sub-01/anat/sub-01_T1w.nii.gz` for every subject and contrast.

    `makers` is contrast to a function of a seed, of which every subject has one.
    """
    for seed, subject in enumerate(subjects):
        for contrast, make in makers.items():
            path = folder / f"sub-{subject}" / "anat" / f"sub-{subject}_{contrast}.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            nib.save(nib.Nifti1Image(make(seed), affine), path)
    return folder


def canonical(folder, subject, contrast):
    """A volume along RAS+, read by nibabel alone."""
    path = folder / f"sub-{subject}" / "anat" / f"sub-{subject}_{contrast}.nii.gz"
    return nib.as_closest_canonical(nib.load(path)).get_fdata()


def run_on(folder, bids, contrasts, *, task=TWO_DOMAINS, test=("03",), size=None, **options):
    """Loaded data and a run without models, `test` its test subjects.

    `size` is that of images; without one they are taken as they are.
    """
    sizes = {"image_size": (20, 20, 20)} if options.get("plane") == "volume" else {}
    data = load(
        bids,
        domains=task.domains,
        contrasts=contrasts,
        test_subjects=list(test),
        **sizes,
        **options,
    )
    return data, pretended.measurable_run(folder, data, task, size=size)
