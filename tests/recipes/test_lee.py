import dataclasses
import json

import nibabel
import numpy as np
import pytest
import runs
import tiny

import gan_mri
from gan_mri import recipes
from gan_mri.errors import GanMriError
from gan_mri.synthetic.brain import phantom

CONTRASTS = ("T1w", "T2w", "FLAIR")
SMALL = {"filters": 3, "branch_filters": 2, "levels": 2, "discriminator_filters": 2}


def test_values_are_those_of_the_published_code():
    recipe = recipes.get("lee/collagan")
    assert (recipe.batch_size, recipe.learning_rate, recipe.beta_1) == (1, 1e-5, 0.5)
    assert (recipe.rate_decay, recipe.rate_decay_steps) == (0.99, 400)
    # No linear decay besides.
    assert recipe.decay_epoch >= recipe.epochs
    assert (recipe.filters, recipe.branch_filters, recipe.levels) == (64, 16, 4)
    assert (recipe.discriminator_filters, recipe.discriminator_dropout) == (4, 0.5)
    weights = recipe.adversarial_weight, recipe.class_weight, recipe.cycle_weight
    assert weights + (recipe.structure_weight,) == (1, 1, 10, 1)
    assert (recipe.supervised_weight, recipe.image_losses) == (0, "")
    assert recipe.class_step and recipe.input_dropout == 0


def test_the_rate_falls_every_so_many_steps():
    recipe = recipes.get("lee/collagan")
    factors = [recipe.learning_rate_factor(step, 1000) for step in (0, 399, 400, 4000, 92000)]
    assert factors == pytest.approx([1, 1, 0.99, 0.99**10, 0.99**230], rel=1e-12)
    assert factors[-1] == pytest.approx(0.1, abs=1e-3)
    # And linearly besides, where that is asked for.
    both = recipe.replace(rate_decay=0.5, rate_decay_steps=3, epochs=4, decay_epoch=2)
    found = [both.learning_rate_factor(step, 2) for step in range(9)]
    assert found == pytest.approx([1, 1, 1, 0.5, 0.5, 0.375, 0.125, 0.0625, 0])


def test_settings_survive_json():
    recipe = recipes.get("lee/collagan", class_step=False, image_losses={"l1": 2})
    stored = json.loads(json.dumps(dataclasses.asdict(recipe)))
    assert recipes.get("lee/collagan", **stored) == recipe


def test_the_domains_are_the_contrasts():
    recipe = recipes.get("lee/collagan")
    assert recipe.needs_pairs
    assert recipe.task().domains == ("T1w", "T2w", "FLAIR", "PDw")
    task = recipe.task(("CT", "FA", "PET", "T1w", "T2w"))
    assert task.domains == task.paired == ("CT", "FA", "PET", "T1w", "T2w")
    assert [direction.name for direction in task.directions] == list(task.domains)
    assert task.direction("FA").sources == ("CT", "PET", "T1w", "T2w")


def test_fewer_than_three_contrasts():
    with pytest.raises(GanMriError, match="contrasts: expected three or more.*Received: T1w T2w"):
        gan_mri.train("lee/collagan", contrasts=("T1w", "T2w"))


@pytest.mark.parametrize("name", ["input_dropout", "discriminator_dropout"])
def test_dropout_of_everything(name):
    with pytest.raises(GanMriError, match=f"{name} must be below 1. Received: 1.0."):
        recipes.get("lee/collagan", **{name: 1.0})


def test_settings_reach_the_system():
    model = gan_mri.build(
        "lee/collagan",
        (16, 16, 1),
        contrasts=CONTRASTS,
        **SMALL,
        adversarial_weight=2.0,
        class_weight=3.0,
        cycle_weight=4.0,
        structure_weight=5.0,
        supervised_weight=6.0,
        class_step=False,
        input_dropout=0.25,
        normalization="none",
        discriminator_dropout=0.0,
        recompute=True,
    )
    weights = model.adversarial_weight, model.class_weight, model.cycle_weight
    assert weights + (model.structure_weight, model.supervised_weight) == (2, 3, 4, 5, 6)
    assert (model.class_step, model.input_dropout) == (False, 0.25)
    kinds = {
        name: {type(layer).__name__ for layer in network.layers}
        for name, network in model.networks.items()
    }
    assert "Recomputed" in kinds["generator"]
    assert "InstanceNormalization" not in kinds["generator"]
    assert "Dropout" not in kinds["discriminator"]


@pytest.mark.parametrize("shape", [(20, 18, 1), (None, None, 3), (None, None, None, 1)])
def test_translators_are_built_like_those_of_the_model(shape):
    recipe = recipes.get("lee/collagan", **SMALL)
    space = (20, 18, 11)[: len(shape) - 1]
    model = gan_mri.build("lee/collagan", (*space, shape[-1]), contrasts=CONTRASTS, **SMALL)
    images = [tiny.images(2, *space, shape[-1], seed=k, dtype="float32") for k in range(2)]
    for name, network in recipe.build_translators(shape, model.task).items():
        translator = model.exported_translators[name]
        network.set_weights(translator.get_weights())
        np.testing.assert_allclose(network(images), translator(images), rtol=0, atol=1e-5)


def test_training_and_translating(tmp_path):
    """From the phantom to a volume on the grid of its first source."""
    run = runs.train_phantom(
        tmp_path / "run",
        recipe="lee/collagan",
        data="phantom",
        contrasts=CONTRASTS,
        epochs=1,
        steps_per_epoch=2,
        image_size=(32, 32),
        precision="float32",
        strategy="none",
        input_dropout=0.4,
        rate_decay=0.5,
        rate_decay_steps=1,
        **SMALL,
    )
    assert run.task.domains == CONTRASTS and run.contrasts == {name: name for name in CONTRASTS}
    (row,) = run.history
    assert row["learning_rate_factor"] == 0.5
    for name in CONTRASTS:
        assert {f"cycle_{name}", f"structure_{name}", f"class_{name}"} <= row.keys()
        assert {f"mae_{name}", f"psnr_{name}", f"ssim_{name}"} <= row.keys()
        assert run.terms[f"cycle_{name}"].direction == name
    metrics = run.held_out["metrics"]
    assert set(metrics) == {"input itself", "untrained", "trained"}
    (brain,) = phantom(1, contrasts=CONTRASTS, shape=(33, 36, 32))
    paths = {name: tmp_path / f"{name}.nii.gz" for name in CONTRASTS}
    for name, path in paths.items():
        nibabel.save(nibabel.Nifti1Image(brain.images[name].astype("f4"), brain.affine), path)
    translate = {"progress": False, "output": tmp_path / "made.nii.gz", "target": "FLAIR"}
    gan_mri.translate(run.folder, inputs={name: paths[name] for name in CONTRASTS[:2]}, **translate)
    made = nibabel.load(tmp_path / "made.nii.gz")
    assert made.shape == (33, 36, 32)
    np.testing.assert_allclose(made.affine, brain.affine, atol=1e-5)
    assert np.all(np.isfinite(made.get_fdata())) and np.ptp(made.get_fdata()) > 0
    # One is enough, because it was trained with input dropout.
    assert run.translator("FLAIR").card.optional == {"T1w", "T2w"}
    translate["output"] = tmp_path / "other.nii.gz"
    gan_mri.translate(run.folder, inputs={"T2w": paths["T2w"]}, **translate)
    other = nibabel.load(tmp_path / "other.nii.gz").get_fdata()
    assert other.shape == made.shape and np.abs(other - made.get_fdata()).max() > 0


def test_without_input_dropout_all_inputs_are_needed():
    assert not recipes.get("lee/collagan").may_lack_sources
    assert recipes.get("lee/collagan", input_dropout=0.1).may_lack_sources
