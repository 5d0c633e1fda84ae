"""Translations that are drawn: SavedModels of UNIT, `--samples`, and their run."""

from unittest import mock

import keras
import nibabel as nib
import numpy as np
import pytest
import runs
import tensorflow as tf
import tiny
from cards import card
from PIL import Image

import gan_mri
from gan_mri.commands import run_command
from gan_mri.errors import GanMriError
from gan_mri.inference.export import export_translator
from gan_mri.inference.translator import Translator
from gan_mri.layers import GaussianNoise, RandomStream
from gan_mri.runs.run import load_run
from gan_mri.training.session import Session
from gan_mri.translate import main

NOISE = 0.2
# The card's window is of 1000: [-1, 1] is 0..1000, so the noise is of 0.2 * 500.


def identity_with_noise(path, channels=1, noise=NOISE, **about):
    """A SavedModel that returns its input, and samples it with Gaussian noise."""
    image = keras.Input((None, None, channels), name="image")
    layer = GaussianNoise(noise, RandomStream(4)) if noise else keras.layers.ReLU()
    network = keras.Model(image, layer(image))
    export_translator(network, path, card(channels=channels, **about))
    return path


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    return identity_with_noise(tmp_path_factory.mktemp("noisy") / "A2B")


def volume(path, shape=(19, 20, 6), dtype=np.int16):
    """Foreground everywhere, but two empty slices at the end."""
    array = np.random.default_rng(0).uniform(300, 700, shape).astype(dtype)
    array[..., -2:] = 0
    affine = np.diag([-1.0, 1.2, 3.0, 1.0])
    affine[:3, 3] = 5.0, -7.0, 11.0
    nib.save(nib.Nifti1Image(array, affine), path)
    return path


def run(*arguments, **options):
    gan_mri.translate(*arguments, progress=False, **options)


def test_mean_and_deviation_of_a_volume(noisy, tmp_path):
    source, samples = volume(tmp_path / "in.nii.gz"), 50
    run(noisy, source, tmp_path / "out.nii.gz", samples=samples)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "in.nii.gz",
        "out.nii.gz",
        "out_sd.nii.gz",
    ]
    original = nib.load(source)
    mean, deviation = (nib.load(tmp_path / f"out{end}.nii.gz") for end in ("", "_sd"))
    for written in (mean, deviation):
        assert written.shape == original.shape
        np.testing.assert_array_equal(written.affine, original.affine)
    # Whole numbers of a window of 1000 for the image, never for the deviation.
    assert mean.get_data_dtype() == np.int16 and deviation.get_data_dtype() == np.float32
    head = np.s_[..., :4]
    true, found, spread = (image.get_fdata()[head] for image in (original, mean, deviation))
    expected = NOISE * 500
    assert np.abs(found - true).max() < 6 * expected / np.sqrt(samples)
    np.testing.assert_allclose((found - true).std(), expected / np.sqrt(samples), rtol=0.1)
    # The root of the biased variance of 50 normal numbers is 1.5 % low.
    np.testing.assert_allclose(spread.mean(), 0.985 * expected, rtol=0.02)
    assert spread.min() > 0.4 * expected and spread.max() < 1.7 * expected
    # What is not translated is background for sure.
    assert not deviation.get_fdata()[..., 4:].any() and not mean.get_fdata()[..., 4:].any()


def test_mean_and_deviation_are_those_of_the_passes(noisy, tmp_path, monkeypatch):
    """Whatever a pass gives: here 0.1, 0.2 and 0.6 everywhere, slice by slice."""
    drawn = []

    def sample(self, images, references):
        drawn.append(len(images["image"]))
        return np.full_like(images["image"], (0.1, 0.2, 0.6)[len(drawn) % 3], np.float32)

    monkeypatch.setattr(Translator, "sample", sample)
    source = volume(tmp_path / "in.nii")
    run(noisy, source, tmp_path / "out.nii", samples=3, batch_size=3)
    assert drawn == [3, 3, 3, 1, 1, 1]
    mean = nib.load(tmp_path / "out.nii").get_fdata()[..., :4]
    deviation = nib.load(tmp_path / "out_sd.nii").get_fdata()[..., :4]
    np.testing.assert_allclose(mean, np.rint(500 * (1 + 0.3)), atol=1)
    np.testing.assert_allclose(deviation, 500 * np.std([0.1, 0.2, 0.6]), rtol=1e-5)


def test_no_samples_no_noise(noisy, tmp_path):
    source = volume(tmp_path / "in.nii")
    run(noisy, source, tmp_path / "out.nii")
    assert not (tmp_path / "out_sd.nii").exists()
    written, original = (nib.load(tmp_path / f"{name}.nii") for name in ("out", "in"))
    np.testing.assert_array_equal(np.asarray(written.dataobj), np.asarray(original.dataobj))


@pytest.mark.parametrize(
    ("dtype", "shape"), [(np.uint8, (24, 22)), (np.uint16, (24, 22)), (np.uint8, (24, 22, 3))]
)
def test_pictures_and_their_deviations(tmp_path, dtype, shape):
    """A PNG holds no fractions, so the deviation of one is an NPY."""
    channels = shape[2] if len(shape) == 3 else 1
    scaling = {"method": "uint8", "typical": [0, 255]}
    if dtype == np.uint16:
        scaling = {"method": "uint16", "typical": [0, 65535]}
    model = identity_with_noise(
        tmp_path / "model", channels, plane=None, source_scaling=scaling, target_scaling=scaling
    )
    source, high = tmp_path / "in.png", np.iinfo(dtype).max
    array = np.random.default_rng(0).integers(high // 3, high // 2, shape).astype(dtype)
    Image.fromarray(array).save(source)
    run(model, source, tmp_path / "out.png", samples=8)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"model", "in.png", "out.png", "out_sd.npy"}
    with Image.open(tmp_path / "out.png") as picture:
        mean = np.array(picture)
    deviation = np.load(tmp_path / "out_sd.npy")
    assert mean.dtype == dtype and deviation.dtype == np.float32
    assert mean.shape == deviation.shape == shape
    expected = NOISE * high / 2
    assert np.abs(mean.astype(float) - array).max() < 6 * expected / np.sqrt(8)
    # Of 8 normal numbers the root of the biased variance is 9.7 % low.
    np.testing.assert_allclose(deviation.mean(), 0.903 * expected, rtol=0.05)


def test_a_folder(noisy, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.nii.gz", "b.nii"):
        volume(tmp_path / "in" / name)
    run(noisy, tmp_path / "in", tmp_path / "out", samples=2)
    found = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert found == ["a.nii.gz", "a_sd.nii.gz", "b.nii", "b_sd.nii"]


def test_a_folder_whose_names_would_meet(noisy, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.nii", "a_sd.nii"):
        volume(tmp_path / "in" / name)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(
        GanMriError, match="a_sd.nii and .*/a.nii would both be written as a_sd.nii"
    ):
        run(noisy, tmp_path / "in", tmp_path / "out", samples=2)
    assert sorted(tmp_path.rglob("*")) == before
    run(noisy, tmp_path / "in", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.nii", "a_sd.nii"]


def test_an_existing_deviation_is_not_overwritten(noisy, tmp_path):
    source = volume(tmp_path / "in.nii")
    (tmp_path / "out_sd.nii").write_text("precious")
    with pytest.raises(GanMriError, match=r"out_sd.nii exists already and is not overwritten"):
        run(noisy, source, tmp_path / "out.nii", samples=2)
    assert (tmp_path / "out_sd.nii").read_text() == "precious"
    assert not (tmp_path / "out.nii").exists()
    # Without samples it is in nobody's way.
    run(noisy, source, tmp_path / "out.nii")


def test_samples_of_a_model_that_draws_nothing(tmp_path, capsys):
    model = identity_with_noise(tmp_path / "model", noise=0.0)
    source = volume(tmp_path / "in.nii")
    with pytest.raises(SystemExit) as caught:
        arguments = [model, source, tmp_path / "out.nii", "--samples", 3]
        run_command(main, [str(argument) for argument in arguments])
    assert caught.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith(f"error: {model} draws no random numbers")
    assert "Received: samples=3" in message and message.count("\n") == 1
    assert not list(tmp_path.glob("out*"))


def test_samples_of_a_cyclegan_run(tmp_path_factory, tmp_path):
    finished = runs.finished_run(tmp_path_factory)
    with pytest.raises(GanMriError, match="export/A2B draws no random numbers.*samples must be 0"):
        run(finished, volume(tmp_path / "in.nii"), tmp_path / "out.nii", samples=2)
    assert not load_run(finished).translator().stochastic


@pytest.mark.parametrize("samples", [-1, -10])
def test_fewer_than_no_samples(noisy, tmp_path, samples):
    with pytest.raises(
        GanMriError, match=f"samples must be a whole number from 0. Received: {samples}"
    ):
        run(noisy, volume(tmp_path / "in.nii"), tmp_path / "out.nii", samples=samples)


@pytest.fixture(scope="module")
def unit(tmp_path_factory):
    """(a tiny UNIT, its translator A2B as a SavedModel)."""
    model = tiny.unit((None, None, 1), dtype="float32")
    path = tmp_path_factory.mktemp("unit") / "A2B"
    export_translator(model.translators["A2B"], path, card())
    return model, path


def test_signatures_of_unit(unit):
    model, path = unit
    signatures = tf.saved_model.load(str(path)).signatures
    assert set(signatures) == {"serving_default", "sample"}
    images = tiny.images(2, 22, 18, 1, dtype="float32")
    expected = model.translators["A2B"](images)
    for signature in signatures.values():
        (spec,) = signature.structured_input_signature[1].values()
        assert (spec.name, spec.dtype) == ("image", tf.float32)
        assert spec.shape.as_list() == [None, None, None, 1]
    translator = Translator(path)
    assert translator.stochastic
    for _ in range(2):
        np.testing.assert_allclose(translator(images), expected, rtol=0, atol=1e-5)
    first, second = translator.sample(images), translator.sample(images)
    assert first.shape == second.shape == images.shape and np.abs(first).max() <= 1
    assert np.abs(first - second).max() > 0.01
    assert np.abs(first - expected).max() > 0.01


def test_images_of_a_sample_share_no_statistics(tmp_path):
    """With a noise that float32 does not see, a sample is the translation."""
    model = tiny.unit((None, None, 1), dtype="float32", noise=1e-20, dropout=0.0)
    export_translator(model.translators["A2B"], tmp_path / "A2B", card())
    translator = Translator(tmp_path / "A2B")
    images = tiny.images(2, 20, 20, 1, dtype="float32") * np.array([0.1, 1]).reshape(2, 1, 1, 1)
    np.testing.assert_allclose(translator.sample(images), translator(images), atol=1e-5)


def test_a_unit_run_resumes_its_noise_and_samples(tmp_path):
    """2 + 2 epochs are 4, bit for bit; then the run's SavedModel draws."""
    options = {**runs.PHANTOM, **tiny.SETTINGS, "residual_blocks": 0, "recipe": "welander/unit"}
    options |= {"steps_per_epoch": 2, "evaluate_every": 4}
    whole, half = tmp_path / "whole", tmp_path / "half"
    runs.train_phantom(whole, **options)
    with mock.patch.object(Session, "_export"):  # which training does not depend on
        runs.train_phantom(half, **options | {"epochs": 2})
        runs.train_phantom(half, resume=True, epochs=4)
    one, other = runs.last_checkpoint(whole), runs.last_checkpoint(half)
    # Eight steps of four encodings (dropout, noise) and four decodings (dropout);
    # sheets, metrics and exports draw nothing.
    (count,) = (value for name, value in one.items() if name.startswith("random_0"))
    assert count == 8 * (4 * 2 + 4)
    runs.assert_same_tensors(one, other)
    assert [row["kl_A"] for row in load_run(whole).history] == [
        row["kl_A"] for row in load_run(half).history
    ]

    source = volume(tmp_path / "in.nii", (24, 24, 6))
    run(whole, source, tmp_path / "out.nii", samples=3)
    run(whole, source, tmp_path / "plain.nii", direction="B2A")
    written = {name: nib.load(tmp_path / f"{name}.nii") for name in ("out", "out_sd", "plain")}
    assert all(image.shape == (24, 24, 6) for image in written.values())
    assert written["out_sd"].get_fdata()[..., :4].max() > 0
