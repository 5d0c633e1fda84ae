import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS, head, stack_of

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.images.planes import to_stack
from gan_mri.data.images.sampling import Sampling
from gan_mri.data.stacks import Key, check_alike, grid_difference, make_stacks, sample_keys
from gan_mri.errors import GanMriError


def test_kept_slices_of_a_volume():
    array = head()
    stack = stack_of(array, slices=(0, 7))
    whole = to_stack(array, LAS, "axial")
    filled = [k for k in range(7) if (whole[k] > 0).mean() >= 0.01]
    assert 0 not in filled  # the ellipsoid does not reach the first slice
    np.testing.assert_array_equal(stack.numbers, filled)
    assert stack.dropped == 7 - len(filled)
    np.testing.assert_array_equal(stack.array, whole[filled])
    assert stack.array.dtype == np.int16 and stack.array.flags.c_contiguous


@pytest.mark.parametrize("plane, count", [("axial", 8), ("coronal", 10), ("sagittal", 12)])
def test_the_range_follows_the_canonical_axis(plane, count):
    stack = stack_of(head(), plane=plane, slices=(count // 2, count // 2 + 1))
    np.testing.assert_array_equal(stack.array, to_stack(head(), LAS, plane)[count // 2][None])
    with pytest.raises(
        GanMriError, match=rf"v\.nii: expected slices 0:{count + 1} in the {plane} plane"
    ):
        stack_of(head(), plane=plane, slices=(0, count + 1))


def test_statistics_are_of_the_whole_volume():
    assert stack_of(head(), slices=(3, 4)).statistics == stack_of(head()).statistics


def test_the_grid_is_canonical():
    grid = stack_of(head()).grid
    canonical = nib.as_closest_canonical(nib.Nifti1Image(head(), LAS))
    assert grid.shape == canonical.shape
    np.testing.assert_array_equal(grid.affine, canonical.affine)


def test_a_picture_is_one_slice_and_a_black_one_is_dropped():
    picture = stack_of(head()[..., 4], affine=None)
    assert (
        picture.array.shape == (1, 12, 10)
        and picture.grid is None
        and picture.numbers.tolist() == [0]
    )
    black = stack_of(np.zeros((5, 5), np.uint8), affine=None)
    assert len(black.numbers) == 0 and black.array.shape == (0, 5, 5) and black.dropped == 1


def test_a_volume_without_foreground():
    array = np.full((10, 10, 10), 5)
    array[0, 0, 0] = 0
    with pytest.raises(GanMriError, match=r"v\.nii: .*nothing rises above its background"):
        stack_of(array)


def test_mixed_channels_and_kinds():
    gray, color = (
        stack_of(head(), name="grey.nii"),
        stack_of(head()[..., None].repeat(3, -1), name="rgb.nii"),
    )
    assert color.channels == 3 and color.array.shape[1:] == (10, 12, 3)
    with pytest.raises(
        GanMriError, match=r"rgb\.nii: expected grey .* like grey\.nii, received RGB"
    ):
        check_alike(color, gray)
    with pytest.raises(
        GanMriError, match=r"p\.png: expected volumes like grey\.nii, received pictures"
    ):
        check_alike(stack_of(head()[..., 4], name="p.png", affine=None), gray)
    check_alike(gray, gray)


def test_grid_difference():
    moved = LAS.copy()
    moved[2, 3] += 1
    assert grid_difference(stack_of(head()), stack_of(head(seed=1))) is None
    assert "(12, 10, 8)" in grid_difference(stack_of(head()), stack_of(head(), affine=moved))
    assert "(12, 10, 9)" in grid_difference(stack_of(head()), stack_of(head((12, 10, 9))))
    a, b = (stack_of(head((5, width, 6))[..., 3], affine=None) for width in (7, 8))
    assert grid_difference(a, a) is None
    assert "(5, 7) against (5, 8)" in grid_difference(a, b)


def test_a_volume_is_taken_whole():
    stack = stack_of(head(), plane="volume")
    canonical = nib.as_closest_canonical(nib.Nifti1Image(head(), LAS))
    np.testing.assert_array_equal(stack.array[0], np.asarray(canonical.dataobj))
    assert (stack.rank, stack.size, stack.channels) == (3, (12, 10, 8), 1)
    assert stack.numbers.tolist() == [0] and stack.dropped == 0 and not stack.is_sliced
    color = stack_of(head()[..., None].repeat(3, -1), plane="volume")
    assert (color.rank, color.size, color.channels) == (3, (12, 10, 8), 3)


def test_every_plane_has_a_stack():
    image = ImageFile("v.nii", head(), LAS)
    stacks = make_stacks(image, domain="A", key=Key("s"), sampling=Sampling("all"), slices=None)
    assert sorted(stack.plane for stack in stacks) == ["axial", "coronal", "sagittal"]
    for stack in stacks:
        one = stack_of(head(), plane=stack.plane)
        np.testing.assert_array_equal(stack.array, one.array)
        np.testing.assert_array_equal(stack.numbers, one.numbers)
        assert stack.names_plane and not one.names_plane and stack.is_sliced
        assert {key.plane for key in sample_keys(stack)} == {stack.plane}
        assert {key.plane for key in sample_keys(one)} == {""}


@pytest.mark.parametrize("plane", ["axial", "volume", None])
def test_what_is_compared_with_other_files_holds_no_voxels(plane):
    stack = stack_of(
        head() if plane else head()[..., 4], affine=LAS if plane else None, plane=plane or "axial"
    )
    outline = stack.without_samples()
    assert outline.array.nbytes == 0 and len(outline.numbers) == 0
    for name in ("rank", "size", "channels", "grid", "path", "key", "domain"):
        assert getattr(outline, name) == getattr(stack, name)
    assert outline.array.dtype == stack.array.dtype
    assert grid_difference(outline, stack) is None
    check_alike(outline, stack)
