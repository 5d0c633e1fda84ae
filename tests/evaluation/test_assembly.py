import nibabel as nib
import numpy as np
import pytest
import volumes_on_disk

from gan_mri.evaluation.assembly import Assembly
from gan_mri.evaluation.cases import Cases

MAKERS = {"T1w": volumes_on_disk.head, "T2w": lambda seed: volumes_on_disk.head(seed + 10)}


def assembled(tmp_path, *, make=lambda case: -case.source, size=None, **options):
    """Every whole image of the test subject by direction, each translation the source inverted."""
    bids = volumes_on_disk.write(tmp_path / "bids", MAKERS)
    data, run = volumes_on_disk.run_on(tmp_path / "run", bids, ("T1w", "T2w"), size=size, **options)
    cases = Cases(data, run.view.geometry, run.task)
    assembly, found = Assembly(cases), {}
    for index, case in enumerate(cases):
        whole = assembly.add(index, make(case))
        if whole is not None:
            assert whole.direction not in found
            found[whole.direction] = whole
    return bids, cases, found


def scaled(volume):
    """To [-1, 1] by the file's own window, as `volume` scaling is documented."""
    low, high = np.percentile(volume, (0.5, 99.9))
    foreground = volume > low + 0.05 * (high - low)
    window = np.percentile(volume, 0.5), np.percentile(volume[foreground], 99.5)
    return (
        np.clip(2 * (volume - window[0]) / (window[1] - window[0]) - 1, -1, 1),
        foreground,
        window,
    )


@pytest.mark.parametrize("plane", ["axial", "coronal", "all", "volume"])
def test_slices_become_the_volume_of_the_file_again(tmp_path, plane):
    bids, cases, found = assembled(tmp_path, plane=plane)
    assert set(found) == {"A2B", "B2A"}
    t1w, t2w = (volumes_on_disk.canonical(bids, "03", name) for name in ("T1w", "T2w"))
    source, in_source, _ = scaled(t1w)
    truth, in_truth, window = scaled(t2w)
    one = found["A2B"]
    assert (one.subject, one.label) == ("sub-03", "sub-03")
    np.testing.assert_allclose(one.real_scaled, truth, atol=1e-5)
    np.testing.assert_array_equal(one.mask, in_source | in_truth)
    expected = -source
    if plane != "volume":  # slices without a head are background, whatever the model would make
        tried = [("sagittal", "coronal", "axial").index(plane)] if plane != "all" else range(3)
        planes = []
        for axis in tried:
            both = [np.moveaxis(inside, axis, 0) for inside in (in_source, in_truth)]
            shown = np.all([b.reshape(len(b), -1).mean(axis=1) >= 0.01 for b in both], axis=0)
            assert 0 < shown.sum() < len(shown)
            kept = np.moveaxis(expected, axis, 0).copy()
            kept[~shown] = -1
            planes.append(np.moveaxis(kept, 0, axis))
        expected = np.mean(planes, axis=0)
        # Slices of air were never read again: they are the low end of the window.
        np.testing.assert_allclose(np.where(in_truth, one.real, 0), np.where(in_truth, t2w, 0))
    else:
        np.testing.assert_array_equal(one.real, t2w)
    np.testing.assert_allclose(one.made_scaled, expected, atol=1e-5)
    in_units = window[0] + (expected + 1) / 2 * (window[1] - window[0])
    np.testing.assert_allclose(one.made, in_units, rtol=1e-4, atol=0.05)


def test_resized_slices_come_back_to_their_own_size(tmp_path):
    _, _, found = assembled(tmp_path, make=lambda case: 0 * case.source + 0.5, size=(32, 32))
    one = found["B2A"]
    assert one.made_scaled.shape == one.real.shape == one.mask.shape == (22, 20, 24)
    assert set(np.unique(one.made_scaled)) == {-1.0, 0.5}


def test_a_range_of_slices_is_assembled_alone(tmp_path):
    bids, cases, found = assembled(tmp_path, slices="8:14")
    assert found["A2B"].real.shape == (22, 20, 6)
    volume = volumes_on_disk.canonical(bids, "03", "T2w")[..., 8:14]
    np.testing.assert_allclose(found["A2B"].real, volume)


def test_a_voxel_size_of_the_run_is_that_of_the_volume(tmp_path):
    _, cases, found = assembled(tmp_path, spacing=1.5)
    # 2 x 1.5 x 3 mm, along R, A and S.
    assert found["A2B"].real.shape == (29, 20, 48)
    assert nib.affines.voxel_sizes(cases.split["A"].files()[0][0].grid.affine).tolist() == [
        1.5,
        1.5,
        1.5,
    ]


def test_targets_are_known_before_anything_is_translated(tmp_path):
    bids, cases, _ = assembled(tmp_path, plane="axial")
    (target,) = Assembly(cases).targets("A2B")
    volume = volumes_on_disk.canonical(bids, "03", "T2w")
    assert target.path.endswith("sub-03_T2w.nii.gz") and target.contrast == "T2w"
    assert (target.is_volume, target.shape, target.channels) == (True, volume.shape, 1)
    assert (target.low, target.high) == (volume.min(), volume.max())
    assert target.scaling.method == "volume"
