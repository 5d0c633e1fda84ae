import heads
import numpy as np
import pytest

from gan_mri.data.files.image_file import ImageFile
from gan_mri.trust.checks.header import check_header
from gan_mri.trust.checks.overview import overview

MIRROR = np.diag([-1.0, 1, 1, 1])


def found(volume=None, *, array=None, known=False):
    """What is doubted of a NIfTI image, as names."""
    array = heads.head() if array is None else array
    volume = heads.nifti(array) if volume is None else volume
    image = ImageFile("head.nii", array, volume.affine, volume.header)
    return {one.quantity: one for one in check_header(image, overview(image), known=known)}


def changed(sform=heads.AFFINE, qform=heads.AFFINE, codes=(1, 1), **options):
    volume = heads.nifti(heads.head())
    volume.set_qform(qform, code=codes[1])
    volume.set_sform(sform, code=codes[0])
    return found(volume, **options)


def test_a_head_that_is_right():
    assert not found() and not changed(codes=(4, 0)) and not changed(codes=(0, 1))
    left = heads.AFFINE.copy()
    left[0] *= -1
    assert not found(heads.nifti(heads.head(), left))


def test_codes_that_are_0():
    finding = changed(codes=(0, 0))["orientation_codes"]
    assert "sform and qform codes are both 0" in str(finding) and "guess" in finding.advice


def test_mirror_images_of_each_other():
    finding = changed(sform=MIRROR @ heads.AFFINE)["handedness"]
    assert "sform (LAS) and qform (RAS) are mirror images" in str(finding)
    # Two spaces are no excuse.
    assert "handedness" in changed(sform=MIRROR @ heads.AFFINE, codes=(4, 1))


def test_two_orientations_of_one_handedness():
    turned = np.diag([-1.0, -1, 1, 1]) @ heads.AFFINE
    assert "the sform says LPS, the qform RAS" in str(changed(sform=turned)["orientation"])


def test_two_places():
    moved = heads.AFFINE.copy()
    moved[1, 3] += 10
    assert "corners 10 mm apart" in str(changed(sform=moved)["forms"])
    # Scanner and MNI are two spaces; a tenth of a voxel is rounding.
    assert not changed(sform=moved, codes=(4, 1))
    moved[1, 3] -= 9.7
    assert not changed(sform=moved)


def test_two_voxel_sizes():
    volume = heads.nifti(heads.head())
    volume.header["pixdim"][1:4] = 1
    assert "1 x 1 x 1 mm by pixdim, 2.5 x 2.5 x 2.5 mm" in str(found(volume)["pixdim"])


def test_another_unit():
    volume = heads.nifti(heads.head())
    volume.header.set_xyzt_units("meter")
    assert found(volume)["units"].value == "meter"


@pytest.mark.parametrize(("degrees", "doubted"), [(20, False), (40, True)])
def test_a_tilted_volume(degrees, doubted):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[1, 0, 0, 0], [0, c, -s, 0], [0, s, c, 0], [0, 0, 0, 1]])
    assert ("tilt" in found(heads.nifti(heads.head(), turn @ heads.AFFINE))) is doubted


def test_axes_that_are_not_what_the_header_says():
    array = np.ascontiguousarray(heads.head().transpose(1, 0, 2))
    finding = found(array=array)["symmetry"]
    assert "across front and back" in finding.value


def test_what_any_head_has_is_asked_where_nothing_is_known():
    for scale, name in ((0.001, "field"), (5, "field")):
        affine = heads.AFFINE @ np.diag([scale, scale, scale, 1])
        assert name in found(heads.nifti(heads.head(), affine))
        assert name not in found(heads.nifti(heads.head(), affine), known=True)
    lost = heads.AFFINE.copy()
    lost[:3, 3] = 0
    finding = found(heads.nifti(heads.head(), lost))["center"]
    # (36, 42, 30) voxels of 2.5 mm, roughly.
    assert "(89, 9" in finding.value and "offset" in finding.advice


def test_a_volume_without_a_header():
    array = heads.head()
    image = ImageFile("phantom", array, heads.AFFINE)
    assert not check_header(image, overview(image), known=False)


def test_a_qform_that_is_no_rotation():
    volume = heads.nifti(heads.head())
    volume.header["quatern_b"], volume.header["quatern_c"] = 3, 3
    assert "qform" in found(volume)


def test_an_empty_volume_has_a_header_too():
    volume = heads.nifti(heads.head(), codes=(0, 0))
    image = ImageFile("x", np.zeros((9, 9, 9), np.float32), volume.affine, volume.header)
    (finding,) = check_header(image, overview(image), known=False)
    assert finding.quantity == "orientation_codes"
