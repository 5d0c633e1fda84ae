"""Mean and deviation of several models, and of looks of one."""

import keras
import nibabel as nib
import numpy as np
import pytest
from cards import card

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.inference.export import export_translator


def scaling_model(path, factor, **about):
    """Multiplies images in [-1, 1]; the window of its card is of 0..1000."""
    image = keras.Input((None, None, 1), name="image")
    network = keras.Model(image, keras.layers.Conv2D(1, 1)(image))
    network.set_weights([np.full((1, 1, 1, 1), factor), np.zeros(1)])
    export_translator(network, path, card(**about))
    return path


def ramp_model(path):
    """The sum of the columns' differences to the left: another one in a mirror."""
    image = keras.Input((None, None, 1), name="image")
    network = keras.Model(image, keras.layers.Conv2D(1, (1, 3), padding="same")(image))
    network.set_weights([np.array([-0.5, 0.5, 0.5])[None, :, None, None], np.zeros(1)])
    export_translator(network, path, card())
    return path


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return [scaling_model(folder / str(factor), factor) for factor in (0.5, 0.6, 0.9)]


@pytest.fixture
def source(tmp_path):
    array = np.random.default_rng(0).uniform(300, 700, (20, 24, 5)).astype("float32")
    nib.save(nib.Nifti1Image(array, np.diag([-1.0, 1, 1, 1])), tmp_path / "in.nii")
    return tmp_path / "in.nii"


def run(model, source, name, **options):
    output = source.with_name(name)
    gan_mri.translate(model, source, output, progress=False, check=False, **options)
    spread = source.with_name(name.replace(".nii", "_sd.nii"))
    return [nib.load(path).get_fdata() if path.exists() else None for path in (output, spread)]


def test_several_models(models, source):
    mean, deviation = run(models[0], source, "out.nii", also=models[1:])
    image = nib.load(source).get_fdata() / 500 - 1
    factors = np.array([0.5, 0.6, 0.9])
    np.testing.assert_allclose(mean, 500 * (1 + factors.mean() * image), atol=0.01)
    np.testing.assert_allclose(deviation, 500 * factors.std() * np.abs(image), atol=0.01)


def test_looks_of_a_model_that_knows_no_sides(models, source):
    mean, deviation = run(models[0], source, "out.nii", vary=True)
    alone, none = run(models[0], source, "alone.nii")
    assert none is None
    np.testing.assert_allclose(mean, alone, atol=0.01)
    np.testing.assert_allclose(deviation, 0, atol=0.01)


def test_looks_of_a_model_that_does(source, tmp_path):
    model = ramp_model(tmp_path / "ramp")
    mean, deviation = run(model, source, "out.nii", vary=True)
    alone, _ = run(model, source, "alone.nii")
    # Half of the six looks are mirrored: left and right neighbours change places.
    image = nib.load(source).get_fdata()[2:-2] / 500 - 1
    pixel = 500 * (1 + 0.5 * image)
    inner = np.s_[1:-1]
    np.testing.assert_allclose(mean[2:-2][inner], pixel[inner], atol=0.01)
    difference = np.abs(alone[2:-2] - pixel)
    np.testing.assert_allclose(deviation[2:-2][inner], difference[inner], atol=0.02)


def test_both_together(models, source):
    mean, deviation = run(models[0], source, "out.nii", also=[models[2]], vary=True)
    image = nib.load(source).get_fdata() / 500 - 1
    np.testing.assert_allclose(mean, 500 * (1 + 0.7 * image), atol=0.01)
    np.testing.assert_allclose(deviation, 500 * 0.2 * np.abs(image), atol=0.01)


def test_models_that_do_not_go_together(models, source, tmp_path):
    window = {"method": "window", "typical": [0.0, 2000.0]}
    other = scaling_model(tmp_path / "other", 0.5, target_scaling=window)
    with pytest.raises(GanMriError, match="another target_scaling"):
        run(models[0], source, "out.nii", also=[other])
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("options", [{"samples": 2}, {"plan": True}])
def test_what_does_not_go_with_it(models, source, options):
    with pytest.raises(GanMriError, match="also, vary: expected without samples"):
        run(models[0], source, "out.nii", vary=True, **options)


def test_the_words_of_the_command_line(models, source, tmp_path):
    words = [models[0], source, tmp_path / "out.nii", "--also", models[1], "--also", models[2]]
    gan_mri.translate.main([*map(str, words), "--vary", "--no-check"])
    assert (tmp_path / "out_sd.nii").exists()
    with pytest.raises(GanMriError, match="also must be a path, or several"):
        run(models[0], source, "other.nii", also=3)
