"""One file of weights for networks with and without recomputed blocks."""

import h5py
import numpy as np
import pytest
from stack_networks import NETWORKS, inputs
from test_weights_of_both_stacks import FIXTURES

from gan_mri import weights
from gan_mri.errors import GanMriError
from gan_mri.layers import Recomputed, innermost_layers
from gan_mri.networks import unit_encoder, unit_generator, unit_shared_decoder, unit_shared_encoder
from gan_mri.networks.unit_translator import compose_translator

NAMES = ["encoder", "generator", "resnet", "histogram"]


def outputs(network, name):
    given = inputs(name)
    return np.asarray(network(given if len(given) > 1 else given[0]))


def scrambled(network):
    random = np.random.default_rng(3)
    network.set_weights([random.uniform(0.5, 1, w.shape) for w in network.get_weights()])
    return network


def contents(path):
    """Every tensor of a file by its name."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
            )
        )
    return found


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_write_one_file_and_open_it(name, tmp_path):
    plain, again = (scrambled(NETWORKS[name](recompute=form)) for form in (False, True))
    weights.save(plain, tmp_path / "plain.weights.h5")
    weights.save(again, tmp_path / "again.weights.h5")
    ours, theirs = (contents(tmp_path / f"{form}.weights.h5") for form in ("again", "plain"))
    assert len(theirs) == len(plain.get_weights())
    assert ours.keys() == theirs.keys()
    for tensor in theirs:
        np.testing.assert_array_equal(ours[tensor], theirs[tensor], err_msg=tensor)
    # Keras opens it too, where nothing is recomputed.
    fresh = NETWORKS[name]()
    fresh.load_weights(str(tmp_path / "again.weights.h5"))
    expected = outputs(plain, name)
    np.testing.assert_array_equal(outputs(fresh, name), expected)
    for form in (False, True):
        network = NETWORKS[name](recompute=form)
        weights.load(network, tmp_path / "again.weights.h5")
        np.testing.assert_allclose(outputs(network, name), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("writer", ["keras2", "keras3"])
def test_files_of_both_stacks_open_in_recomputed_networks(writer, name):
    network = NETWORKS[name](recompute=True)
    weights.load(network, FIXTURES / f"stack_{writer}_{name}.weights.h5")
    with np.load(FIXTURES / f"stack_{writer}_{name}.npz", allow_pickle=False) as expected:
        np.testing.assert_allclose(outputs(network, name), expected["outputs"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_weights_is_the_same(name):
    plain, again = (scrambled(NETWORKS[name](recompute=form)) for form in (False, True))
    assert any(isinstance(layer, Recomputed) for layer in again.layers)
    ours, theirs = (
        [type(layer) for layer in innermost_layers(network) if layer.weights]
        for network in (again, plain)
    )
    assert ours == theirs
    orders = [(network.get_weights(), weights.gan_mri_order(network)) for network in (plain, again)]
    for theirs, ours in zip(*orders, strict=True):
        for one, other in zip(theirs, ours, strict=True):
            np.testing.assert_array_equal(one, other)


def test_weights_of_networks_in_a_network(tmp_path):
    """UNIT's translators."""

    def translator(recompute):
        options = {"recompute": recompute, "dropout": 0.0}
        return compose_translator(
            unit_encoder(filters=2, residual_blocks=1, **options),
            unit_shared_encoder((None, None, 8), **options),
            unit_shared_decoder((None, None, 8), **options),
            unit_generator((None, None, 8), residual_blocks=1, **options),
            name="A2B",
        )

    plain, again = scrambled(translator(False)), translator(True)
    weights.save(plain, tmp_path / "plain.weights.h5")
    weights.load(again, tmp_path / "plain.weights.h5")
    for ours, theirs in zip(again.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    weights.save(again, tmp_path / "again.weights.h5")
    assert contents(tmp_path / "again.weights.h5").keys() == (
        contents(tmp_path / "plain.weights.h5").keys()
    )


def test_a_file_of_save_weights_with_recomputed_blocks(tmp_path):
    again = scrambled(NETWORKS["resnet"](recompute=True))
    path = tmp_path / "again.weights.h5"
    again.save_weights(str(path))
    other = NETWORKS["resnet"](recompute=True)
    weights.load(other, path)
    np.testing.assert_array_equal(outputs(other, "resnet"), outputs(again, "resnet"))
    with pytest.raises(GanMriError, match="again.weights.h5: expected weights that") as caught:
        weights.load(NETWORKS["resnet"](), path)
    assert "\n" not in str(caught.value)


def test_an_older_file_stays_when_writing_fails(tmp_path, monkeypatch):
    network = NETWORKS["resnet"](recompute=True)
    path = tmp_path / "a.weights.h5"
    path.write_bytes(b"older")
    monkeypatch.setattr(weights, "_regroup", lambda *_: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(RuntimeError):
        weights.save(network, path)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_no_file_of_weights(tmp_path):
    for path in (tmp_path / "none.weights.h5", tmp_path / "text.weights.h5"):
        (tmp_path / "text.weights.h5").write_text("these are no weights")
        with pytest.raises(GanMriError, match=f"{path.name}: expected a .weights.h5 file"):
            weights.load(NETWORKS["discriminator"](), path)


def test_weights_that_do_not_fit(tmp_path):
    """Keras says so; a recomputed network does not load half of a file without a word."""
    weights.save(NETWORKS["resnet"](), tmp_path / "resnet.weights.h5")
    with pytest.raises(ValueError):
        weights.load(NETWORKS["histogram"](recompute=True), tmp_path / "resnet.weights.h5")
