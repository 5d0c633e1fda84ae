import numpy as np
import pytest
import tiny
from untrained_runs import phantom_data, write_run

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.papers.maheshwari import reconstruction_figure as module
from gan_mri.papers.maheshwari.reconstruction_figure import (
    Streams,
    reconstruction_figure,
    unit_streams,
    unit_translators,
)
from gan_mri.runs.run import Run

CONTRASTS = {"A2B": "T2w", "B2A": "T1w"}


@pytest.fixture(scope="module")
def data():
    return phantom_data()


@pytest.fixture
def finished(tmp_path, monkeypatch, data):
    """A run of an untrained UNIT, and its model."""
    model = gan_mri.build("welander/unit", (24, 24, 1), seed=3, channels=3, **tiny.SETTINGS)
    monkeypatch.setattr(Run, "network", lambda run, name: model.networks[name])
    monkeypatch.setattr(Run, "load_data", lambda run: data)
    return write_run(tmp_path / "run", data, recipe="welander/unit"), model


def test_four_ways_through_the_shared_code(finished):
    run, model = finished
    translators = unit_translators(run)
    images = tiny.images(2, 24, 24, 1, dtype="float32")
    nets = model.networks
    code = nets["shared_encoder"](nets["encoder_B"](np.repeat(images, 3, axis=-1)))
    shown = np.asarray(nets["generator_B"](nets["shared_decoder"](code))).mean(
        axis=-1, keepdims=True
    )
    np.testing.assert_allclose(translators["B2B"](images), shown, rtol=0, atol=1e-5)
    for direction in ("A2B", "B2A"):
        expected = model.translators[direction](images)
        np.testing.assert_allclose(translators[direction](images), expected, rtol=0, atol=1e-5)
    ways = [np.asarray(translators[way](images)) for way in ("A2A", "A2B", "B2A", "B2B")]
    assert all(np.abs(a - b).max() > 1e-3 for i, a in enumerate(ways) for b in ways[:i])


def test_streams_of_the_images_that_the_evaluation_draws(finished, data):
    run, model = finished
    streams = unit_streams(run)
    assert list(streams) == ["A2B", "B2A"]
    a, b = data.test.pairs[1]  # the middle of three test subjects
    translators = unit_translators(run)
    for direction, source, truth in (
        ("A2B", data.test.A[a], data.test.B[b]),
        ("B2A", data.test.B[b], data.test.A[a]),
    ):
        one = streams[direction]
        np.testing.assert_array_equal(one.source, source)
        np.testing.assert_array_equal(one.truth, truth)
        own = {"A2B": "A2A", "B2A": "B2B"}[direction]
        translated = np.asarray(model.translators[direction](source[np.newaxis]))
        np.testing.assert_allclose(one.translation, translated[0], rtol=0, atol=1e-5)
        np.testing.assert_allclose(
            one.reconstruction, translators[own](source[np.newaxis])[0], rtol=0, atol=1e-5
        )
        back = model.translators[direction[::-1]](translated)
        np.testing.assert_allclose(one.cycled, back[0], rtol=0, atol=1e-4)


def test_a_method_without_a_shared_code_is_refused(tmp_path, data):
    run = write_run(tmp_path / "run", data, recipe="welander/simple")
    run.config["settings"] = {"filters": 2}
    with pytest.raises(GanMriError, match="has no network 'encoder_A'. It has: G_A2B"):
        unit_translators(run)


@pytest.fixture
def sheets(monkeypatch):
    drawn = []
    monkeypatch.setattr(
        module, "sample_sheet", lambda *args, **options: drawn.append((*args, options["title"]))
    )
    return drawn


def streams(label, truth=True):
    images = tiny.images(5, 12, 11, 1)
    source, real, *made = images
    both = {
        direction: Streams(label, source, real if truth else None, *made)
        for direction in ("A2B", "B2A")
    }
    return both, (source, real, *made)


def test_a_line_for_every_method_and_contrast(tmp_path, sheets):
    both, images = streams("sub-1")
    reconstruction_figure(tmp_path / "f.png", {"my_unit": both, "other": both}, CONTRASTS)
    ((_, columns, rows, title),) = sheets
    assert columns == [
        "input (real)",
        "real, of the other contrast",
        "translated",
        "reconstructed",
        "there and back",
    ]
    assert [label for label, _ in rows] == [
        "my unit: T1w to T2w", "my unit: T2w to T1w", "other: T1w to T2w", "other: T2w to T1w"
    ]  # fmt: skip
    assert all(one is other for _, line in rows for one, other in zip(line, images))
    assert title == "sub-1"


def test_unpaired_images_have_no_column_of_real_ones(tmp_path, sheets):
    both, (source, _, *made) = streams("a", truth=False)
    reconstruction_figure(tmp_path / "f.png", {"unit": both}, CONTRASTS)
    ((_, columns, rows, _),) = sheets
    assert columns == ["input (real)", "translated", "reconstructed", "there and back"]
    assert all(one is other for one, other in zip(rows[0][1], (source, *made)))


def test_of_volumes_three_planes(tmp_path, sheets):
    volumes = tiny.images(5, 9, 7, 5, 1)
    both = {way: Streams("sub-1", *volumes) for way in ("A2B", "B2A")}
    reconstruction_figure(tmp_path / "f.png", {"unit": both}, CONTRASTS)
    ((_, _, rows, _),) = sheets
    for picture, volume in zip(rows[0][1], volumes, strict=True):
        assert picture.shape == (7, 9 + 2 + 9 + 2 + 7, 1)
        np.testing.assert_array_equal(picture[:, :9, 0], volume[:, ::-1, 2, 0].T)


def test_the_picture_is_written(tmp_path):
    both, _ = streams("sub-1")
    path = reconstruction_figure(tmp_path / "f.png", {"unit": both}, CONTRASTS)
    assert path.read_bytes().startswith(b"\x89PNG")
