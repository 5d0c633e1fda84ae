"""Ways through a model, with models that are plain functions."""

from unittest import mock

import numpy as np
import pytest
from cards import card

from gan_mri.errors import GanMriError
from gan_mri.inference import passes
from gan_mri.inference.card import Card
from gan_mri.inference.passes import Pass


class Translator:
    """Doubles; draws 0.1, 0.2 and 0.6 in turn."""

    path = "export/A2B"
    takes_reference = False

    def __init__(self, plane="volume", **content):
        size = [20] * (3 if plane == "volume" else 2)
        about = card(plane=plane, geometry={"size": size, "fit": "crop"}, **content)
        self.card = Card(about, "card")
        self.calls, self._drawn = [], 0

    def __call__(self, batches, references=None):
        self.calls.append((batches, references))
        one = batches["image"] if isinstance(batches, dict) else batches
        return 2 * np.asarray(one)

    def sample(self, batches, references):
        self.calls.append((batches, references))
        self._drawn += 1
        return np.full_like(batches["image"], (0.1, 0.2, 0.6)[self._drawn % 3])


BATCH = {"image": np.random.default_rng(0).uniform(-1, 1, (2, 18, 19, 20, 1)).astype("float32")}
SLICES = {"image": BATCH["image"][0]}


def test_as_exported():
    reference = np.zeros((5, 5, 1))
    translator = Translator("axial")
    made, deviation = Pass(translator, reference=reference)(SLICES)
    np.testing.assert_array_equal(made, 2 * SLICES["image"])
    assert deviation is None
    ((batches, given),) = translator.calls
    assert batches is SLICES and given is reference


def test_mean_and_deviation_of_samples():
    made, deviation = Pass(Translator("axial"), samples=3)(SLICES)
    assert made.dtype == deviation.dtype == np.float32 and made.shape == SLICES["image"].shape
    np.testing.assert_allclose(made, 0.3, rtol=1e-6)
    np.testing.assert_allclose(deviation, np.std([0.1, 0.2, 0.6]), rtol=1e-6)


@pytest.fixture
def in_parts(monkeypatch):
    """`apply_exactly` and what memory there is, as functions that say how they were called."""
    calls = []

    def exactly(network, volume, *, memory, progress):
        calls.append((network, volume, memory))
        return 3 * volume

    monkeypatch.setattr(passes, "apply_exactly", exactly)
    monkeypatch.setattr(passes, "rebuilt", lambda translator: f"network of {translator.path}")
    monkeypatch.setattr(passes, "whole_memory", lambda network, shape: np.prod(shape) / 1000)
    monkeypatch.setattr(passes, "available_memory", lambda: 8 * 2**30)
    return calls


def test_in_slabs_volume_by_volume(in_parts):
    made, deviation = Pass(Translator(settings={}), memory=2)(BATCH)
    np.testing.assert_array_equal(made, 3 * BATCH["image"])
    assert deviation is None
    assert [(network, memory) for network, _, memory in in_parts] == [
        ("network of export/A2B", 2)
    ] * 2
    np.testing.assert_array_equal(in_parts[1][1], BATCH["image"][1])


@pytest.mark.parametrize("side, slabs", [(18, False), (20, True)])
def test_what_would_not_fit_goes_in_slabs_of_a_share_of_what_there_is(
    in_parts, caplog, side, slabs
):
    """18 ** 3 is below 0.8 times 8 in the units above, 20 ** 3 is not."""
    batch = {"image": np.ones((1, side, side, side, 1), np.float32)}
    translates = Pass(Translator(settings={}))
    made, _ = translates(batch)
    assert (made == (3 if slabs else 2)).all()
    assert [memory for *_, memory in in_parts] == ([0.8 * 8] if slabs else [])
    assert ("in slabs, with the same result" in caplog.text) is slabs
    # A smaller one after it goes through in one pass again.
    small = {"image": np.ones((1, 17, 17, 17, 1), np.float32)}
    assert (translates(small)[0] == 2).all()


@pytest.mark.parametrize("why", ["slices", "reference", "no settings", "no slabs of it"])
def test_what_cannot_go_in_slabs_goes_in_one_pass(in_parts, monkeypatch, why):
    translator = Translator("axial" if why == "slices" else "volume", settings={})
    batch = {"image": np.ones((1, 30, 30, 1) if why == "slices" else (1, 30, 30, 30, 1))}
    if why == "reference":
        translator.takes_reference = True
    elif why == "no settings":
        del translator.card.content["settings"]
    elif why == "no slabs of it":
        refused = GanMriError("self-attention needs every position")
        monkeypatch.setattr(passes, "whole_memory", mock.Mock(side_effect=refused))
    made, _ = Pass(translator)(batch)
    assert (made == 2).all() and not in_parts


def test_several_inputs_go_in_slabs_together(in_parts, monkeypatch):
    shapes = []
    monkeypatch.setattr(
        passes, "whole_memory", lambda network, shape: shapes.append(shape) or 100.0
    )
    monkeypatch.setattr(
        passes, "apply_exactly", lambda network, volume, **options: volume["T1"] - volume["PD"]
    )
    translator = Translator(settings={}, inputs={"T1": "T1w", "PD": "PDw"})
    batch = {"T1": BATCH["image"], "PD": 2 * BATCH["image"]}
    made, _ = Pass(translator)(batch)
    np.testing.assert_array_equal(made, -BATCH["image"])
    assert shapes == [{"T1": (18, 19, 20, 1), "PD": (18, 19, 20, 1)}]


def test_in_windows(monkeypatch):
    """Of a network that treats each voxel by itself nothing of the windows is seen."""
    translator = Translator()
    translates = Pass(translator, windows=(17, 17, 17))
    made, deviation = translates(BATCH)
    np.testing.assert_allclose(made, 2 * BATCH["image"], rtol=1e-5)
    assert deviation is None and translates.mismatch.mean < 1e-6 and translates.mismatch.count > 0
    assert all(np.shape(batches)[1:4] == (17, 17, 17) for batches, _ in translator.calls)


@pytest.mark.parametrize(
    "plane, options, message",
    [
        ("axial", {"memory": 1}, "export/A2B translates slices, which always fit"),
        ("axial", {"windows": (20, 20, 20)}, "export/A2B translates slices, which always fit"),
        ("volume", {"memory": 1, "samples": 2}, "expected without samples and reference"),
        ("volume", {"windows": (20,) * 3, "reference": np.zeros(3)}, "without samples and refer"),
    ],
)
def test_what_does_not_go_together_is_refused(plane, options, message):
    with pytest.raises(GanMriError, match=message):
        Pass(Translator(plane), **options)
