"""Whole inputs against a card, wrong in ways that are known."""

import heads
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from gan_mri.data import load
from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.images.geometry import Geometry
from gan_mri.inference.card import Card, make_card, ranges_of
from gan_mri.tasks import TWO_DOMAINS
from gan_mri.trust.checks.inputs import doubts

NAMES = [f"sub-0{n}/anat/sub-0{n}_{c}.nii.gz" for n in (1, 2, 3) for c in ("T1w", "T2w")]


def card_of(source, geometry, **options):
    data = load(source, split=(1, 0, 0), **options)
    known = ranges_of(data, geometry)
    return Card(make_card(TWO_DOMAINS.direction("A2B"), data, geometry, ranges=known), "card")


@pytest.fixture(scope="module")
def bids(tmp_path_factory):
    return heads.write(tmp_path_factory.mktemp("heads"), *NAMES)


@pytest.fixture(scope="module")
def card(bids):
    return card_of(bids, Geometry((64, 64)), contrasts=("T1w", "T2w"))


def names(image, card):
    return {one.quantity for one in doubts(image, card, "image")}


@pytest.mark.parametrize("seed", range(50, 60))
def test_other_heads_of_the_kind_are_not_doubted(card, seed):
    array = 3 * heads.head(seed)
    assert not names(heads.image(array), card)


def biased(array):
    return array * np.exp(np.linspace(-0.8, 0.8, array.shape[1]))[:, np.newaxis]


def noisy(array):
    noise = 150 * np.random.default_rng(0).standard_normal((2, *array.shape))
    return np.hypot(array + noise[0], noise[1])


WRONG = {
    "aspect": lambda array: np.rot90(array),
    "field": lambda array: array[: array.shape[0] // 2],
    "bias": biased,
    "noise": noisy,
    "blur": lambda array: gaussian_filter(array, 2),
    "contrast": lambda array: heads.head(7, bright_middle=False),
    "foreground": lambda array: 1000 - array,
    "skewness": lambda array: np.minimum(array, 500),
    "front": lambda array: array[:, ::-1],
}


@pytest.mark.parametrize("quantity", WRONG)
def test_what_is_wrong_is_found(card, quantity):
    array = WRONG[quantity](heads.head(50)).astype(np.float32)
    assert quantity in names(heads.image(np.ascontiguousarray(array)), card)


def test_a_wrong_voxel_size_is_found(card):
    doubled = names(heads.image(heads.head(50), heads.AFFINE @ np.diag([2, 2, 2, 1])), card)
    assert {"voxel", "field", "length", "width"} <= doubled


def test_where_images_are_resampled_the_head_is_too_large(bids):
    card = card_of(bids, Geometry((64, 64)), contrasts=("T1w", "T2w"), spacing=(3, 3, 3))
    assert not names(heads.image(heads.head(50)), card)
    doubled = names(heads.image(heads.head(50), heads.AFFINE @ np.diag([2, 2, 2, 1])), card)
    assert "length" in doubled
    thick = heads.image(heads.head(50)[:, :, ::3], heads.AFFINE @ np.diag([1, 1, 3, 1]))
    found = [one for one in doubts(thick, card, "image") if one.quantity == "voxel"]
    assert found and "2.5 x 2.5 x 7.5 mm" in found[0].value


def test_without_ranges_only_the_header_is_looked_at(bids):
    data, geometry = load(bids, contrasts=("T1w", "T2w"), split=(1, 0, 0)), Geometry((64, 64))
    card = Card(make_card(TWO_DOMAINS.direction("A2B"), data, geometry), "card")
    assert not names(heads.image(noisy(heads.head(50)).astype(np.float32)), card)
    turned = np.ascontiguousarray(heads.head(50).transpose(1, 0, 2))
    assert names(heads.image(turned), card) == {"symmetry"}


def test_an_empty_volume(card):
    array = np.zeros(heads.SHAPE, np.float32)
    array[30, 30, 30] = 1
    assert names(heads.image(array), card) == {"foreground"}


def test_pictures_of_the_phantom():
    options = {"contrasts": ("T1w", "T2w"), "image_size": (64, 64)}
    card = card_of("phantom", Geometry((64, 64)), subjects=8, **options)
    others = load("phantom", subjects=14, split=(1, 0, 0), **options).train
    for domain, expected in (("A", set()), ("B", {"contrast"})):
        for stack, _ in others[domain].files()[8:]:
            image = ImageFile("a.npy", stack.array[0])
            assert names(image, card) == expected
    larger = np.kron(others["A"].files()[9][0].array[0], np.ones((2, 2), np.float32))
    assert names(ImageFile("a.npy", larger), card) >= {"rows", "columns"}


def test_images_too_small_to_be_measured_are_not_doubted():
    card = card_of("phantom", Geometry((24, 24)), subjects=3, image_size=(24, 24))
    picture = np.random.default_rng(0).uniform(0, 1, (24, 24)).astype(np.float32)
    assert not names(ImageFile("a.npy", picture), card)
