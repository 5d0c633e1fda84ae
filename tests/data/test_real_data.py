"""On real images, where they are at hand."""

import nibabel as nib
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

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


def edges(volume):
    return np.hypot(ndimage.sobel(volume, axis=0), ndimage.sobel(volume, axis=1)).ravel()


def test_volumes_at_3_mm(shared):
    """Two heads of three contrasts at a voxel size of their own, 1 mm in the files."""
    data = load(
        shared / "brain_bids",
        contrasts=("T1w", "T2w", "FLAIR"),
        image_size=(64, 80, 64),
        spacing=3,
        paired=True,
    )
    assert (data.plane, data.rank, data.domains) == ("volume", 3, ("T1w", "T2w", "FLAIR"))
    assert len(data.train.pairs) == len(data.test.pairs) == 1
    samples = data.train.T1w
    assert samples.shape(0) == (61, 73, 61)  # 182 x 218 x 182 mm
    np.testing.assert_allclose(samples.spacing(0), 3)
    # The mean over 27 voxels of the file is nearly what the smoothing leaves of them.
    image = nib.as_closest_canonical(nib.load(samples.path(0)))
    volume = np.asarray(image.dataobj, np.float64)[:, :216]
    blocks = volume[1:181, :, 1:181].reshape(60, 3, 72, 3, 60, 3).mean(axis=(1, 3, 5))
    low, high = samples.window(0)
    blocks = np.clip(2 * (blocks - low) / (high - low) - 1, -1, 1)
    found = samples[0][..., 0]
    best = max(
        np.corrcoef(blocks.ravel(), found[i : i + 60, j : j + 72, k : k + 60].ravel())[0, 1]
        for i in (0, 1)
        for j in (0, 1)
        for k in (0, 1)
    )
    assert best > 0.97
    assert 0.1 < samples.mask(0).mean() < 0.4


def test_thick_slices_pair_on_the_first_contrasts_grid(shared):
    """Two visits, each contrast in thick slices of its own."""
    options = {"contrasts": ("T1w", "T2w"), "split": (1, 0, 0), "plane": "volume"}
    with pytest.raises(GanMriError, match="one grid.*--align headers"):
        load(shared / "thick_bids", **options, paired=True)
    train = load(shared / "thick_bids", **options, align="headers", paired=True).train
    assert len(train.pairs) == 2
    for i in range(2):
        assert train.A.keys[i] == train.B.keys[i] and train.A.keys[i].entities == f"ses-{i + 1}"
        stored = nib.as_closest_canonical(nib.load(train.A.path(i)))
        assert train.A.shape(i) == train.B.shape(i) == stored.shape
        first, second = train.A[i][..., 0], train.B[i][..., 0]
        aligned, moved = (
            np.corrcoef(edges(first), edges(other))[0, 1]
            for other in (second, np.roll(second, 4, axis=0))
        )
        assert aligned > 0.35 and aligned > moved + 0.1
