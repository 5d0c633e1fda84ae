"""The best checkpoint of a run: chosen on validation subjects, exported on demand."""

import shutil
from unittest import mock

import numpy as np
import pytest
import runs
from PIL import Image

import gan_mri
from gan_mri.commands import run_command
from gan_mri.data.images.foreground import statistics
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.inference.translator import Translator
from gan_mri.runs.run import load_run
from gan_mri.training import monitor, restored
from gan_mri.translate import main

IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 24, 24, 1)).astype("float32")


def errors(*values):
    """A `HeldOut` that finds these errors, epoch after epoch."""
    given = iter(values)

    class Measured(monitor.HeldOut):
        def measure(self, translate):
            return dict.fromkeys(("mae_A2B", "mae_B2A"), next(given))

    return mock.patch.object(monitor, "HeldOut", Measured)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Three epochs of two steps, the second of which is best."""
    folder = tmp_path_factory.mktemp("best") / "run"
    with errors(0.5, 0.1, 0.3), mock.patch.object(monitor, "history_figure"):
        runs.train_phantom(folder, **runs.QUICK | {"epochs": 3, "learning_rate": 0.05})
    return folder


@pytest.fixture
def copy(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "copy")


def weights(folder, which):
    """Of the network that translates from A to B, from the checkpoint's file."""
    index = read_json(folder / "checkpoints" / "index.json")
    index["last"] = index[which]
    write_json(folder / "checkpoints" / "index.json", index)
    found = runs.last_checkpoint(folder)
    return [value for name, value in found.items() if name.startswith("network_G_A2B/")]


def test_the_weights_of_either_checkpoint(copy):
    run = load_run(copy)
    for which, step in (("last", 6), ("best", 4)):
        model, state = restored.restored(run, which)
        assert state["step"] == step
        kept = sorted(weights(shutil.copytree(copy, copy.parent / which), which), key=np.sum)
        found = sorted(model.networks["G_A2B"].get_weights(), key=np.sum)
        for one, other in zip(found, kept, strict=True):
            np.testing.assert_array_equal(one, other)
    last = run.translator()(IMAGES)
    np.testing.assert_allclose(
        restored.restored(run, "last")[0].translators["A2B"](IMAGES), last, atol=1e-6
    )
    best = Translator(restored.export_best(run) / "A2B")
    expected = restored.restored(run, "best")[0].translators["A2B"](IMAGES)
    np.testing.assert_allclose(best(IMAGES), expected, atol=1e-6)
    assert np.abs(best(IMAGES) - last).max() > 0.01
    assert best.card.content == run.translator().card.content | {"step": 4}


def test_it_is_exported_once_and_again_when_there_is_a_better_one(copy):
    run = load_run(copy)
    folder = restored.export_best(run)
    assert folder == copy / "export-best"
    assert sorted(path.name for path in folder.iterdir()) == ["A2B", "B2A"]
    with mock.patch.object(restored, "export_translators", side_effect=AssertionError):
        restored.export_best(run)
    with errors(0.05), mock.patch.object(monitor, "history_figure"):
        runs.train_phantom(copy, resume=True, epochs=4)
    folder = restored.export_best(load_run(copy))
    assert [Translator(folder / name).card.content["step"] for name in ("A2B", "B2A")] == [8, 8]


def test_translate_takes_it(copy, tmp_path, capsys):
    (source,) = runs.write_pictures(tmp_path / "pictures", given=1).rglob("*.png")
    made = {}
    for which in ("last", "best"):
        output = tmp_path / f"{which}.npy"
        run_command(main, [*map(str, (copy, source, output)), "--checkpoint", which])
        made[which] = np.load(output)
    best = Translator(copy / "export-best" / "A2B")
    low, high = best.card.target_scaling.typical
    scaling = best.card.scalings["image"]
    pixels = np.array(Image.open(source))
    scaled = scaling.scale(pixels, scaling.window(statistics(pixels)))
    expected = (best(scaled[np.newaxis, ..., np.newaxis])[0, ..., 0] + 1) * (high - low) / 2 + low
    assert np.abs(made["best"] - np.maximum(expected, 0)).max() < 0.51
    assert np.abs(made["best"].astype(float) - made["last"]).max() > 0.01 * (high - low)


def refused(model, tmp_path, message, **options):
    (source,) = runs.write_pictures(tmp_path / "pictures", given=1).rglob("*.png")
    with pytest.raises(GanMriError, match=message):
        gan_mri.translate(
            model, source, tmp_path / "out.npy", checkpoint="best", progress=False, **options
        )
    assert not (tmp_path / "out.npy").exists()


def test_a_run_without_validation_subjects_has_none(tmp_path):
    """Not even where an older version chose one on test subjects."""
    folder = tmp_path / "run"
    with mock.patch.object(monitor, "history_figure"):
        options = {**runs.QUICK, "split": (0.5, 0, 0.5), "epochs": 1}
        runs.train_phantom(folder, **options)
    index = read_json(folder / "checkpoints" / "index.json")
    assert index == {"last": "step-00000003"}
    write_json(folder / "checkpoints" / "index.json", index | {"best": index["last"]})
    message = f"{folder}: expected a run with validation subjects .*--checkpoint last"
    refused(folder, tmp_path, message)
    assert not (folder / "export-best").exists()


def test_what_has_no_best_checkpoint_says_so(copy, tmp_path):
    exported = copy / "export" / "A2B"
    refused(exported, tmp_path / "1", f"{exported} is an exported model: expected its run folder")
    index = read_json(copy / "checkpoints" / "index.json")
    write_json(copy / "checkpoints" / "index.json", {"last": index["last"]})
    refused(copy, tmp_path / "2", "checkpoints holds no best checkpoint")
    shutil.rmtree(copy / "export")
    refused(copy, tmp_path / "3", "expected a finished run.*--resume")


def test_a_checkpoint_of_another_name(copy, tmp_path):
    with pytest.raises(GanMriError, match="checkpoint must be last or best. Received: 'first'"):
        gan_mri.translate(copy, tmp_path / "a.png", tmp_path / "b.png", checkpoint="first")


def test_a_best_checkpoint_of_mixed_precision(tmp_path):
    """float16 keeps the scale of its loss beside the weights."""
    folder = tmp_path / "run"
    with errors(0.5, 0.6), mock.patch.object(monitor, "history_figure"):
        runs.train_phantom(folder, **runs.QUICK | {"precision": "float16"})
    translator = Translator(restored.export_best(load_run(folder)) / "B2A")
    assert translator.card.content["step"] == 2 and translator(IMAGES).dtype == np.float32
