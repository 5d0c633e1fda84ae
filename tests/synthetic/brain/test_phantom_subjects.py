import subprocess
import sys

import numpy as np
import pytest

from gan_mri.errors import GanMriError
from gan_mri.synthetic.brain import CONTRASTS, phantom, tissues


def same(first, second):
    """Whether two subjects agree in everything that both have."""
    shared = first.images.keys() & second.images.keys()
    assert shared
    np.testing.assert_array_equal(first.labels, second.labels)
    return all(np.array_equal(first.images[name], second.images[name]) for name in shared)


def test_defaults():
    (made,) = phantom()
    assert made.subject == "sub-001" and list(made.images) == ["T1w", "T2w"]
    for image in made.images.values():
        assert image.shape == (64, 64) and image.dtype == np.float32 and np.isfinite(image).all()
    assert made.labels.dtype == np.uint8 and made.lesions.dtype == bool and not made.lesions.any()
    np.testing.assert_allclose(np.abs(made.affine[:2, :2]), [[0, 3.5], [3.5, 0]])


def test_a_subject_is_the_same_whatever_else_is_asked_for():
    (alone,) = phantom([3], contrasts=["T2w"], seed=7)
    others = phantom([5, 3, 0], contrasts=CONTRASTS, seed=7)
    assert [other.subject for other in others] == ["sub-006", "sub-004", "sub-001"]
    assert same(alone, others[1])
    np.random.seed(0)
    assert same(alone, phantom(4, seed=7)[3])


def test_seed_and_number_change_the_subject():
    labels = [phantom([number], seed=seed)[0].labels for seed, number in [(0, 0), (0, 1), (1, 0)]]
    assert all((a != b).mean() > 0.05 for a, b in [labels[:2], labels[1:], labels[::2]])


def test_lesions_are_added_to_the_same_brain():
    options = dict(contrasts=("FLAIR", "T1w"), shape=(112, 96), noise=0)
    for healthy, diseased in zip(phantom(3, **options), phantom(3, lesions=True, **options)):
        assert diseased.lesions.sum() >= 4
        assert (healthy.labels[diseased.lesions] == tissues.WHITE).mean() > 0.8
        np.testing.assert_array_equal(diseased.labels[diseased.lesions], tissues.LESION)
        change = diseased.images["FLAIR"] - healthy.images["FLAIR"]
        assert change[diseased.lesions].mean() > 300
        assert (
            diseased.images["T1w"][diseased.lesions].mean()
            < healthy.images["T1w"][diseased.lesions].mean()
        )
        assert np.mean(change != 0) < 0.05


def test_tissue_medians_have_the_order_of_the_contrast():
    made = phantom(3, contrasts=CONTRASTS, shape=(128, 112), noise=0.01)
    labels = np.stack([subject.labels for subject in made])

    def median(contrast, code):
        return np.median(np.stack([subject.images[contrast] for subject in made])[labels == code])

    for contrast, codes in {
        "T1w": (tissues.FAT, tissues.WHITE, tissues.GRAY, tissues.CSF, tissues.AIR),
        "T2w": (tissues.CSF, tissues.GRAY, tissues.WHITE, tissues.AIR),
        "PDw": (tissues.GRAY, tissues.WHITE, tissues.AIR),
        "FLAIR": (tissues.GRAY, tissues.WHITE, tissues.CSF),
        "CT": (tissues.BONE, tissues.GRAY, tissues.WHITE, tissues.CSF, tissues.FAT, tissues.AIR),
        "FA": (tissues.WHITE, tissues.GRAY, tissues.CSF),
        "PET": (tissues.PUTAMEN, tissues.GRAY, tissues.WHITE, tissues.CSF),
    }.items():
        values = [median(contrast, code) for code in codes]
        assert values == sorted(values, reverse=True), (contrast, values)
    assert median("CT", tissues.AIR) == pytest.approx(-1000, abs=5)
    assert 700 < median("CT", tissues.BONE) < 1400


def test_the_head_fits_and_looks_forward():
    for made in phantom(12, shape=(66, 54)):
        edge = np.concatenate(
            [made.labels[0], made.labels[-1], made.labels[:, 0], made.labels[:, -1]]
        )
        assert (edge == tissues.AIR).all()
        # The head of the caudate lies in front of the thalamus: in rows of smaller index.
        rows = [
            np.argwhere(made.labels == code)[:, 0].mean()
            for code in (tissues.CAUDATE, tissues.THALAMUS)
        ]
        assert rows[0] < rows[1]


def test_a_slice_is_the_plane_of_the_volume():
    shape = (64, 64, 62)
    (volume,), (image,) = (
        phantom([2], shape=shape, noise=0, bias_field=0),
        phantom([2], noise=0, bias_field=0),
    )
    index = int(round((image.affine[2, 3] - volume.affine[2, 3]) / volume.affine[2, 2]))
    # Displayed: rows from front to back, columns from left to right.
    for name, least in (("T1w", 0.93), ("T2w", 0.85)):
        plane = volume.images[name][:, ::-1, index].T
        correlation = np.corrcoef(plane.ravel(), image.images[name].ravel())[0, 1]
        flipped = np.corrcoef(plane[:, ::-1].ravel(), image.images[name].ravel())[0, 1]
        assert correlation > least and correlation > flipped + 0.03


def test_volumes():
    (made,) = phantom(1, contrasts=("T1w",), shape=(24, 28, 20), lesions=True)
    assert made.images["T1w"].shape == made.labels.shape == made.lesions.shape == (24, 28, 20)
    # Up is up: the last slice is above the crown, the first cuts the neck, some 11 cm wide.
    assert (made.labels[:, :, -1] == tissues.AIR).all()
    neck = (made.labels[:, :, 0] != tissues.AIR).sum() * 8 * 8
    assert 8e3 < neck < 3e4  # mm2
    np.testing.assert_allclose(np.diag(made.affine), [8, 8, 9.5, 1])


def test_a_finer_grid_shows_the_same_head():
    (coarse,), (fine,) = (
        phantom(1, noise=0, bias_field=0),
        phantom(1, shape=(128, 128), noise=0, bias_field=0),
    )
    for name, image in coarse.images.items():
        pooled = fine.images[name].reshape(64, 2, 64, 2).mean(axis=(1, 3))
        assert np.corrcoef(pooled.ravel(), image.ravel())[0, 1] > 0.98


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(contrasts=("T1w", "T3w")), ["contrasts", "T3w", "T1w, T2w, PDw, FLAIR, CT, FA, PET"]),
        (dict(contrasts=()), ["contrasts", "()"]),
        (dict(contrasts="T1w"), ["contrasts", "sequence", "'T1w'"]),
        (dict(contrasts=("T1w", "T1w")), ["contrasts", "different"]),
        (dict(contrasts=None), ["contrasts", "None"]),
        (dict(shape=(64,)), ["shape", "(64,)"]),
        (dict(shape=(64, 8)), ["shape", "16", "(64, 8)"]),
        (dict(shape=(64, 10**6)), ["shape", "1024"]),
        (dict(shape=(64.5, 64)), ["shape", "64.5"]),
        (dict(shape=64), ["shape", "64"]),
        (dict(shape="big"), ["shape", "big"]),
        (dict(seed=-1), ["seed", "-1"]),
        (dict(seed=0.5), ["seed", "0.5"]),
        (dict(noise=-0.1), ["noise", "-0.1"]),
        (dict(noise=float("nan")), ["noise", "nan"]),
        (dict(bias_field="much"), ["bias_field", "much"]),
        (dict(lesions="many"), ["lesions", "many"]),
        (dict(subjects=0), ["subjects", "0"]),
        (dict(subjects=-2), ["subjects", "-2"]),
        (dict(subjects=[]), ["subjects", "none"]),
        (dict(subjects=[1, 1]), ["subjects", "[1, 1]"]),
        (dict(subjects=[0, -1]), ["subjects", "-1"]),
        (dict(subjects=1.5), ["subjects", "1.5"]),
        (dict(subjects="all"), ["subjects", "all"]),
    ],
)
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises(GanMriError) as caught:
        phantom(**arguments)
    message = str(caught.value)
    assert "\n" not in message and all(word in message for word in words), message


def test_the_phantom_needs_no_tensorflow():
    code = "import sys; import gan_mri.synthetic.brain; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
