"""Small BIDS folders of balls in noise."""

import nibabel as nib
import numpy as np

SHAPE = (20, 22, 18)


def ball(seed=0, *, size=1.0, shape=SHAPE):
    """A volume (X, Y, Z) of a bright ball before 0, and its affine."""
    rng = np.random.default_rng(seed)
    x, y, z = np.ogrid[tuple(slice(-1, 1, length * 1j) for length in shape)]
    array = np.where(x**2 + y**2 + z**2 < 0.8, rng.uniform(200, 900, shape), 0.0)
    return array.astype(np.float32), np.diag([-size, size, size, 1.0])


def write(folder, *names, **options):
    """Write a volume for each name, `sub-01/anat/sub-01_T1w.nii.gz`; return the folder."""
    for seed, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(*ball(seed, **options)), path)
    (folder / "dataset_description.json").write_text('{"Name": "balls", "BIDSVersion": "1.9.0"}')
    return folder
