import shutil

import numpy as np
import pytest
import tiny
import untrained_exports

from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.inference.card import CARD
from gan_mri.inference.rebuilt import rebuilt
from gan_mri.inference.translator import Translator

SMALL = {"filters": 2, "residual_blocks": 1}
CASES = {
    "slices": ("welander/generators_s", (24, 24, 1), SMALL),
    "volumes": ("welander/generators_s", (20, 20, 20, 1), SMALL),
    "colours": ("welander/cyclegan", (24, 24, 3), SMALL | {"discriminator_filters": 2}),
    "noise": ("welander/unit", (24, 24, 1), tiny.SETTINGS),
    "reference": ("wada/method4", (24, 24, 3), tiny.SETTINGS | {"bins": 8}),
    "attention": ("maheshwari/attention_generator", (24, 24, 1), tiny.SETTINGS),
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """`exported(case)`, each made once."""
    folder, made = tmp_path_factory.mktemp("exported"), {}

    def make(case):
        if case not in made:
            made[case] = untrained_exports.export(folder / case, *CASES[case])
        return made[case]

    return make


@pytest.mark.parametrize("case", CASES)
def test_it_is_the_exported_network(exported, case):
    translator = Translator(exported(case))
    network = rebuilt(translator)
    shape = CASES[case][1]
    # Of another size than in training.
    images = tiny.images(2, *[side + 3 for side in shape[:-1]], shape[-1], dtype="float32")
    if translator.takes_reference:
        reference = tiny.images(2, 19, 30, 3, seed=1, dtype="float32")
        expected, found = translator(images, reference), network([images, reference])
    else:
        expected, found = translator(images), network(images)
    assert np.ptp(expected) > 0.01 and "float32" in str(network.outputs[0].dtype)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def changed(exported, case, tmp_path, **changes):
    """A copy of a model with another card."""
    folder = shutil.copytree(exported(case), tmp_path / "changed")
    content = read_json(folder / CARD)
    for name, value in changes.items():
        if name in content["settings"]:
            content["settings"][name] = value
        elif value is None:
            del content[name]
        else:
            content[name] = value
    write_json(folder / CARD, content)
    return Translator(folder)


CHANGES = {
    "other shapes": ({"filters": 3}, "Received tensors of other shapes"),
    "other number": ({"residual_blocks": 2}, "Received tensors of other shapes"),
    # Nothing but the numbers that come out tells these.
    "other borders": ({"residual_padding": "reflect"}, "another one: they differ by .\\.\\d"),
    "other way up": ({"resize_convolution": True}, "Received "),
    "no number": ({"filters": "many"}, "filters must be a whole number from 1"),
    "no recipe": ({"recipe": "welander/gan"}, "no recipe 'welander/gan'"),
    "no contrasts": ({"contrasts": None}, "Received a card from which none can be built"),
    "no settings at all": ({"settings": {}}, "Received tensors of other shapes"),
    "another direction": ({"direction": "A2C"}, "Received a card from which none can be built"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_card_is_refused(exported, tmp_path, case):
    changes, message = CHANGES[case]
    with pytest.raises(GanMriError, match=message) as caught:
        rebuilt(changed(exported, "slices", tmp_path, **changes))
    assert str(caught.value).startswith(f"{tmp_path / 'changed'}: expected the network of")
    assert "the model or its card was changed" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_histogram_is_made_with_is_seen_too(exported, tmp_path):
    with pytest.raises(GanMriError, match="Received another one|other shapes"):
        rebuilt(changed(exported, "reference", tmp_path, bandwidth=0.9))


def test_a_card_without_settings_is_an_older_one(exported, tmp_path):
    translator = changed(exported, "slices", tmp_path, settings=None)
    with pytest.raises(
        GanMriError, match="one of an older version: continue its run with --resume"
    ):
        rebuilt(translator)
