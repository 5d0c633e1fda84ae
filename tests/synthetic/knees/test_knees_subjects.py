import subprocess
import sys

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from skimage.color import rgb2lab

from gan_mri.errors import GanMriError
from gan_mri.synthetic.knees import KINDS, Knee, knees


@pytest.fixture(scope="module")
def made():
    return {kind: knees(60, kind=kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_form(kind):
    first, second = knees(2, kind=kind, shape=(48, 40))
    assert isinstance(first, Knee)
    assert [first.subject, second.subject] == [f"{kind}-001", f"{kind}-002"]
    assert first.image.shape == (48, 40, 3) and first.image.dtype == np.uint8
    assert first.mask.shape == (48, 40) and first.mask.dtype == bool


@pytest.mark.parametrize("kind", KINDS)
def test_a_subject_is_the_same_whatever_else_is_asked_for(kind, made):
    np.random.seed(0)
    alone, other = knees([7, 3], kind=kind)
    assert [alone.subject, other.subject] == [f"{kind}-008", f"{kind}-004"]
    for knee, number in ((alone, 7), (other, 3)):
        np.testing.assert_array_equal(knee.image, made[kind][number].image)
        np.testing.assert_array_equal(knee.mask, made[kind][number].mask)


def test_every_subject_differs(made):
    for kind in KINDS:
        images = np.array([knee.image.ravel() for knee in made[kind]], float)
        assert pdist(images, "cityblock").min() / images.shape[1] > 2
    another = knees(1, kind="simulated", seed=1)[0]
    assert (another.image != made["simulated"][0].image).mean() > 0.2


def test_the_domains_are_of_different_people(made):
    """Masks of the same number agree no more than masks of different numbers."""
    masks = {kind: np.array([knee.mask.ravel() for knee in made[kind]]) for kind in KINDS}
    agree = (masks["simulated"][:, None] == masks["photograph"][None]).mean(axis=-1)
    same = np.diag(agree).mean()
    different = agree[~np.eye(len(agree), dtype=bool)].mean()
    assert same == pytest.approx(different, abs=0.02) and agree.max() < 1


@pytest.mark.parametrize("kind", KINDS)
def test_another_size_shows_the_same_knee(kind):
    for coarse, fine in zip(
        knees(4, kind=kind, shape=(64, 64)), knees(4, kind=kind, shape=(128, 128))
    ):
        pooled = fine.image.reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
        assert np.abs(pooled - coarse.image).mean() < 4
        assert np.corrcoef(pooled.ravel(), coarse.image.ravel())[0, 1] > 0.97
        share = fine.mask.reshape(64, 2, 64, 2).mean(axis=(1, 3))
        assert ((share > 0.5) == coarse.mask)[share != 0.5].mean() > 0.99


def test_a_longer_side_shows_more():
    (square,), (tall,), (wide,) = (
        knees(1, kind="simulated", shape=s) for s in ((64, 64), (96, 64), (64, 96))
    )
    np.testing.assert_allclose(tall.image[16:80].astype(int), square.image, atol=2)
    np.testing.assert_allclose(wide.image[:, 16:80].astype(int), square.image, atol=2)
    assert tall.mask[0].any() and tall.mask[-1].any()


def test_the_leg_fills_half_to_two_thirds_of_the_picture(made):
    for kind in KINDS:
        shares = np.array([knee.mask.mean() for knee in made[kind]])
        assert 0.5 < shares.mean() < 0.67 and shares.min() > 0.4 and shares.max() < 0.8
        for knee in made[kind]:
            # One band from top to bottom.
            edges = np.diff(np.pad(knee.mask, ((0, 0), (1, 1))).astype(int), axis=1)
            assert ((edges == 1).sum(axis=1) == 1).all()


def mean_colors(subjects, region):
    means = [knee.image[region(knee)].reshape(-1, 3).mean(axis=0) / 255 for knee in subjects]
    return rgb2lab(np.array(means)[None])[0]


def test_photographs_have_many_colors_and_simulations_one(made):
    """CIE76 between the mean colours of two pictures, averaged over all pairs."""
    for region, least, most in ((lambda knee: knee.mask, 14, 2), (lambda knee: np.s_[:], 18, 6)):
        spread = {kind: pdist(mean_colors(made[kind], region)).mean() for kind in KINDS}
        assert least < spread["photograph"] < 35 and spread["simulated"] < most


def test_photographs_are_mostly_well_exposed(made):
    for knee in made["photograph"]:
        leg = knee.image[knee.mask]
        assert 25 < leg.mean() < 240
    assert np.mean([(knee.image == 255).mean() for knee in made["photograph"]]) < 0.03


def test_skin_is_orange_on_the_whole(made):
    lab = mean_colors(made["photograph"], lambda knee: knee.mask)
    assert (lab[:, 1:].mean(axis=0) > 5).all() and np.ptp(lab[:, 0]) > 30


def test_background_of_simulations_is_black(made):
    for knee in made["simulated"]:
        assert np.median(knee.image[~knee.mask]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(subjects=0), ["subjects", "0"]),
        (dict(subjects="3"), ["subjects", "'3'"]),
        (dict(subjects=[1, 1]), ["subjects", "once"]),
        (dict(kind="Photograph"), ["kind", "'simulated' or 'photograph'", "'Photograph'"]),
        (dict(kind=None), ["kind", "None"]),
        (dict(shape=(64, 64, 3)), ["shape", "(64, 64, 3)"]),
        (dict(seed=-1), ["seed", "-1"]),
        (dict(seed=True), ["seed", "True"]),
        (dict(seed=0.5), ["seed", "0.5"]),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(GanMriError) as error:
        knees(**{"subjects": 1, "kind": "simulated", **arguments})
    assert all(word in str(error.value) for word in words)


def test_needs_no_tensorflow():
    code = (
        "import sys, gan_mri.synthetic.knees; loaded = {'tensorflow', 'keras'} & set(sys.modules)"
    )
    code += "; sys.exit(bool(loaded))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
