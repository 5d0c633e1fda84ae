"""The people of `cohen.py`: phantoms with and without lesions, in cohorts that share nobody."""

import shutil
import tempfile
from pathlib import Path

import numpy as np

SOURCE, TARGET = "T1w", "FLAIR"
#: 3.5 mm; of the 64 slices those that may show lesions.
SHAPE, SLICES = (64, 64, 64), (34, 46)
#: Added to the number of a person without lesions, whose twin with lesions is tested too.
HEALTHY = 500


def patients(share, number):
    """How many of `number` people have lesions at a share in percent."""
    return int(np.floor(share / 100 * number + 0.5))


def make_people(folder, numbers, contrasts, *, lesions, seed, shift=0):
    """Add people to a BIDS folder, and masks; without lesions the masks are empty.

    `shift` is added to the numbers in their names.
    """
    import nibabel as nib

    from gan_mri.data import phantom_bids

    if not numbers:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        made = phantom_bids(
            Path(work) / "bids",
            subjects=numbers,
            contrasts=contrasts,
            shape=SHAPE,
            seed=seed,
            lesions=lesions,
        )
        for number in numbers:
            old, new = (f"sub-{n + 1:03d}" for n in (number, number + shift))
            for path in sorted((made / old / "anat").iterdir()):
                target = folder / new / "anat" / path.name.replace(old, new)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, target)
            target = folder / "derivatives" / "lesions" / new / "anat"
            target.mkdir(parents=True, exist_ok=True)
            target /= f"{new}_label-lesion_mask.nii.gz"
            if lesions:
                mask = made / "derivatives" / "lesions" / old / "anat"
                shutil.move(mask / f"{old}_label-lesion_mask.nii.gz", target)
            else:
                image = nib.load(folder / new / "anat" / f"{new}_{contrasts[0]}.nii.gz")
                nib.save(nib.Nifti1Image(np.zeros(image.shape, np.uint8), image.affine), target)


def in_place(folder, make):
    """Call `make(folder)` unless the folder is there; it appears whole or not at all."""
    if folder.is_dir():
        return
    unfinished = folder.with_name(f"{folder.name}-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    make(unfinished)
    unfinished.rename(folder)


def make_pool(folder, number, *, lesions, seed):
    """`number` people with a T1w and as many others with a FLAIR, all with lesions or none."""
    for first, contrast in ((0, SOURCE), (number, TARGET)):
        people = list(range(first, first + number))
        make_people(folder, people, (contrast,), lesions=lesions, seed=seed)


def make_cohort(folder, pools, number, share, source_share):
    """Unpaired cohorts, of each the first people with lesions: copies out of both pools."""
    for first, part in ((0, source_share), (number, share)):
        for place in range(number):
            name = f"sub-{first + place + 1:03d}"
            pool = pools["with" if place < patients(part, number) else "without"]
            shutil.copytree(pool / name, folder / name)


def make_test(folder, numbers, seed):
    """People for tests, each once with lesions and once without."""
    contrasts = (SOURCE, TARGET, "tissue")
    make_people(folder, numbers, contrasts, lesions=True, seed=seed)
    make_people(folder, numbers, contrasts, lesions=False, seed=seed, shift=HEALTHY)


def is_healthy(name):
    """Whether a person of the test, "sub-529", is without lesions."""
    return int(name.removeprefix("sub-")) > HEALTHY
