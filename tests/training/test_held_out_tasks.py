"""Held-out measurement of several sources, of one way only, of none, and of volumes."""

import numpy as np
import pytest
from discs import COLUMNS, ROWS, Discs, held_out, negative, paired, reference, split
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from gan_mri.data.images.geometry import Geometry
from gan_mri.data.samples import Split
from gan_mri.data.stacks import SampleKey
from gan_mri.tasks import Direction, Task
from gan_mri.training.held_out import copying, held_out_table

THREE = Task.each_from_the_others(("T1w", "T2w", "FLAIR"))


def mean_of(name, inputs):
    return np.mean([inputs[key] for key in inputs if key != "reference"], axis=0)


def test_a_direction_from_several_sources():
    """Each contrast from the mean of the two others, within the foreground of any of the three."""
    data = paired([(0, 1, 2), (2, 0, 1)], T1w=Discs(3, 1), T2w=Discs(2, 2), FLAIR=Discs(3, 3))
    measured = held_out(data, task=THREE).measure(mean_of)
    expected = {}
    for row in data.pairs:
        images = {name: data[name][index] for name, index in zip(data.domains, row)}
        mask = np.logical_or.reduce([data[d].mask(i) for d, i in zip(data.domains, row)])
        for target in THREE.domains:
            others = [image for name, image in images.items() if name != target]
            found = reference(images[target], np.mean(others, axis=0), mask)
            for name, value in found.items():
                expected.setdefault(f"{name}_{target}", []).append(value)
    assert len(expected) == 9
    for name, values in expected.items():
        assert measured[name] == pytest.approx(np.mean(values), rel=1e-5), name
    # Against the first source.
    assert 0 < measured["rank_FLAIR"] < 1 and measured["shift_T1w"] is not None
    baseline = held_out(data, task=THREE).measure(copying(THREE))
    a, b, c = data.pairs[0]
    mask = data.T1w.mask(a) | data.T2w.mask(b) | data.FLAIR.mask(c)
    only = held_out(data, task=THREE, most=1).measure(copying(THREE))
    assert only["mae_FLAIR"] == pytest.approx(np.abs(data.T1w[a] - data.FLAIR[c])[mask].mean())
    assert baseline["mae_FLAIR"] != only["mae_FLAIR"]


def test_without_pairs_and_without_a_way_back_there_is_no_error_to_measure():
    task = Task.between("A", "B", both_ways=False)
    measured = held_out(split(3, 3, pairs=[]), task=task).measure(negative)
    assert set(measured) == {"rank_A2B", "shift_A2B", "diversity_A2B"}


def test_a_direction_without_a_source_is_measured_against_nothing():
    task = Task(("A", "B"), (Direction("B", (), "B"),))
    made = np.zeros((1, ROWS, COLUMNS, 1), np.float32)
    assert held_out(split(2, 2, pairs=[]), task=task).measure(lambda name, inputs: made) == {}


class Balls:
    """Volumes: noise in a ball."""

    def __init__(self, count, seed):
        self.keys = [SampleKey(f"sub-{number}", "", 0) for number in range(count)]
        i, j, k = np.ogrid[-1:1:12j, -1:1:13j, -1:1:11j]
        self._inside = np.sqrt(i**2 + j**2 + k**2) < 0.8
        noise = np.random.default_rng(seed).uniform(-0.5, 1, (count, 12, 13, 11))
        self._images = np.where(self._inside, noise, -1).astype(np.float32)[..., np.newaxis]

    def __len__(self):
        return len(self._images)

    def __getitem__(self, index):
        return self._images[index]

    def mask(self, index):
        return self._inside


def test_volumes_are_measured_whole():
    data = Split({"A": Balls(2, 1), "B": Balls(2, 2)})
    rows = held_out(data, Geometry((17, 17, 17), "crop"))
    assert rows.convention.endswith("mean over volumes")
    measured = rows.measure(negative)
    A, B, mask = data.A, data.B, data.A.mask(0)
    errors = [np.abs(B[i] + A[i])[mask].mean() for i in range(2)]
    assert measured["mae_A2B"] == pytest.approx(np.mean(errors), rel=1e-6)
    truths = [(B[i][mask], -A[i][mask]) for i in range(2)]
    ratios = [peak_signal_noise_ratio(*pair, data_range=2) for pair in truths]
    assert measured["psnr_A2B"] == pytest.approx(np.mean(ratios), rel=1e-5)
    _, similar = structural_similarity(
        B[0][..., 0].astype(float),
        0.0 - A[0][..., 0].astype(float),
        data_range=2,
        gaussian_weights=True,
        sigma=1.5,
        truncate=3.0,
        use_sample_covariance=False,
        full=True,
    )
    only = held_out(data, Geometry((17, 17, 17), "crop"), most=1).measure(negative)
    assert only["ssim_A2B"] == pytest.approx(similar[mask].mean(), abs=2e-3)
    assert measured["rank_A2B"] == pytest.approx(-1) and measured["shift_A2B"] == 0


def test_images_smaller_than_the_window_of_the_ssim_have_none():
    data = Split({"A": Balls(1, 1), "B": Balls(1, 2)})
    for balls in data.images.values():
        balls._images, balls._inside = balls._images[:, :, :, :10], balls._inside[:, :, :10]
    measured = held_out(data, Geometry((17, 17, 17), "crop")).measure(negative)
    assert measured["ssim_A2B"] is None and measured["mae_A2B"] > 0


def test_the_table_of_several_sources_and_of_none():
    measured = {
        "slices": 3,
        "unit": "volumes",
        "subjects": ["sub-1", "sub-2"],
        "convention": "by hand",
        "metrics": {
            "untrained": {"mae_T2": 0.5, "psnr_T2": 10.0, "ssim_T2": None},
            "trained": {"mae_T2": 0.25, "psnr_T2": float("inf"), "ssim_T2": 1.0},
        },
    }
    task = Task(("T1", "PD", "T2"), (Direction("T2", ("T1", "PD"), "T2"),))
    contrasts = {"T1": "T1w", "PD": "PDw", "T2": "T2w"}
    table = held_out_table(measured, task, contrasts)
    assert table.startswith("Held out: 3 volumes of 2 subjects; by hand")
    lines = [" ".join(line.split()) for line in table.splitlines()]
    assert "T1w + PDw -> T2w untrained 0.5000 10.00" in " / ".join(lines)
    assert "T1w + PDw -> T2w trained 0.2500 inf 1.0000" in lines
    from_noise = Task(("T2",), (Direction("T2", (), "T2"),))
    assert "noise -> T2w" in held_out_table(measured, from_noise, contrasts)
