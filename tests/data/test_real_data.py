"""On real images, where they are at hand."""

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from gan_mri.data import load, read_image, to_stack
from gan_mri.data.images.foreground import statistics
from gan_mri.errors import GanMriError


def test_brain_bids(shared):
    data = load(shared / "brain_bids", contrasts=("T1w", "T2w"), slices="90:96", paired=True)
    assert len(data.train.subjects) == len(data.test.subjects) == 1
    assert len(data.train.pairs) == 6 and data.train.A[0].shape == (218, 182, 1)
    # Brain-extracted, so the rule can be held against the true mask; grey CSF in T1w falls partly
    # below.
    for split in (data.train, data.test):
        for domain in (split.A, split.B):
            volume = nib.load(domain.path(0))
            brain = to_stack(np.asarray(volume.dataobj) != 0, volume.affine, "axial")[90]
            mask = domain.mask(0)
            assert 2 * (mask & brain).sum() / (mask.sum() + brain.sum()) > 0.95


def test_tumour_bids(shared):
    data = load(shared / "tumour_bids", contrasts=("T1w", "FLAIR"), slices="70:74")
    assert data.train.subjects == ["sub-FG6692"] and data.test.subjects == ["sub-GLI00000"]
    assert data.train.A[0].shape == (240, 240, 1)


def test_lesion_masks_lie_on_the_lesions(shared):
    lesions = next((shared / "brain_bids" / "derivatives").rglob("sub-07*.nii.gz"))
    flair = read_image(shared / "brain_bids" / "sub-07" / "anat" / "sub-07_FLAIR.nii.gz")
    mask = read_image(lesions)
    bright = to_stack(flair.array, flair.affine, "axial")[
        to_stack(mask.array, mask.affine, "axial") > 0
    ]
    assert bright.mean() > statistics(flair.array).mean + statistics(flair.array).deviation


def test_ct_mr(shared):
    data = load(shared / "ct_mr", contrasts=("CT", "MR"), paired=True)
    assert data.scaling["A"].method == "uint8" and data.channels == 1
    assert (len(data.train.pairs), len(data.test.pairs)) == (127, 20)
    assert {name[:2] for name in data.test.subjects} == {"37"}


def test_folders_of_another_layout_say_what_they_hold(shared):
    with pytest.raises(GanMriError, match="facades: expected a GAN-MRI folder .* received image_"):
        load(shared / "facades")


def test_color_photos_as_two_folders(shared, tmp_path):
    """Dark, bright, and of skin from edge to edge: none of the photographs is an empty slice."""
    for name in ("benign", "melanoma"):
        (tmp_path / name).mkdir()
        for path in sorted((shared / "colour_photos" / name).iterdir())[::5]:
            (tmp_path / name / path.name).symlink_to(path)
    data = load(tmp_path, contrasts=("melanoma", "benign"))
    record = data.describe()
    assert record["kind"] == "two_folders" and data.channels == 3
    assert record["empty_slices"]["dropped"] == {"A": 0, "B": 0}
    assert record["counts"]["train"] == {"A": 42, "B": 42, "pairs": 0}
    assert record["counts"]["test"] == {"A": 18, "B": 18, "pairs": 0}
    assert "melanoma" in data.train.A.path(0) and "benign" in data.test.B.path(0)
    for domain in (data.train.A, data.test.B):
        pixels = np.asarray(Image.open(domain.path(7))).astype(np.float64)
        np.testing.assert_allclose(domain[7], pixels / 127.5 - 1, atol=1e-6)


def test_color_photos_as_a_gan_mri_folder(shared, tmp_path):
    for name, origin in (("trainA", "benign"), ("trainB", "melanoma")):
        (tmp_path / name).mkdir()
        for path in sorted((shared / "colour_photos" / origin).iterdir())[:5]:
            (tmp_path / name / path.name).symlink_to(path)
    data = load(tmp_path)
    assert (
        data.channels == 3 and data.train.A[0].shape == (256, 256, 3) and len(data.train.pairs) == 0
    )
    assert data.train.A.mask(0).mean() > 0.9
