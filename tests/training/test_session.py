import json
import shutil
import signal
from unittest import mock

import keras
import numpy as np
import pytest
import runs
import tensorflow as tf
from discs import reference
from PIL import Image

import gan_mri
from gan_mri.data import load
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.errors import GanMriError
from gan_mri.runs.run import load_run
from gan_mri.tasks import TWO_DOMAINS
from gan_mri.training.held_out import held_out_table
from gan_mri.training.session import recipe_of
from gan_mri.training.stopping import Interrupted
from gan_mri.training.trainer import Trainer


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of the finished run that a test may continue."""
    return shutil.copytree(finished, tmp_path / "copy")


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_run_folder(finished):
    found = files(finished)
    checkpoints = json.loads((finished / "checkpoints" / "index.json").read_text())
    assert checkpoints["last"] == "step-00000012"
    expected = {"config.json", "history.csv", "held_out.json", "curves.png"}
    expected |= {f"samples/epoch-{epoch:04d}.png" for epoch in (1, 2, 3, 4)}
    expected |= {f"weights/{name}.weights.h5" for name in ("G_A2B", "G_B2A", "D_A", "D_B")}
    expected |= {
        f"checkpoints/{name}/{file}"
        for name in checkpoints.values()
        for file in ("state.json", "variables.index", "variables.data-00000-of-00001")
    }
    expected |= {"checkpoints/index.json"}
    for direction in ("A2B", "B2A"):
        expected |= {
            f"export/{direction}/{file}"
            for file in (
                "saved_model.pb",
                "assets.extra/gan_mri.json",
                "assets.extra/gan_mri_network.json",
                "variables/variables.index",
                "variables/variables.data-00000-of-00001",
            )
        }
    assert expected <= found
    rest = {path for path in found - expected if not path.endswith("fingerprint.pb")}
    rest -= {".lock"}
    assert rest and all(path.startswith("tensorboard/events.out.tfevents.") for path in rest)
    for path in finished.rglob("*.png"):
        with Image.open(path) as picture:
            picture.load()


def test_the_config(finished):
    config = json.loads((finished / "config.json").read_text())
    assert config["format"] == 2 and config["recipe"] == "welander/cyclegan"
    for name, value in {**runs.SMALL, "epochs": 4, "decay_epoch": 2, "batch_size": 1}.items():
        assert config["settings"][name] == value
    assert config["arguments"]["data"] == "phantom" and config["arguments"]["seed"] == 0
    assert config["arguments"]["split"] == [0.5, 0, 0.5]
    assert config["geometry"] == {"size": [24, 24], "fit": "crop"}
    assert config["precision"] == "float32" and config["replicas"] == 1
    assert config["global_batch_size"] == 1 and config["steps_per_epoch"] == 3
    assert config["view"] == {"plane": None, "spacing": None, "geometry": config["geometry"]}
    run = load_run(finished)
    assert run.task == TWO_DOMAINS and run.contrasts == {"A": "T1w", "B": "T2w"}
    assert run.terms["cycle_A"].kind == "image" and run.terms["cycle_A"].weight == 10
    assert "resumed" not in config
    assert config["versions"]["tensorflow"] == tf.__version__
    assert config["versions"]["keras"] == keras.__version__
    assert config["versions"]["gan_mri"] == gan_mri.__version__
    data = config["data"]
    assert data["contrasts"] == ["T1w", "T2w"] and data["channels"] == 1
    assert data["counts"]["train"] == {"A": 3, "B": 3, "pairs": 3}
    subjects = data["subjects"]
    assert len(subjects["train"]) == len(subjects["test"]) == 3 and not subjects["validation"]
    assert not set(subjects["train"]) & set(subjects["test"])
    for domain in "AB":
        low, high = data["scaling"][domain]["typical"]
        assert data["scaling"][domain]["method"] == "volume" and low < high


def test_the_history(finished):
    rows = load_run(finished).history
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert [row["step"] for row in rows] == [3, 6, 9, 12]
    factors = [row["learning_rate_factor"] for row in rows]
    assert factors == pytest.approx([1, 1, 1 - 2 / 6, 1 - 5 / 6])
    names = (
        "D_A_real D_B_real D_A_fake D_B_fake G_total cycle_A cycle_B adversarial_A adversarial_B"
    )
    for row in rows:
        assert all(np.isfinite(row[name]) for name in names.split())
        total = 10 * (row["cycle_A"] + row["cycle_B"]) + row["adversarial_A"] + row["adversarial_B"]
        assert row["G_total"] == pytest.approx(total, rel=1e-5)
    assert [row["mae_A2B"] is None for row in rows] == [False, False, True, False]


def test_what_was_held_out(finished):
    """Every number again, from the exported models, by NumPy and scikit-image."""
    measured = json.loads((finished / "held_out.json").read_text())
    assert list(measured["metrics"]) == ["input itself", "untrained", "trained"]
    config = json.loads((finished / "config.json").read_text())
    assert measured["subjects"] == config["data"]["subjects"]["test"] and measured["slices"] == 3
    data = load("phantom", split=(0.5, 0, 0.5), subjects=6, image_size=(24, 24))
    run = load_run(finished)
    for direction, sources, truths in (
        ("A2B", data.test.A, data.test.B),
        ("B2A", data.test.B, data.test.A),
    ):
        translator = run.translator(direction)
        values = {"input itself": [], "trained": []}
        for index in range(3):
            mask = data.test.A.mask(index) | data.test.B.mask(index)
            images = {
                "input itself": sources[index],
                "trained": translator(sources[index][np.newaxis])[0],
            }
            for name, image in images.items():
                measures = reference(truths[index], image, mask)
                values[name].append([measures[metric] for metric in ("mae", "psnr", "ssim")])
        for name, rows in values.items():
            found = [
                measured["metrics"][name][f"{metric}_{direction}"]
                for metric in ("mae", "psnr", "ssim")
            ]
            np.testing.assert_allclose(found, np.mean(rows, axis=0), rtol=2e-4, atol=2e-5)
        untrained, trained = (measured["metrics"][name] for name in ("untrained", "trained"))
        assert untrained[f"mae_{direction}"] != trained[f"mae_{direction}"]


def test_what_was_printed(finished):
    text = finished.with_suffix(".txt").read_text()
    measured = json.loads((finished / "held_out.json").read_text())
    assert held_out_table(measured, TWO_DOMAINS, {"A": "T1w", "B": "T2w"}) in text
    assert "Held out: 3 slices of 3 subjects; intensities scaled to [-1, 1] (data range 2)" in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for direction, translation in (("A2B", "T1w -> T2w"), ("B2A", "T2w -> T1w")):
        for image, metrics in measured["metrics"].items():
            mae, psnr, ssim = (metrics[f"{name}_{direction}"] for name in ("mae", "psnr", "ssim"))
            assert f"{translation} {image} {mae:.4f} {psnr:.2f} {ssim:.4f}" in lines
    for path in (finished, finished / "samples", finished / "curves.png", finished / "export"):
        assert str(path) in text
    assert f"python -m gan_mri.translate {finished} INPUT OUTPUT" in text


def test_two_and_two_epochs_are_four(finished, tmp_path):
    """Stopped by Ctrl-C inside the second epoch; everything is equal bit for bit.

    The run starts from nothing, so this also shows that a seed gives one run.
    """
    folder, real = tmp_path / "interrupted", Trainer._step

    def step_and_interrupt(self, step, batch):
        if step == 4:
            signal.raise_signal(signal.SIGINT)
        return real(self, step, batch)

    with mock.patch.object(Trainer, "_step", step_and_interrupt):
        with pytest.raises(Interrupted, match=f"after step 5.*--resume --out {folder}"):
            runs.train_phantom(folder, **runs.PHANTOM, **runs.SMALL)
    assert not (folder / "export").exists() and len(load_run(folder).history) == 1
    with pytest.raises(GanMriError, match=f"{folder}: expected a finished run.*--resume"):
        gan_mri.translate(folder, folder / "curves.png", tmp_path / "out.png")

    runs.train_phantom(folder, resume=True)
    one, other = runs.last_checkpoint(finished), runs.last_checkpoint(folder)
    parts = {name.split("/")[0] for name in one}
    assert {"network_G_A2B", "network_D_B", "optimizer_D", "optimizer_G", "pool_A"} <= parts
    assert one["pool_A/queries/.ATTRIBUTES/VARIABLE_VALUE"] == 12
    runs.assert_same_tensors(one, other)
    assert runs.history_without_time(folder) == runs.history_without_time(finished)
    before, after = (
        json.loads((path / "held_out.json").read_text()) for path in (finished, folder)
    )
    assert before == after


def test_resuming_a_finished_run_does_no_harm(copy):
    history, held_out = (copy / "history.csv").read_bytes(), (copy / "held_out.json").read_bytes()
    images = np.random.default_rng(0).uniform(-1, 1, (2, 24, 24, 1))
    checkpoint, translated = runs.last_checkpoint(copy), load_run(copy).translator()(images)
    runs.train_phantom(copy, resume=True)
    runs.assert_same_tensors(runs.last_checkpoint(copy), checkpoint)
    np.testing.assert_array_equal(load_run(copy).translator()(images), translated)
    assert (copy / "history.csv").read_bytes() == history
    assert (copy / "held_out.json").read_bytes() == held_out


def test_a_finished_run_goes_on_with_more_epochs(copy):
    before = runs.history_without_time(copy)
    run = runs.train_phantom(copy, resume=True, epochs=5)
    rows = runs.history_without_time(copy)
    assert rows[:4] == before and rows[4]["epoch"] == 5 and rows[4]["step"] == 15
    assert run.config["settings"]["epochs"] == 5
    assert (copy / "samples" / "epoch-0005.png").exists()
    with pytest.raises(GanMriError, match="has 5 epochs behind it. Expected epochs from 5"):
        runs.train_phantom(copy, resume=True, epochs=4)


def test_a_checkpoint_of_another_structure_is_refused(copy):
    config = json.loads((copy / "config.json").read_text())
    config["settings"]["filters"] = 3
    (copy / "config.json").write_text(json.dumps(config))
    before = files(copy)
    with pytest.raises(GanMriError, match="step-00000012 does not fit this model"):
        runs.train_phantom(copy, resume=True)
    assert files(copy) == before


def test_unpaired_color_pictures(tmp_path, capsys):
    """Two domains of different sizes and numbers, in batches of two, in float64."""
    data = tmp_path / "data"
    runs.write_pictures(data, (26, 30, 3), trainA=3, testA=2)
    runs.write_pictures(data, (24, 25, 3), trainB=4, testB=1)
    run = gan_mri.train(
        data=data,
        out=tmp_path / "run",
        image_size=(20, 24),
        fit="crop",
        epochs=1,
        batch_size=2,
        precision="float64",
        **runs.SMALLEST,
    )
    (row,) = run.history
    assert row["step"] == 2 and np.isfinite(row["cycle_mae_A"])
    held_out = json.loads((run.folder / "held_out.json").read_text())
    assert list(held_out["metrics"]) == ["untrained", "trained"] and held_out["slices"] == 1
    text = capsys.readouterr().out
    assert "MAE A -> B -> A" in text and "untrained" in text
    translated = run.translator("B2A")(np.zeros((1, 19, 33, 3)))
    assert translated.shape == (1, 19, 33, 3) and translated.dtype == np.float32
    assert (
        runs.last_checkpoint(run.folder)["optimizer_G/moments/G/0/.ATTRIBUTES/VARIABLE_VALUE"].dtype
        == np.float64
    )
    network = run.network("G_B2A")
    np.testing.assert_allclose(
        network(np.zeros((1, 20, 24, 3), np.float32)),
        run.translator("B2A")(np.zeros((1, 20, 24, 3))),
        atol=1e-5,
    )


def test_knees(tmp_path, monkeypatch):
    """Built-in, unpaired: drawn at the image size, with settings of their own, resumed by name."""
    monkeypatch.setitem(BUILT_IN, "knees", runs.few(4, "knees"))
    options = {"data": "knees", "contrasts": ("photograph", "simulated"), "image_size": (20, 24)}
    run = gan_mri.train(
        out=tmp_path / "run",
        steps_per_epoch=1,
        epochs=1,
        progress=False,
        **options,
        **runs.SMALLEST,
    )
    config = run.config
    assert config["settings"]["epochs"] == 1 and config["settings"]["decay_epoch"] == 3
    assert (
        config["arguments"]["data"] == config["data"]["source"] == config["data"]["kind"] == "knees"
    )
    assert (
        config["geometry"] == {"size": [20, 24], "fit": "crop"} and config["data"]["channels"] == 3
    )
    assert config["data"]["counts"]["train"] == {"A": 3, "B": 3, "pairs": 0}
    assert config["data"]["counts"]["test"] == {"A": 1, "B": 1, "pairs": 0}
    assert set(run.held_out["metrics"]) == {"untrained", "trained"}
    run = gan_mri.train(out=run.folder, resume=True, data="knees", epochs=2, progress=False)
    assert len(run.history) == 2 and run.config["data"] == config["data"]
    assert run.load_data().describe()["subjects"] == config["data"]["subjects"]
    with pytest.raises(GanMriError, match="a run with data 'knees'.*Received: 'phantom'"):
        gan_mri.train(out=run.folder, resume=True, data="phantom", progress=False)


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_data_make_a_run_a_demonstration(name):
    arguments = gan_mri.train.DEFAULTS | {"data": name}
    assert (recipe_of(arguments).epochs, recipe_of(arguments).decay_epoch) == (6, 3)
    assert recipe_of(arguments | {"settings": {"epochs": 9}}).epochs == 9
    elsewhere = recipe_of(arguments | {"data": f"/data/{name}"})
    assert (elsewhere.epochs, elsewhere.decay_epoch) == (200, 101)


def test_16_bit_pictures_without_a_test_part(tmp_path, capsys):
    data = runs.write_pictures(tmp_path / "data", (25, 30), np.uint16, trainA=3, trainB=3)
    run = gan_mri.train(
        data=data,
        out=tmp_path / "run",
        epochs=2,
        steps_per_epoch=2,
        precision="float16",
        image_size=(21, 26),
        scaling=("uint16", "percentile"),
        **runs.SMALLEST,
    )
    assert [row["step"] for row in run.history] == [2, 4]
    assert not (run.folder / "held_out.json").exists()
    assert "Held out" not in capsys.readouterr().out
    assert (run.folder / "samples" / "epoch-0002.png").exists()
    assert run.config["geometry"] == {"size": [21, 26], "fit": "resize"}
    assert run.config["data"]["scaling"]["A"] == {"method": "uint16", "typical": [0, 65535]}
    gan_mri.translate(
        run.folder, data / "trainA" / "trainA-0.png", tmp_path / "out.png", progress=False
    )
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size == (30, 25) and np.array(picture).dtype == np.uint16


def test_a_learning_rate_that_explodes_is_named(tmp_path):
    with pytest.raises(GanMriError, match=r"stopped at step \d+: the loss \w+ is (nan|inf)"):
        runs.train_phantom(tmp_path / "run", learning_rate=1e20, **runs.PHANTOM, **runs.SMALLEST)
    assert load_run(tmp_path / "run").history == []
