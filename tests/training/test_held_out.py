import keras
import numpy as np
import pytest
import referring
from discs import Discs, held_out, negative, paired, reference, split
from scipy.stats import spearmanr

from gan_mri.backend import precision
from gan_mri.data.images.geometry import Geometry
from gan_mri.tasks import TWO_DOMAINS
from gan_mri.training.held_out import copying, translator


def mean_difference(images):
    """Mean absolute difference of any two images, by two loops."""
    count = len(images)
    return np.mean([np.abs(images[i] - images[j]).mean() for i in range(count) for j in range(i)])


def test_pairs_are_compared_within_the_foreground_of_either():
    data = split(pairs=[(0, 2), (3, 1)])
    measured = held_out(data).measure(negative)
    expected = {}
    assert data.pairs.tolist() == [[0, 2], [3, 1]]
    for a, b in data.pairs:
        mask = data.A.mask(a) | data.B.mask(b)
        for direction, source, truth in (
            ("A2B", data.A[a], data.B[b]),
            ("B2A", data.B[b], data.A[a]),
        ):
            made = negative(direction, {"image": source})
            for name, value in reference(truth, made, mask).items():
                expected.setdefault(f"{name}_{direction}", []).append(value)
    signs = {"rank_A2B": -1, "rank_B2A": 1, "diversity_A2B": 1, "diversity_B2A": 0.5}
    signs |= {"shift_A2B": 0, "shift_B2A": 0}
    assert measured.keys() == expected.keys() | signs.keys()
    for name, values in {**expected, **signs}.items():
        assert measured[name] == pytest.approx(np.mean(values), rel=1e-5, abs=1e-6), name


def test_signs_of_a_training_gone_wrong():
    def mixed(direction, inputs):
        """A2B: noise of a quarter; B2A: one image whatever comes in."""
        images = inputs["image"]
        noise = np.random.default_rng(int(1e6 * np.abs(images).mean())).uniform(-1, 1, images.shape)
        one = np.random.default_rng(0).uniform(-1, 1, images.shape)
        return (images + 0.25 * noise if direction == "A2B" else one).astype(np.float32)

    data = split(4, 3, pairs=[])
    measured = held_out(data).measure(mixed)
    for direction, domain in (("A2B", data.A), ("B2A", data.B)):
        inputs = [domain[index] for index in range(3)]
        outputs = [mixed(direction, {"image": image[np.newaxis]})[0] for image in inputs]
        ranks = [
            spearmanr(image[domain.mask(i)], output[domain.mask(i)]).statistic
            for i, (image, output) in enumerate(zip(inputs, outputs))
        ]
        assert measured[f"rank_{direction}"] == pytest.approx(np.mean(ranks), rel=1e-5)
        diversity = mean_difference(outputs) / mean_difference(inputs)
        assert measured[f"diversity_{direction}"] == pytest.approx(diversity, abs=1e-6)
    assert measured["rank_A2B"] > 0.9 and abs(measured["rank_B2A"]) < 0.2
    assert measured["diversity_B2A"] == 0


def test_an_output_beside_its_input_is_seen():
    def moved(direction, inputs):
        images = inputs["image"]
        return np.roll(images, (3, -4), axis=(1, 2)) if direction == "A2B" else images

    measured = held_out(split(3, 3, pairs=[])).measure(moved)
    assert measured["shift_A2B"] == pytest.approx(5, abs=0.2)
    assert measured["shift_B2A"] == pytest.approx(0, abs=1e-6)


def test_signs_that_cannot_be_told():
    measured = held_out(split(1, 1)).measure(lambda name, inputs: np.zeros_like(inputs["image"]))
    assert {measured[f"{name}_{d}"] for name in ("rank", "diversity") for d in ("A2B", "B2A")} == {
        None
    }


def test_unpaired_images_may_have_different_sizes():
    class Small(Discs):
        def __getitem__(self, index):
            return super().__getitem__(index)[2:, 3:]

        def mask(self, index):
            return super().mask(index)[2:, 3:]

    A, B = Discs(2, 1), Small(2, 2)
    measured = held_out(paired([], A=A, B=B)).measure(negative)
    assert measured["cycle_mae_B"] == pytest.approx(
        np.mean([1.5 * np.abs(B[i])[B.mask(i)].mean() for i in range(2)])
    )
    assert measured["rank_A2B"] == pytest.approx(-1) and measured["rank_B2A"] == pytest.approx(1)


def test_the_input_itself_is_the_same_in_both_directions():
    measured = held_out(split()).measure(copying(TWO_DOMAINS))
    for metric in ("mae", "psnr", "ssim"):
        assert measured[f"{metric}_A2B"] == pytest.approx(measured[f"{metric}_B2A"])
    mask = split().A.mask(0) | split().B.mask(0)
    one = held_out(split(1, 1)).measure(copying(TWO_DOMAINS))["mae_A2B"]
    assert one == pytest.approx(np.abs(split().A[0] - split().B[0])[mask].mean())


def test_a_pair_without_foreground_counts_whole():
    measured = held_out(split(1, 1, empty=(0,))).measure(negative)
    assert measured["mae_A2B"] == pytest.approx(2)
    assert measured["mae_B2A"] == pytest.approx(0.5)


def test_unpaired_images_measure_the_cycle():
    data = split(3, 5, pairs=[])
    rows = held_out(data)
    assert not rows.paired and rows.rows == [(0, 0), (1, 1), (2, 2)]
    measured = rows.measure(negative)
    # There and back is -0.5 times the image: the error is 1.5 of it, where the source has tissue.
    expected = {
        f"cycle_mae_{name}": np.mean(
            [1.5 * np.abs(domain[i])[domain.mask(i)].mean() for i in range(3)]
        )
        for name, domain in (("A", data.A), ("B", data.B))
    }
    for name, value in expected.items():
        assert measured[name] == pytest.approx(value, rel=1e-6)
    assert "mae_A2B" not in measured
    assert "foreground of the source" in rows.convention


@pytest.mark.parametrize(
    "most, rows", [(None, range(9)), (20, range(9)), (3, [0, 4, 8]), (5, [0, 2, 4, 6, 8]), (1, [0])]
)
def test_at_most_so_many_evenly_spaced(most, rows):
    chosen = held_out(split(9, 9), most=most)
    assert chosen.rows == [(row, row) for row in rows] and len(chosen) == len(rows)


def test_labels_name_both_where_they_differ():
    assert held_out(split()).label(2) == "disc 2"
    assert held_out(split(pairs=[])).label(2) == "disc 2 | disc 2"


def test_resized_images_are_measured_at_their_training_size():
    rows = held_out(split(), Geometry((20, 20), "resize"))
    images, masks = rows.images(1), rows.masks(1)
    assert list(images) == list(masks) == ["A", "B"]
    assert images["A"].shape == images["B"].shape == (20, 20, 1)
    assert masks["A"].shape == (20, 20) and 0.1 < masks["A"].mean() < 0.8
    np.testing.assert_array_equal(masks["A"], masks["B"])
    errors = []
    for index in range(4):
        images, mask = rows.images(index), rows.masks(index)["B"]
        errors.append(reference(images["B"], -images["A"], mask)["mae"])
    assert rows.measure(negative)["mae_A2B"] == pytest.approx(np.mean(errors), rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_model_translates_in_its_own_precision(dtype):
    class Model:
        translators = {}

    with precision(dtype):
        for direction, factor in (("A2B", -1.0), ("B2A", 0.5)):
            image = keras.Input((None, None, 1), dtype=dtype, name="image")
            Model.translators[direction] = keras.Model(image, keras.layers.Rescaling(factor)(image))
    translate = translator(Model)
    inputs = {"image": split().A[0][np.newaxis]}
    for direction in ("A2B", "B2A"):
        translated = translate(direction, inputs)
        assert translated.dtype == dtype
        np.testing.assert_allclose(translated, negative(direction, inputs), rtol=1e-6)


class Referring:
    """A2B takes a reference, B2A none, as method 5 of paper 000."""

    def __init__(self, dtype="float32"):
        self.translators = {"A2B": referring.network(1, dtype=dtype), "B2A": referring.plain(1)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_references_go_where_they_are_taken(dtype):
    translate = translator(Referring(dtype))
    assert translate.referring == ["A2B"]
    images, data = split().A[0][np.newaxis], split()
    for other in (data.B[2][np.newaxis], data.B[3][np.newaxis, :9]):  # of any size
        inputs = {"image": images, "reference": other}
        found = translate("A2B", inputs)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, referring.expected(images, other), atol=1e-6)
        np.testing.assert_allclose(translate("B2A", inputs), 0.5 * images, atol=1e-6)


@pytest.mark.parametrize("pairs", [[(0, 2), (3, 1)], []])
def test_the_reference_is_the_other_image_and_on_the_way_back_the_source(pairs):
    data, calls = split(pairs=pairs), []

    def translate(direction, inputs):
        calls.append((direction, inputs["image"][0], inputs["reference"][0]))
        return -inputs["image"]

    rows = held_out(data)
    rows.measure(translate)
    expected = []
    for a, b in rows.rows:
        A, B = data.A[a], data.B[b]
        there = [("A2B", A, B), ("B2A", B, A)]
        back = [("B2A", -A, A), ("A2B", -B, B)]
        expected += there if pairs else [there[0], back[0], there[1], back[1]]
    assert [call[0] for call in calls] == [call[0] for call in expected]
    for call, wanted in zip(calls, expected, strict=True):
        np.testing.assert_array_equal(call[1], wanted[1])
        np.testing.assert_array_equal(call[2], wanted[2])
