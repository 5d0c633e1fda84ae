import json
import shutil

import numpy as np
import pytest
import runs

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.runs.run import FORMAT, load_run, versions


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return runs.finished_run(tmp_path_factory)


def test_a_run_opens_from_the_package(finished):
    run = gan_mri.load_run(str(finished))
    assert run.folder == finished and run.config["format"] == FORMAT
    assert [row["epoch"] for row in run.history] == [1, 2, 3, 4]


def test_networks_come_with_their_trained_weights(finished):
    run = load_run(finished)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 24, 24, 1)).astype(np.float32)
    for direction in ("A2B", "B2A"):
        network = run.network(f"G_{direction}")
        np.testing.assert_allclose(network(images), run.translator(direction)(images), atol=1e-5)
    # Discriminators are not exported: theirs are compared with the checkpoint.
    checkpoint = runs.last_checkpoint(finished)
    for name in ("D_A", "D_B"):
        kept = sorted(
            (values for key, values in checkpoint.items() if key.startswith(f"network_{name}/")),
            key=lambda values: (values.shape, values.sum()),
        )
        read = sorted(
            run.network(name).get_weights(), key=lambda values: (values.shape, values.sum())
        )
        assert len(kept) == len(read)
        for one, other in zip(kept, read):
            np.testing.assert_array_equal(one, other)


def test_what_a_run_does_not_have_is_named(finished, tmp_path):
    with pytest.raises(GanMriError, match="has no network 'G'. It has: G_A2B, G_B2A, D_A, D_B"):
        load_run(finished).network("G")
    (tmp_path / "run").mkdir()
    shutil.copy(finished / "config.json", tmp_path / "run")
    run = load_run(tmp_path / "run")
    assert run.history == []
    with pytest.raises(GanMriError, match="expected a finished run .* --resume --out"):
        run.translator()
    with pytest.raises(GanMriError, match="D_A.weights.h5: expected the weights of a finished run"):
        run.network("D_A")


@pytest.mark.parametrize("what", ["no such folder", "a folder without it", "a file"])
def test_what_is_no_run_folder_is_named(tmp_path, what):
    path = tmp_path / "run"
    if what == "a file":
        path.write_text("")
    elif what.startswith("a folder"):
        path.mkdir()
    with pytest.raises(GanMriError, match=f"run: expected a run folder .* Received: {what}"):
        load_run(path)


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "config.json: expected a JSON object that gan_mri wrote"),
        ('{"format": 99}', "expected a run of format 2. Received: format 99"),
        ('{"name": "something else"}', "expected a run of format 2. Received: format null"),
        ('{"format": 1, "recipe": "x"}', "in which settings is missing"),
    ],
)
def test_another_config_is_refused(tmp_path, text, message):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(GanMriError, match=message):
        load_run(tmp_path)


def test_versions_are_json_and_true():
    import tensorflow as tf

    found = json.loads(json.dumps(versions()))
    assert found["tensorflow"] == tf.__version__ and found["numpy"] == np.__version__
    assert set(found) == {"gan_mri", "python", "tensorflow", "keras", "numpy", "nibabel"}


@pytest.mark.parametrize("step", ["six", -1, [1], 1.5])
def test_a_step_that_is_none_is_named(tmp_path, step, tmp_path_factory):
    copy = shutil.copytree(runs.quick_run(tmp_path_factory), tmp_path / "run")
    path = copy / "export" / "A2B" / "assets.extra" / "gan_mri.json"
    write_json(path, read_json(path) | {"step": step})
    with pytest.raises(GanMriError, match="gan_mri.json: expected the card .* in which step is"):
        load_run(copy).exported("A2B")
