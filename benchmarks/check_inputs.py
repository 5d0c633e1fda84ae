"""What `gan_mri.check` finds in inputs that are wrong in known ways, and in ones that are right.

    PYTHONPATH=. python benchmarks/check_inputs.py [--bids BIDS TRAIN_SUBJECT TEST_SUBJECT] [--say]

Three models are trained for two steps, because the ranges in their cards do not depend on training:
on heads of the phantom, on the same without skull, and on one subject of a BIDS folder (such as
../shared/data/brain_bids sub-07 sub-26). Each translates T1w to T2w and back. Right inputs are
phantoms of other seeds, and the other subject; wrong ones are made of one right input of each
model and contrast. Everything is seeded. Printed are two tables: for each way of being wrong in
how many of the inputs a doubt was raised, and which; and the doubts about right inputs.
"""

import argparse
import collections
import os
import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy import ndimage

import gan_mri
from gan_mri.synthetic.brain import phantom
from gan_mri.synthetic.brain.tissues import CSF

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

CONTRASTS = ("T1w", "T2w")
SHAPE = (80, 96, 80)
TRAINED, RIGHT = 6, 5

TINY = {"epochs": 1, "steps_per_epoch": 2, "filters": 8, "residual_blocks": 2}


# Wrong ways: `way(image, other, rng)`, the image of the other contrast beside it, to an image.


def _like(image, array, affine=None):
    affine = image.affine if affine is None else affine
    made = nib.Nifti1Image(np.asarray(array, np.float32), affine)
    made.set_sform(affine, code=1)
    made.set_qform(affine, code=1)
    made.header.set_xyzt_units("mm")
    return made


def _values(image):
    return np.asarray(image.dataobj, np.float32)


def _top(image):
    return float(np.percentile(_values(image), 99.5))


def flipped_sform(image, other, rng):
    """Left and right exchanged in the sform alone, as by a program that knows no qform."""
    made = _like(image, _values(image))
    made.set_sform(np.diag([-1.0, 1, 1, 1]) @ image.affine, code=1)
    return made


def flipped_both(image, other, rng):
    """The same in both: nothing in the file contradicts it."""
    return _like(image, _values(image), np.diag([-1.0, 1, 1, 1]) @ image.affine)


def zeroed_codes(image, other, rng):
    """sform and qform codes 0."""
    made = _like(image, _values(image))
    made.set_sform(image.affine, code=0)
    made.set_qform(image.affine, code=0)
    return made


def doubled_voxels(image, other, rng):
    """The header says twice the voxel size."""
    return _like(image, _values(image), image.affine @ np.diag([2.0, 2, 2, 1]))


def permuted_axes(image, other, rng):
    """Axes in another order, the affine untouched."""
    return _like(image, _values(image).transpose(2, 0, 1))


def turned(image, other, rng):
    """Turned by 90 degrees in the axial plane, the affine untouched."""
    return _like(image, np.rot90(_values(image), axes=(0, 1)))


def upside_down(image, other, rng):
    """Turned by 180 degrees about the axis from left to right, the affine untouched."""
    return _like(image, _values(image)[:, ::-1, ::-1])


def cropped(image, other, rng):
    """The half on one side, with the right affine."""
    return image.slicer[: image.shape[0] // 2]


def biased(image, other, rng):
    """A bias field from exp(-0.8) to exp(0.8) from front to back and side to side."""
    x, y, _ = np.meshgrid(*(np.linspace(-1, 1, n) for n in image.shape), indexing="ij")
    return _like(image, _values(image) * np.exp(0.8 * (y + x) / 2 * np.sqrt(2)))


def noisy(image, other, rng):
    """Rician noise of 10 % of the brightest tissue."""
    level, values = 0.1 * _top(image), _values(image)
    draws = level * rng.standard_normal((2, *values.shape))
    return _like(image, np.hypot(values + draws[0], draws[1]))


def blurred(image, other, rng):
    """A Gaussian of standard deviation 2 voxels."""
    return _like(image, ndimage.gaussian_filter(_values(image), 2))


def other_contrast(image, other, rng):
    """T2w for T1w, and T1w for T2w."""
    return _like(other, _values(other))


def inverted(image, other, rng):
    """Bright and dark exchanged."""
    return _like(image, _top(image) - np.minimum(_values(image), _top(image)))


def saturated(image, other, rng):
    """Clipped at the foreground's 30th percentile, as by a wrong display window."""
    values = _values(image)
    inside = values[values > 0.05 * _top(image)]
    return _like(image, np.clip(values, 0, np.percentile(inside, 30)))


def scaled(image, other, rng):
    """To [-1, 1] already: harmless, because every file's own window undoes it."""
    return _like(image, 2 * _values(image) / _values(image).max() - 1)


def constant(image, other, rng):
    """One value everywhere."""
    return _like(image, np.full(image.shape, 100.0))


WAYS = (
    flipped_sform,
    zeroed_codes,
    doubled_voxels,
    permuted_axes,
    turned,
    upside_down,
    cropped,
    biased,
    noisy,
    blurred,
    other_contrast,
    inverted,
    saturated,
    constant,
)
#: What cannot be seen, and what need not be.
UNSEEN = (flipped_both, scaled)


def brain_alone(subject):
    """Mask of the brain and the fluid in it: what a skull-stripping program leaves."""
    inside = ndimage.binary_opening(subject.labels > CSF)
    return ndimage.binary_fill_holes(ndimage.binary_closing(inside, iterations=3))


def write_phantoms(folder, names, numbers, seed, *, stripped):
    """BIDS files of the phantom; returns the images by subject and contrast."""
    written = {}
    for name, number in zip(names, numbers):
        (subject,) = phantom([number], contrasts=CONTRASTS, shape=SHAPE, seed=seed)
        for kind, chosen in (("head", False), ("brain", True)):
            if kind not in stripped:
                continue
            mask = brain_alone(subject) if chosen else True
            for contrast in CONTRASTS:
                path = folder / kind / name / "anat" / f"{name}_{contrast}.nii.gz"
                path.parent.mkdir(parents=True, exist_ok=True)
                plain = nib.Nifti1Image(subject.images[contrast], subject.affine)
                nib.save(_like(plain, np.where(mask, subject.images[contrast], 0)), path)
                written[kind, name, contrast] = path
    return written


def models(folder, bids):
    """The folder of each trained model, by name, and right inputs: (model, contrast, path)."""
    both = ("head", "brain")
    names = [f"sub-{number + 1:02d}" for number in range(TRAINED)]
    write_phantoms(folder / "train", names, range(TRAINED), 0, stripped=both)
    names = [f"sub-{number + 51:02d}" for number in range(RIGHT)]
    right = write_phantoms(folder / "right", names, range(RIGHT), 7, stripped=both)
    inputs = [(kind, contrast, path) for (kind, _, contrast), path in right.items()]
    sources = {kind: (folder / "train" / kind, None, (96, 80)) for kind in both}
    if bids is not None:
        root, _, subject = bids
        sources["bids"] = (root, subject, (128, 128))
        for contrast in CONTRASTS:
            (path,) = Path(root, subject).glob(f"anat/{subject}_{contrast}.nii*")
            inputs.append(("bids", contrast, path))
    trained = {}
    for name, (source, test, size) in sources.items():
        split = {"split": (1, 0, 0)} if test is None else {"test_subjects": [test]}
        trained[name] = gan_mri.train(
            "welander/generators_s",
            data=source,
            contrasts=CONTRASTS,
            image_size=size,
            out=folder / f"run-{name}",
            progress=False,
            **split,
            **TINY,
        ).folder
    return trained, inputs


def doubts(model, contrast, path):
    """What `check` finds, as names."""
    direction = "A2B" if contrast == CONTRASTS[0] else "B2A"
    (report,) = gan_mri.check(model, path, direction=direction)
    return ["refused"] if report.error else [one.quantity for one in report.findings], report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bids", nargs=3, metavar=("BIDS", "TRAIN_SUBJECT", "TEST_SUBJECT"))
    parser.add_argument("--keep", help="folder for models and images")
    parser.add_argument("--say", action="store_true", help="print every paragraph")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.keep or temporary)
        trained, inputs = models(folder, options.bids)
        right = [(*one, *doubts(trained[one[0]], *one[1:])) for one in inputs]
        print_right(right, options.say)
        print_wrong(folder, trained, inputs, options.say)


def print_right(right, say):
    print("| right inputs | number | with a doubt |\n|---|---|---|")
    for model in dict.fromkeys(one[0] for one in right):
        of = [one for one in right if one[0] == model]
        false = [f"{one[2].name}: {', '.join(one[3])}" for one in of if one[3]]
        print(f"| {model} | {len(of)} | {len(false)} {'; '.join(false)} |")
    if say:
        print(*(one[4] for one in right if one[3]), sep="\n")


def print_wrong(folder, trained, inputs, say):
    """One right input of each model and contrast, made wrong in every way."""
    first = {}
    for model, contrast, path in inputs:
        first.setdefault((model, contrast), path)
    skulls = {"head": "brain", "brain": "head", "bids": "head"}
    print("\n| wrong way | hits | doubts raised |\n|---|---|---|")
    for way in (*WAYS, "skull", *UNSEEN):
        hits, said = 0, collections.Counter()
        for (model, contrast), path in first.items():
            other = first[model, CONTRASTS[1 - CONTRASTS.index(contrast)]]
            if way == "skull":
                wrong = first[skulls[model], contrast]
            else:
                wrong = folder / f"{model}-{contrast}-{way.__name__}.nii.gz"
                rng = np.random.default_rng(0)
                nib.save(way(nib.load(path), nib.load(other), rng), wrong)
            found, report = doubts(trained[model], contrast, wrong)
            hits += bool(found)
            said.update(found)
            if say:
                print(report)
        name = "skull where there was none, or none" if way == "skull" else way.__doc__
        words = ", ".join(f"{word} {count}" for word, count in said.most_common())
        print(f"| {' '.join(name.split()).rstrip('.')} | {hits} of {len(first)} | {words} |")


if __name__ == "__main__":
    main()
