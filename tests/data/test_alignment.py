"""`align="headers"`: contrasts of a subject on the first one's grid."""

import logging

import nibabel as nib
import numpy as np
import pytest
from data_samples import write_bids, write_nifti
from scipy import ndimage

from gan_mri.data import load
from gan_mri.data.images.planes import to_stack
from gan_mri.errors import GanMriError
from gan_mri.prepare import prepare

# LAS, first voxel so that the middle of the volume is the origin.
FINE = nib.affines.from_matvec(np.diag([-2.0, 2, 3]), (23, -27, -24))
FINE_SHAPE = (24, 28, 17)
TURN = nib.eulerangles.euler2mat(0.1, -0.05, 0.08)
# Larger and oblique to the first, its axes in another order: slices of 4 mm along the body.
THICK_SHAPE = (18, 44, 42)
THICK = nib.affines.from_matvec(
    TURN @ np.array([[0, 1.5, 0], [0, 0, -1.6], [4.0, 0, 0]]), (-32, 34, -36)
)
OPTIONS = {
    "contrasts": ("T1w", "T2w"),
    "split": (1, 0, 0),
    "scaling": ("window:0:1000", "window:0:1000"),
}


def ramp(shape, affine):
    """500 + 3 x - 2 y + z, in mm: what every grid agrees about."""
    x, y, z = nib.affines.apply_affine(affine, np.indices(shape).reshape(3, -1).T).T
    return (500 + 3 * x - 2 * y + z).reshape(shape)


def textured(shape, affine):
    """The ramp and waves that linear interpolation flattens."""
    x, y, z = nib.affines.apply_affine(affine, np.indices(shape).reshape(3, -1).T).T
    waves = 60 * np.sin(x / 3) * np.cos(y / 4) + 30 * np.sin(z / 6)
    return ramp(shape, affine) + waves.reshape(shape)


def write(folder, second=textured, affine=THICK, subject="sub-01", session=""):
    """A T1w on the fine grid and a T2w on another."""
    stem = f"{subject}_{session}_" if session else f"{subject}_"
    inner = folder / subject / session / "anat" if session else folder / subject / "anat"
    write_nifti(inner / f"{stem}T1w.nii.gz", ramp(FINE_SHAPE, FINE).astype(np.float32), FINE)
    write_nifti(inner / f"{stem}T2w.nii.gz", second(THICK_SHAPE, THICK).astype(np.float32), affine)
    return folder


def on_the_first_grid(volume):
    """SciPy's answer: smoothed by half of the missing width, read at the first grid's places."""
    matrix = np.linalg.inv(THICK) @ FINE
    widths = np.sqrt((matrix[:3, :3] ** 2).sum(axis=1))
    smooth = ndimage.gaussian_filter(volume, np.maximum(widths - 1, 0) / 2, mode="nearest")
    at = matrix[:3, :3] @ np.indices(FINE_SHAPE).reshape(3, -1) + matrix[:3, 3:]
    assert (at.min(axis=1) >= 0).all() and (at.max(axis=1) <= np.array(THICK_SHAPE) - 1).all()
    return ndimage.map_coordinates(smooth, at, order=1).reshape(FINE_SHAPE)


@pytest.mark.parametrize("plane", ["axial", "coronal", "volume", "all"])
def test_contrasts_pair_on_the_first_grid(tmp_path, plane):
    data = load(write(tmp_path), **OPTIONS, plane=plane, align="headers", paired=True)
    assert len(data.train.pairs) == len(data.train.A) == len(data.train.B) > 0
    assert data.describe()["align"] == "headers" and data.describe()["different_grids"] == []
    truth = {
        "A": ramp(FINE_SHAPE, FINE),
        "B": on_the_first_grid(textured(THICK_SHAPE, THICK)),
    }
    for domain, volume in truth.items():
        for sample, key in zip(data.train[domain], data.train[domain].keys):
            expected = to_stack(volume, FINE, key.plane or plane)[key.number]
            np.testing.assert_allclose((sample[..., 0] + 1) * 500, expected, atol=0.02)
    # A ramp alone comes out as it went in, however it was cut.
    ramps = load(write(tmp_path / "r", ramp), **OPTIONS, plane=plane, align="headers").train
    for a, b in zip(ramps.A, ramps.B, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_without_it_pairs_are_refused_and_others_are_not_paired(tmp_path, caplog):
    with pytest.raises(
        GanMriError, match=r"sub-01_T1w.*sub-01_T2w.*one grid.*--align headers \(align='headers'\)"
    ):
        load(write(tmp_path / "in"), **OPTIONS, paired=True)
    data = load(tmp_path / "in", **OPTIONS)
    assert len(data.train.A) and len(data.train.B) and not len(data.train.pairs)
    assert data.describe()["different_grids"] == ["sub-01"] and "different grids" in caplog.text
    # A prepared file that was not aligned says the same.
    path = prepare(tmp_path / "in", tmp_path / "apart.h5", **OPTIONS)
    with pytest.raises(GanMriError, match="--align headers"):
        load(path, paired=True)
    with pytest.raises(GanMriError, match=r"apart\.h5: expected align none.*received headers"):
        load(path, align="headers")


def test_prepared(tmp_path):
    options = OPTIONS | {"plane": "volume", "align": "headers"}
    direct = load(write(tmp_path / "in"), **options)
    stored = load(prepare(tmp_path / "in", tmp_path / "a.h5", **options), paired=True)
    assert stored.describe()["align"] == "headers" and len(stored.train.pairs) == 1
    np.testing.assert_array_equal(stored.train.B[0], direct.train.B[0])


def test_with_a_voxel_size_the_first_grid_has_it(tmp_path):
    data = load(
        write(tmp_path, ramp), **OPTIONS, plane="volume", align="headers", spacing=4, paired=True
    )
    for samples in (data.train.A, data.train.B):
        assert samples.shape(0) == (12, 14, 13)
        np.testing.assert_allclose(samples.spacing(0), 4)
    a, b = (samples[0][2:-2, 2:-2, 2:-2] for samples in (data.train.A, data.train.B))
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_every_session_has_a_first_grid_of_its_own(tmp_path):
    write(tmp_path, ramp, session="ses-1")
    moved = nib.affines.from_matvec(np.eye(3), (5, 0, 0)) @ FINE
    folder = tmp_path / "sub-01" / "ses-2" / "anat"
    for contrast, shape, affine in (("T1w", (20, 28, 17), moved), ("T2w", FINE_SHAPE, FINE)):
        volume = ramp(shape, affine).astype(np.float32)
        write_nifti(folder / f"sub-01_ses-2_{contrast}.nii.gz", volume, affine)
    train = load(tmp_path, **OPTIONS, plane="volume", align="headers", paired=True).train
    assert [train.B.shape(i) for i in range(2)] == [FINE_SHAPE, (20, 28, 17)]
    inside = (slice(6, -6),) * 3
    for i in range(2):
        np.testing.assert_allclose(train.A[i][inside], train.B[i][inside], atol=1e-5)


def shifted(millimetres):
    """The thick grid, moved along the body."""
    return nib.affines.from_matvec(np.eye(3), (0, 0, millimetres)) @ THICK


def test_little_coverage_is_told(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "gan_mri"):
        data = load(write(tmp_path, affine=shifted(36)), **OPTIONS, plane="volume", align="headers")
    (message,) = [record.getMessage() for record in caplog.records]
    assert "sub-01_T2w.nii.gz covers " in message and "sub-01_T1w.nii.gz" in message
    covered = int(message.split("covers ")[1].split()[0])
    filled = np.unique(data.train.B[0], return_counts=True)[1].max() / data.train.B[0].size
    assert 30 < covered < 75 and abs(1 - filled - covered / 100) < 0.05


def test_no_coverage_is_refused(tmp_path):
    with pytest.raises(
        GanMriError, match=r"sub-01_T2w.*the same place as .*sub-01_T1w.*covers 0% of it"
    ):
        load(write(tmp_path, affine=shifted(200)), **OPTIONS, plane="volume", align="headers")


def test_one_grid_is_left_as_it_is(tmp_path, caplog):
    folder = write_bids(tmp_path)
    plain = load(folder, **OPTIONS, plane="volume")
    aligned = load(folder, **OPTIONS, plane="volume", align="headers")
    for one, other in zip(plain.train.B, aligned.train.B, strict=True):
        np.testing.assert_array_equal(one, other)
    assert aligned.train.B._stacks[0].array.dtype == np.int16 and not caplog.records


def test_without_the_first_contrast_the_next_one_leads(tmp_path):
    folder = write(tmp_path, ramp)
    fine = ramp(FINE_SHAPE, FINE).astype(np.float32)
    for contrast, volume, affine in (
        ("T2w", ramp(THICK_SHAPE, THICK).astype(np.float32), THICK),
        ("FLAIR", fine, FINE),
    ):
        write_nifti(folder / "sub-02" / "anat" / f"sub-02_{contrast}.nii.gz", volume, affine)
    write_nifti(folder / "sub-01" / "anat" / "sub-01_FLAIR.nii.gz", fine, FINE)
    data = load(
        folder,
        contrasts=("T1w", "T2w", "FLAIR"),
        split=(1, 0, 0),
        scaling="window:0:1000",
        plane="volume",
        align="headers",
    )
    shape = data.train.T2w.shape(1)
    assert data.train.T2w.keys[1].subject == "sub-02" and shape != FINE_SHAPE
    assert data.train.FLAIR.shape(1) == shape
    assert data.train.matched(("T2w", "FLAIR")).tolist() == [[0, 0], [1, 1]]
