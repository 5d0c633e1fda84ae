"""Training from weights that exist: they are loaded, noted, and refused by the tensor's name."""

import hashlib
import shutil

import h5py
import numpy as np
import pytest
import runs

import gan_mri
from gan_mri import weights
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.training import monitor
from gan_mri.training.start_weights import load_start_weights
from gan_mri.training.trainer import Trainer

NETWORKS = ("G_A2B", "G_B2A", "D_A", "D_B")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return runs.finished_run(tmp_path_factory)


@pytest.fixture(autouse=True)
def no_curves(monkeypatch):
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)


def networks(**settings):
    settings = {**runs.SMALL, **settings}
    return gan_mri.build("welander/cyclegan", (24, 24, 1), seed=5, **settings).networks


def held(network):
    return [np.array(one) for one in network.get_weights()]


def assert_equal(network, other, equal=True):
    same = [np.array_equal(*two) for two in zip(held(network), held(other), strict=True)]
    assert all(same) if equal else not all(same)


def test_a_run_a_folder_and_files(finished, tmp_path):
    trained = runs.Run(finished)
    files = [finished / "weights" / f"{name}.weights.h5" for name in NETWORKS]
    folder = tmp_path / "shipped"
    folder.mkdir()
    shutil.copy(files[0], folder)
    for places, names in (
        ([finished], NETWORKS),
        (files[1:3], NETWORKS[1:3]),
        ([folder], NETWORKS[:1]),
    ):
        fresh, untouched = networks(), networks()
        record = load_start_weights(fresh, places)
        for name in NETWORKS:
            expected = trained.network(name) if name in names else untouched[name]
            assert_equal(fresh[name], expected)
        digests = {
            name: hashlib.sha256(files[NETWORKS.index(name)].read_bytes()).hexdigest()
            for name in names
        }
        assert record == {
            "places": list(map(str, places)),
            "networks": digests,
            "untrained": [name for name in NETWORKS if name not in names],
        }


def test_weights_of_the_2018_code(tmp_path):
    """A file of Keras 2.1's layout: a group for each layer, names in attributes."""
    network = networks()["G_A2B"]
    path = tmp_path / "G_A2B_model_weights_epoch_200.hdf5"
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=v.shape).astype("f4") for v in weights.gan_mri_order(network)]
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"all"]
        group = file.create_group("all")
        group.attrs["weight_names"] = [f"w{k}".encode() for k in range(len(arrays))]
        for k, array in enumerate(arrays):
            group[f"w{k}"] = array
    fresh = networks()
    assert load_start_weights(fresh, [path])["untrained"] == list(NETWORKS[1:])
    for variable, array in zip(weights.gan_mri_order(fresh["G_A2B"]), arrays):
        np.testing.assert_array_equal(np.array(variable), array)


def test_with_and_without_recomputed_blocks(finished):
    plain, recomputed = networks(), networks(recompute=True)
    load_start_weights(plain, [finished])
    load_start_weights(recomputed, [finished])
    for one, other in zip(*(weights.gan_mri_order(n["G_A2B"]) for n in (plain, recomputed))):
        np.testing.assert_array_equal(np.array(one), np.array(other))


def test_what_does_not_fit_changes_nothing(finished, tmp_path):
    wider, before = networks(filters=3), networks(filters=3)
    with pytest.raises(GanMriError) as caught:
        load_start_weights(wider, [finished])
    message = str(caught.value)
    assert message.startswith(
        f"{finished / 'weights' / 'G_A2B.weights.h5'} does not fit the network"
    )
    assert (
        "network G_A2B of this run: for the tensor layers/conv2d/vars/0 the network has" in message
    )
    assert "the shape (7, 7, 1, 3), the file the shape (7, 7, 1, 2)" in message
    for name in NETWORKS:
        assert_equal(wider[name], before[name])
    deeper = networks(residual_blocks=2)
    with pytest.raises(GanMriError, match="G_A2B of this run: for the tensor layers/"):
        load_start_weights(deeper, [finished])

    cases = {
        tmp_path / "missing": "Received: no such file or folder",
        tmp_path: "expected weights of one of the networks G_A2B, .* has no ",
        finished / "config.json": "whose name begins with that of a network",
    }
    for place, words in cases.items():
        with pytest.raises(GanMriError, match=words):
            load_start_weights(networks(), [place])
    with pytest.raises(GanMriError, match="init: expected one file for G_A2B"):
        load_start_weights(networks(), [finished, finished])
    broken = tmp_path / "G_A2B.weights.h5"
    broken.write_bytes(b"nothing")
    with pytest.raises(GanMriError, match="received what HDF5 cannot open"):
        load_start_weights(networks(), [broken])


def test_a_run_that_starts_from_another(finished, tmp_path):
    """Its first loss is that of the weights; config and card say where they are from."""
    options = {**runs.PHANTOM, **runs.SMALL, "epochs": 1, "decay_epoch": 0}
    tuned = runs.train_phantom(
        tmp_path / "tuned",
        **options,
        init=finished,
        freeze=["D_*", "G_*:encoder"],
        learning_rate=1e-5,
    )
    trained = runs.Run(finished)
    assert_equal(tuned.network("D_A"), trained.network("D_A"))
    assert_equal(tuned.network("G_A2B"), trained.network("G_A2B"), equal=False)
    assert tuned.config["init"]["places"] == [str(finished)]
    assert set(tuned.config["init"]["networks"]) == set(NETWORKS)
    assert tuned.translator().card.content["init"] == tuned.config["init"]
    assert tuned.config["arguments"]["freeze"] == ["D_*", "G_*:encoder"]
    # Measured before the first step: what the other run had reached at its end.
    start = read_json(tmp_path / "tuned" / "held_out.json")["metrics"]["untrained"]
    end = read_json(finished / "held_out.json")["metrics"]["trained"]
    assert start == pytest.approx(end, rel=1e-5)


def test_a_tuned_run_goes_on(finished, tmp_path, monkeypatch):
    """Also where it was stopped before its first checkpoint, and where the other run is gone."""
    other = shutil.copytree(finished, tmp_path / "other")
    options = {**runs.PHANTOM, **runs.SMALL, "epochs": 2, "decay_epoch": 1, "freeze": "D_A"}
    whole = runs.train_phantom(tmp_path / "whole", **options, init=other)

    class Killed(Exception):
        pass

    def killed_in(step):
        def killing(self, now, batch):
            if now == step:
                raise Killed
            return real(self, now, batch)

        return killing

    real = Trainer._step
    for step, resume in ((1, False), (4, True)):
        monkeypatch.setattr(Trainer, "_step", killed_in(step))
        with pytest.raises(Killed):
            if resume:
                runs.train_phantom(tmp_path / "run", resume=True)
            else:
                runs.train_phantom(tmp_path / "run", **options, init=other)
    monkeypatch.setattr(Trainer, "_step", real)
    shutil.rmtree(other)
    run = runs.train_phantom(tmp_path / "run", resume=True)
    runs.assert_same_tensors(runs.last_checkpoint(run.folder), runs.last_checkpoint(whole.folder))
    assert run.config["init"] == whole.config["init"]
    with pytest.raises(GanMriError, match="freeze \\['D_A'\\], which --resume continues as it is"):
        runs.train_phantom(tmp_path / "run", resume=True, freeze="D_B")


def test_wrong_weights_leave_no_folder(finished, tmp_path):
    with pytest.raises(GanMriError, match="does not fit the network G_A2B"):
        runs.train_phantom(
            tmp_path / "run", **runs.PHANTOM, **{**runs.SMALL, "filters": 3}, init=finished
        )
    assert not (tmp_path / "run").exists()
