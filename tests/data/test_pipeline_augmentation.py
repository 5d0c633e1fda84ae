"""Augmented batches: one transform for an anatomy, the same in a resumed epoch."""

import numpy as np
import pytest
from data_samples import head, stack_of
from scipy import ndimage

from gan_mri.data.augmentation import Augmentation
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.pipeline import batches, mirror_axis_of
from gan_mri.data.samples import make_split

WINDOW = IntensityScaling.from_text("window:0:1000")
SIZE = (24, 28)
DOMAINS = ("T1w", "T2w", "CT")
ALL = Augmentation.parse("mirror rotate:20 scale:0.2 jitter bias gamma noise")


def blob(shape):
    """A bright spot off the middle, on air."""
    places = np.meshgrid(*(np.arange(length, dtype=float) for length in shape), indexing="ij")
    spot = sum((axis - 0.3 * length) ** 2 for axis, length in zip(places, shape))
    return (800 * np.exp(-spot / 12)).astype(np.float32)


def split_of(subjects=("s0", "s1"), domains=DOMAINS, plane="axial", shape=(28, 24, 3)):
    """The same spot in every slice, or volume, of all subjects and domains."""
    stacks = [
        stack_of(blob(shape), domain=domain, subject=subject, plane=plane, affine=np.eye(4))
        for domain in domains
        for subject in subjects
    ]
    return make_split(stacks, dict.fromkeys(domains, WINDOW))


def steps_of(split, order, augmentation, *, geometry=None, **options):
    options = {"channels": 1, "seed": 3, "epoch": 1} | options
    dataset = batches(
        split,
        geometry or Geometry(SIZE),
        np.array(order),
        augmentation=augmentation,
        **options,
    )
    return [{name: images.numpy() for name, images in batch.items()} for batch in dataset]


def places(images):
    """The middle of the spot in every image of a batch."""
    return np.array([ndimage.center_of_mass(image[..., 0] + 1) for image in images])


def same_places(one, other):
    return np.abs(places(one) - places(other)).max(axis=1) < 1e-3


MOVES = Augmentation.parse("mirror rotate:20 scale:0.2")


def test_images_of_one_anatomy_move_alike_and_others_do_not():
    # Slices 0, 1, 2 of s0, then of s1; the third column is another slice or subject.
    order = [[[i, i, j]] for i in range(6) for j in range(6) if i != j]
    steps = steps_of(split_of(), order, MOVES)
    assert all(same_places(step["T1w"], step["T2w"]).all() for step in steps)
    assert np.mean([same_places(step["T1w"], step["CT"])[0] for step in steps]) < 0.1
    # Elsewhere than before, and not the same at every step.
    moved = np.concatenate([places(step["T1w"]) for step in steps])
    assert (np.abs(moved - moved[0]).max(axis=1) > 0.1).mean() > 0.9


def test_partners_that_do_not_include_the_first_domain():
    order = [[[i, j, j]] for i in range(6) for j in range(6) if i != j]
    steps = steps_of(split_of(), order, MOVES)
    assert all(same_places(step["T2w"], step["CT"]).all() for step in steps)
    assert np.mean([same_places(step["T1w"], step["CT"])[0] for step in steps]) < 0.1


def test_rows_of_a_batch_are_drawn_apart():
    steps = steps_of(split_of(), [[[0, 0, 0], [0, 0, 0], [3, 3, 3]]] * 10, MOVES)
    for step in steps:
        found = places(step["T2w"])
        assert np.abs(found[0] - found[1]).max() > 1e-3
        assert same_places(step["T1w"], step["CT"]).all()


def test_contrast_and_coil_are_shared_and_noise_is_not():
    order = [[[0, 0, 3]]] * 20
    for step in steps_of(split_of(), order, Augmentation.parse("bias gamma")):
        np.testing.assert_array_equal(step["T1w"], step["T2w"])
        assert np.abs(step["T1w"] - step["CT"]).max() > 1e-3
    plain = steps_of(split_of(), order, None)[0]["T1w"]
    levels = []
    for step in steps_of(split_of(), order, Augmentation.parse("noise:0.1")):
        noise = [step[name] - plain for name in ("T1w", "T2w")]
        deviations = [values[plain > -0.5].std() for values in noise]
        assert not np.array_equal(*noise)
        levels.append(deviations)
    one, other = np.transpose(levels)
    assert np.corrcoef(one, other)[0, 1] > 0.9  # one level, drawn anew for every row


@pytest.mark.parametrize("first_step", [1, 4])
@pytest.mark.parametrize("fit", ["resize", "crop"])
def test_a_resumed_epoch_draws_the_same(first_step, fit):
    order = np.random.default_rng(0).integers(6, size=(5, 2, 3))
    geometry = Geometry((20, 18), fit)
    whole = steps_of(split_of(), order, ALL, geometry=geometry)
    rest = steps_of(split_of(), order, ALL, geometry=geometry, first_step=first_step)
    for one, other in zip(whole[first_step:], rest, strict=True):
        for domain in DOMAINS:
            np.testing.assert_array_equal(one[domain], other[domain])


def test_epochs_and_seeds_differ():
    order = [[[0, 0, 0]]]
    found = [
        steps_of(split_of(), order, ALL, **options)[0]["CT"]
        for options in ({}, {"epoch": 2}, {"seed": 4})
    ]
    assert not np.array_equal(found[0], found[1]) and not np.array_equal(found[0], found[2])


@pytest.mark.parametrize("augmentation", [None, Augmentation()])
def test_nothing_is_changed_without_augmentation(augmentation):
    split = split_of()
    for step, row in zip(
        steps_of(split, [[[2, 1, 4]], [[0, 5, 3]]], augmentation), [(2, 1, 4), (0, 5, 3)]
    ):
        for domain, index in zip(DOMAINS, row):
            np.testing.assert_array_equal(step[domain][0], split[domain][index][:24, :28])


@pytest.mark.parametrize(
    "plane, axis", [("axial", 2), ("coronal", 2), ("sagittal", None), ("volume", 1)]
)
def test_left_and_right_are_exchanged_whatever_the_plane(plane, axis):
    shape = (20, 20, 20)
    split = split_of(("s0",), ("T1w",), plane, shape)
    order = [[[0]]] * 30
    geometry = Geometry(shape[: 3 if plane == "volume" else 2])
    kinds = set()
    for step in steps_of(split, order, Augmentation.parse("mirror"), geometry=geometry):
        plain = split.T1w[0][np.newaxis]
        mirrored = plain if axis is None else np.flip(plain, axis)
        as_it_was, exchanged = (np.array_equal(step["T1w"], x) for x in (plain, mirrored))
        assert as_it_was or exchanged
        kinds.add("plain" if as_it_was else "mirrored")
    assert kinds == ({"plain"} if axis is None else {"plain", "mirrored"})


def test_pictures_are_mirrored_along_their_rows():
    assert mirror_axis_of(None) == 1


@pytest.mark.parametrize(
    "plane, sizes", [("coronal", (1.0, 1.0, 3.0)), ("volume", (1.0, 1.0, 3.0))]
)
def test_what_is_turned_keeps_its_shape_where_voxels_are_not_cubes(plane, sizes):
    """A ball in mm stays a ball: the two axes of a turned slice keep one width in mm."""
    shape = (48, 48, 20)
    grids = np.meshgrid(
        *[(np.arange(n) - (n - 1) / 2) * s for n, s in zip(shape, sizes)], indexing="ij"
    )
    ball = 900 * np.exp(-sum(axis**2 for axis in grids) / (2 * 6.0**2))
    stack = stack_of(ball.astype(np.float32), domain="A", plane=plane, affine=np.diag([*sizes, 1]))
    split = make_split([stack], {"A": WINDOW})
    middle = len(split.A) // 2
    geometry = Geometry(split.A.shape(middle))
    spacing = split.A.spacing(middle)
    for step in steps_of(
        split, [[[middle]]] * 5, Augmentation.parse("rotate:90"), geometry=geometry
    ):
        image = step["A"][0, ..., 0] + 1.0
        coordinates = np.indices(image.shape).reshape(image.ndim, -1).T * spacing
        covariance = np.cov(coordinates.T, aweights=image.ravel())
        widths = np.sqrt(np.linalg.eigvalsh(covariance))
        assert widths.max() / widths.min() < 1.06


def test_pictures_are_augmented_too():
    split = make_split([stack_of(head()[..., 4], affine=None)], {"A": WINDOW})
    (step,) = steps_of(split, [[[0]]], ALL, geometry=Geometry((18, 18)))
    assert step["A"].shape == (1, 18, 18, 1) and -1 <= step["A"].min() < step["A"].max() <= 1
