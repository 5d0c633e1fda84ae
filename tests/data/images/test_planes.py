import itertools

import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS

from gan_mri.data.images.planes import from_stack, parse_slices, slice_numbers, to_stack
from gan_mri.errors import GanMriError

PLANES = ("axial", "coronal", "sagittal")
OBLIQUE = nib.affines.from_matvec(
    nib.eulerangles.euler2mat(0.3, -0.2, 0.25) @ np.diag([-1, 1.2, -3.0]), (-20, 13, 4)
)


def affine_of(code, sizes=(1.0, 2.0, 3.0)):
    """Affine of a volume stored in the orientation `code`, voxel edges along R, A, S."""
    ornt = nib.orientations.axcodes2ornt(code)
    affine = np.eye(4)
    affine[:3, :3] = 0
    for stored, (axis, flip) in enumerate(ornt):
        affine[int(axis), stored] = flip * sizes[int(axis)]
    return affine


CODES = [
    "".join(pair[flip] for pair, flip in zip(order, flips))
    for order in itertools.permutations(["RL", "AP", "SI"])
    for flips in itertools.product((0, 1), repeat=3)
]
AFFINES = {code: affine_of(code) for code in CODES} | {"oblique": OBLIQUE, "LAS anisotropic": LAS}


def position(shape, affine, axis):
    """The millimetre coordinate of every voxel along one axis of RAS+."""
    indices = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1)
    return nib.affines.apply_affine(affine, indices)[..., axis]


@pytest.mark.parametrize("name", AFFINES)
def test_all_48_orientations_look_the_same_on_the_screen(name):
    affine, shape = AFFINES[name], (4, 5, 6)
    x, y, z = (position(shape, affine, axis) for axis in range(3))
    # plane: (what grows with the slice number, what grows upwards, what grows to the right)
    for plane, (number, up, right) in {
        "axial": (z, y, x),
        "coronal": (y, z, x),
        "sagittal": (x, z, y),
    }.items():
        assert (np.diff(to_stack(number, affine, plane), axis=0) > 0).all()
        assert (np.diff(to_stack(up, affine, plane), axis=1) < 0).all()  # rows run downwards
        assert (np.diff(to_stack(right, affine, plane), axis=2) > 0).all()


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", AFFINES)
def test_round_trip_is_exact(name, plane):
    for shape in ((4, 5, 6), (4, 5, 6, 3)):
        array = np.random.default_rng(0).random(shape)
        stack = to_stack(array, AFFINES[name], plane)
        np.testing.assert_array_equal(from_stack(stack, AFFINES[name], plane), array)


def test_formulas_for_a_canonical_array():
    array = np.random.default_rng(0).random((4, 5, 6))
    np.testing.assert_array_equal(to_stack(array, np.eye(4), "axial")[2], array[:, :, 2].T[::-1])
    np.testing.assert_array_equal(to_stack(array, np.eye(4), "coronal")[2], array[:, 2, :].T[::-1])
    np.testing.assert_array_equal(to_stack(array, np.eye(4), "sagittal")[2], array[2].T[::-1])


def test_unknown_plane():
    with pytest.raises(
        GanMriError, match="plane: expected one of axial, coronal, sagittal, received 'Axial'"
    ):
        to_stack(np.zeros((2, 2, 2)), np.eye(4), "Axial")


@pytest.mark.parametrize("slices", ["100:140", (100, 140), [100, 140], np.array([100, 140])])
def test_spellings_of_a_range(slices):
    assert parse_slices(slices) == (100, 140)


def test_no_range_means_all():
    assert parse_slices(None) is None
    np.testing.assert_array_equal(slice_numbers(4, None, path="v", plane="axial"), [0, 1, 2, 3])


@pytest.mark.parametrize("slices", ["100", "a:b", "1:2:3", ":5", (5, 5), (7, 5), (-3, 5), 5])
def test_bad_ranges(slices):
    with pytest.raises(GanMriError, match="slices: expected .*received"):
        parse_slices(slices)


def test_a_range_beyond_the_volume_says_what_there_is():
    np.testing.assert_array_equal(slice_numbers(8, (5, 8), path="v", plane="axial"), [5, 6, 7])
    with pytest.raises(
        GanMriError, match=r"v\.nii: expected slices 5:9 in the axial plane, .*slices 0:8"
    ):
        slice_numbers(8, (5, 9), path="v.nii", plane="axial")
