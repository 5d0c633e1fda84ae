"""What `generate` writes: from the run's networks by hand, and as files that train again."""

import subprocess
import sys

import dual_gan_runs
import nibabel as nib
import numpy as np
import pytest
import runs
from PIL import Image

import gan_mri
from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.inference.card import CARD

NUMBER = 18  # more than a batch of 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return dual_gan_runs.finished(tmp_path_factory)


@pytest.fixture(scope="module")
def pairs(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("generated") / "pairs"
    gan_mri.generate(folder, out, number=NUMBER, progress=False)
    return out


def read(folder):
    return np.stack([np.array(Image.open(path)) for path in sorted(folder.iterdir())])


def test_masks_are_rounded_and_images_are_of_the_rounded(folder, pairs):
    run = gan_mri.load_run(folder)
    noise = run.task.direction("mask").draw_noise(range(NUMBER))
    window = (run.translator("mask")(noise)[..., 0] + 1) * 6.5
    labels = np.array(run.translator("mask").card.content["labels"])
    masks = labels[np.abs(window[..., None] - labels).argmin(axis=-1)]
    made = read(pairs / "tissue")
    assert made.dtype == np.uint8 and len(np.unique(made)) > 2
    np.testing.assert_array_equal(made, masks)
    image = run.translator("image")
    low, high = image.card.target_scaling.typical
    expected = (image((masks / 6.5 - 1)[..., None])[..., 0] + 1) * (high - low) / 2 + low
    images = read(pairs / "T1w")
    assert images.dtype == np.uint16
    # To whole numbers, and what the sums of another batch differ by.
    assert np.abs(images - expected).max() < 0.52


def test_they_are_pairs_to_train_with(pairs):
    names = {path.name for path in (pairs / "tissue").iterdir()}
    assert names == {f"generated-{k:05d}.png" for k in range(1, NUMBER + 1)}
    data = load(pairs, domains=("mask", "image"), contrasts=("tissue", "T1w"), paired=True)
    assert sum(len(part.pairs) for part in (data.train, data.validation, data.test)) == NUMBER
    facts = read_json(pairs / "generated.json")
    assert (facts["recipe"], facts["seed"], facts["number"]) == ("guibas/dual_gan", 0, NUMBER)
    assert facts["steps"] == {"mask": 4, "image": 4}


def test_a_seed_gives_the_same_images_whatever_their_number(folder, pairs, tmp_path):
    for name, number, seed in (("again", NUMBER, 0), ("fewer", 3, 0), ("other", 3, 1)):
        gan_mri.generate(folder, tmp_path / name, number=number, seed=seed, progress=False)
    for contrast in ("tissue", "T1w"):
        made = {name: read(tmp_path / name / contrast) for name in ("again", "fewer", "other")}
        np.testing.assert_array_equal(made["again"], read(pairs / contrast))
        np.testing.assert_array_equal(made["fewer"], made["again"][:3])
        assert len(made["other"]) == 3 and (made["other"] != made["fewer"]).any()


@pytest.fixture
def changed(folder, tmp_path):
    """`changed(name, **content)`: a copy of the run with other contents in one card."""
    import shutil

    def make(direction, config=None, **content):
        run = tmp_path / "run"
        if not run.exists():
            shutil.copytree(folder, run)
        card = run / "export" / direction / CARD
        write_json(card, read_json(card) | content)
        if config:
            runs.changed(run, **config)
        return run

    return make


def test_intensities_that_png_cannot_hold_are_nifti(changed, tmp_path):
    scaling = {"method": "window", "typical": [-1000.0, 2000.0]}
    run = changed("image", target_scaling=scaling)
    gan_mri.generate(run, tmp_path / "out", number=2, progress=False)
    for contrast, kind in (("tissue", np.uint8), ("T1w", np.int16)):
        made = nib.load(tmp_path / "out" / contrast / "generated-00002.nii.gz")
        assert made.get_data_dtype() == kind and made.shape == (18, 20, 1)


def test_a_run_of_slices_of_volumes_gives_volumes(changed, tmp_path, pairs):
    config = read_json(changed("image") / "config.json")
    view = config["view"] | {"plane": "coronal", "spacing": [2.0, 0.0, 2.0]}
    run = changed("image", config={"view": view})
    gan_mri.generate(run, tmp_path / "out", number=1, progress=False)
    made = nib.load(tmp_path / "out" / "tissue" / "generated-00001.nii.gz")
    np.testing.assert_allclose(made.header.get_zooms(), (2, 1, 2))
    # Columns from left to right, rows from top to bottom.
    picture = made.get_fdata()[:, 0, ::-1].T
    np.testing.assert_array_equal(picture, read(pairs / "tissue")[0])


def test_nothing_is_overwritten_and_nothing_left(folder, pairs, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    with pytest.raises(GanMriError, match="there exists already and is not overwritten"):
        gan_mri.generate(folder, tmp_path / "there", number=1, progress=False)

    def fail(*arguments, **options):
        raise GanMriError("no space")

    monkeypatch.setattr("gan_mri.generate.write_new", fail)
    with pytest.raises(GanMriError, match="no space"):
        gan_mri.generate(folder, tmp_path / "out", number=1, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"number": 0}, "number must be a whole number from 1. Received: 0"),
        ({"number": 2.0}, "number must be a whole number from 1. Received: 2.0"),
        ({"number": True}, "number must be a whole number from 1. Received: True"),
        ({"number": 1, "seed": -1}, "seed must be a whole number from 0 to 4294967295. Rec"),
    ],
)
def test_wrong_numbers(folder, tmp_path, arguments, expected):
    with pytest.raises(GanMriError, match=expected):
        gan_mri.generate(folder, tmp_path / "out", **arguments)


def test_a_run_that_translates_is_refused_at_once(tmp_path, tmp_path_factory):
    """One paragraph, status 2, and before TensorFlow is loaded."""
    run = runs.quick_run(tmp_path_factory)
    code = (
        "import sys; from gan_mri.commands import run_command; from gan_mri.generate import main\n"
        "try: run_command(main, sys.argv[1:])\n"
        "finally: print('tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(run), str(tmp_path / "out"), "--number", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (2, "False")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {run}: expected a run that makes images out of noise")
    assert "welander/simple" in line and not (tmp_path / "out").exists()
