import dataclasses

import nibabel
import numpy as np
import pytest
import tensorflow as tf
import tiny

import gan_mri
from gan_mri import recipes
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.errors import GanMriError

NAME = "isensee/residual_unet"
SMALL = {"filters": 2, "levels": 3, "residual_blocks": 1}


def head(shape, seed=0):
    """A head of noise in the air."""
    image = np.full(shape, -1.0)
    inner = tuple(slice(length // 4, -(length // 4)) for length in shape[1:-1])
    image[(slice(None), *inner)] = tiny.images(*image[(slice(None), *inner)].shape, seed=seed) / 2
    return image


def test_it_is_one_direction_with_pairs():
    for direction, source, target in (("A2B", "A", "B"), ("B2A", "B", "A")):
        recipe = recipes.get(NAME, direction=direction)
        task = recipe.task()
        assert task.domains == task.paired == ("A", "B") and recipe.needs_pairs
        assert [one[:3] for one in task.directions] == [(direction, (source,), target)]
        assert list(recipe.build_translators((32, 32, 1), task)) == [direction]


def test_defaults():
    recipe = recipes.get(NAME)
    assert recipe.image_losses == "foreground_l1:1"
    assert (recipe.normalization, recipe.upsampling) == ("instance", "linear")
    assert (recipe.filters, recipe.levels, recipe.most_filters) == (32, 5, 320)
    # What is drawn for a pair must not change what the true image looks like.
    assert recipe.data_options == {"augment": "mirror rotate:5 scale:0.05"}


@pytest.mark.parametrize("direction", ["A2B", "B2A"])
@pytest.mark.parametrize("shape", [(20, 18, 1), (12, 16, 10, 1)])
def test_it_is_trained_with_errors_in_the_foreground_alone(shape, direction):
    model = gan_mri.build(NAME, shape, seed=1, direction=direction, dtype="float64", **SMALL)
    batch = {"A": head((2, *shape), seed=1), "B": head((2, *shape), seed=2)}
    source, target = direction.split("2")
    made = np.asarray(model.translators[direction](batch[source]))
    counted = (made > -0.9) | (batch[target] > -0.9)
    expected = np.abs(made - batch[target])[counted].mean()
    losses = tiny.step(model, batch)
    assert set(losses) == set(model.terms) == {"G_total", f"foreground_l1_{target}"}
    np.testing.assert_allclose(list(losses.values()), expected, rtol=1e-9)


def test_other_losses():
    settings = {"image_losses": "foreground_l2:2,ssim:0.5", **SMALL}
    model = gan_mri.build(NAME, (20, 18, 1), seed=1, **settings)
    batch = tiny.by_domain(model.task, 1, 20, 18, 1)
    losses = tiny.step(model, batch)
    total = 2 * losses["foreground_l2_B"] + 0.5 * losses["ssim_B"]
    np.testing.assert_allclose(losses["G_total"], total, rtol=1e-5)


@pytest.mark.parametrize("losses", ["", "total_variation:1", "l1:0"])
def test_something_must_be_learned_from(losses):
    with pytest.raises(GanMriError, match="image_losses: expected one that compares"):
        recipes.get(NAME, image_losses=losses)


def test_it_learns():
    """Two curves of intensities: the error falls to a fraction."""
    model = gan_mri.build(NAME, (24, 24, 1), seed=1, learning_rate=5e-3, **SMALL)
    image = head((1, 24, 24, 1)).astype("float32")
    batch = {"A": image, "B": -0.5 * image - 0.5}
    step = tf.function(model.train_step)
    first, *_, last = [float(step(batch)["G_total"]) for _ in range(60)]
    assert last < 0.3 * first


def test_settings_reach_the_network():
    plain, other = (
        gan_mri.build(NAME, (20, 18, 1), **SMALL, **options).translators["A2B"]
        for options in (
            {},
            {"normalization": "none", "upsampling": "transposed", "recompute": True},
        )
    )
    ours, theirs = ({type(layer).__name__ for layer in net.layers} for net in (plain, other))
    assert {"InstanceNormalization", "LinearUpsampling"} <= ours
    assert "Recomputed" in theirs and not {"InstanceNormalization", "LinearUpsampling"} & theirs
    deep = recipes.get(NAME, filters=4, levels=3, most_filters=6, residual_blocks=2)
    network = deep.build_translators((20, 18, 1), deep.task())["A2B"]
    widths = {w.shape[-1] for w in network.get_weights() if w.ndim == 4}
    assert widths == {4, 6, 1}
    # Two convolutions a block and one shortcut a level; two on the way up; one at the end.
    assert sum(w.ndim == 4 for w in network.get_weights()) == 3 * (2 * 2 + 1) + 2 * 2 + 1


def test_levels_must_suit_the_image():
    with pytest.raises(GanMriError, match=r"levels: expected from 1 to 4 for images of \(16, 64\)"):
        gan_mri.build(NAME, (16, 64, 1))


def test_fields_are_all_used():
    fields = {field.name for field in dataclasses.fields(recipes.get(NAME))}
    common = {"epochs", "decay_epoch", "batch_size", "learning_rate", "beta_1", "beta_2"}
    network = {"filters", "levels", "most_filters", "residual_blocks", "normalization"}
    own = {"upsampling", "recompute", "direction", "image_losses", "neighbours"}
    assert fields == common | network | own


@pytest.mark.parametrize("size", [(24, 20), (18, 20, 17)])
def test_train_and_translate(size, tmp_path, monkeypatch):
    few = BUILT_IN["phantom"]._replace(training_subjects=4, training_volumes=4)
    monkeypatch.setitem(BUILT_IN, "phantom", few)
    run = gan_mri.train(
        NAME,
        data="phantom",
        image_size=size,
        epochs=1,
        steps_per_epoch=2,
        filters=4,
        levels=3,
        split=(0.5, 0, 0.5),
        precision="float32",
        out=tmp_path / "run",
        progress=False,
    )
    assert [one.name for one in run.task.directions] == ["A2B"]
    volume = np.random.default_rng(0).uniform(0, 900, (17, 19, 18)).astype("float32")
    source, made = tmp_path / "in.nii.gz", tmp_path / "out.nii.gz"
    nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), source)
    gan_mri.translate(run.folder, source, made)
    found = nibabel.load(made).get_fdata()
    assert found.shape == volume.shape and np.isfinite(found).all() and found.std() > 0
