import numpy as np
import pytest
import tiny

from gan_mri.errors import GanMriError
from gan_mri.models.image_terms import ImageTerms
from gan_mri.tasks import Direction, Task, Term

BOTH = Task.between("A", "B")
#: An undistorted image from two sources.
CLEAN = Task(("T1w", "b0", "clean"), (Direction("clean", ("T1w", "b0"), "clean"),))


def test_a_term_for_every_loss_and_direction():
    terms = ImageTerms("l1:100,ssim:0.5", BOTH).terms
    assert terms == {
        "l1_B": Term("image", 100.0, "A2B"),
        "ssim_B": Term("image", 0.5, "A2B"),
        "l1_A": Term("image", 100.0, "B2A"),
        "ssim_A": Term("image", 0.5, "B2A"),
    }
    assert ImageTerms({"edge": 2}, CLEAN).terms == {"edge_clean": Term("image", 2.0, "clean")}


@pytest.mark.parametrize("none", [None, "", {}, {"l1": 0}])
def test_none(none):
    terms = ImageTerms(none, BOTH)
    assert terms.terms == {} and not terms.needs_truth
    assert terms.measure(BOTH.direction("A2B"), *tiny.images(3, 1, 5, 4, 1)) == {}


def test_which_need_the_truth():
    assert ImageTerms("total_variation:1,l2:1", BOTH).needs_truth
    assert not ImageTerms("total_variation:1,self_regularization:1", BOTH).needs_truth


def test_values_are_unweighted_and_of_the_images_meant():
    truth, image, source = tiny.images(3, 2, 6, 5, 1)
    terms = ImageTerms("l2:7,self_regularization:3,total_variation:2", BOTH)
    values = terms.measure(BOTH.direction("B2A"), truth, image, source)
    slopes = np.concatenate([np.diff(image, axis=axis).ravel() for axis in (1, 2)])
    expected = {
        "l2_A": np.mean((truth - image) ** 2),
        "self_regularization_A": np.mean(np.abs(source - image)),
        "total_variation_A": np.mean(np.abs(slopes)),
    }
    assert list(values) == list(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-12, err_msg=name)


def test_features_are_those_of_the_targets_discriminator():
    looks = {"A": lambda images: [3 * images], "B": lambda images: [images, 2 * images]}
    terms = ImageTerms("discriminator_features:1", BOTH, looks)
    truth, image, source = tiny.images(3, 2, 6, 5, 1)
    error = np.mean(np.abs(truth - image))
    # The mean over layers.
    for direction, expected in (("A2B", 1.5 * error), ("B2A", 3 * error)):
        (value,) = terms.measure(BOTH.direction(direction), truth, image, source).values()
        np.testing.assert_allclose(value, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("given", "task", "lacks"),
    [
        ("discriminator_features:1", BOTH, "has no network for its features"),
        ("l1:1,segmenter_features:1", BOTH, "has no network for its features"),
        ("self_regularization:1", CLEAN, "does not make each image from one other"),
    ],
)
def test_what_a_system_cannot_compute_is_refused_when_it_is_made(given, task, lacks):
    with pytest.raises(GanMriError, match=f"image_losses: .*Received: '.*', but .* {lacks}"):
        ImageTerms(given, task)


def test_features_of_one_domain_are_not_enough():
    with pytest.raises(GanMriError, match="has no network"):
        ImageTerms("discriminator_features:1", BOTH, {"A": lambda images: [images]})


def test_unknown_names():
    with pytest.raises(GanMriError, match="image_losses: expected names from l1, .*'l3'"):
        ImageTerms("l3:1", BOTH)
