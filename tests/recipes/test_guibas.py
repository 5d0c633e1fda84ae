"""Dual GAN from training to generation: one command, one run folder."""

import dataclasses

import dual_gan_runs
import numpy as np
import pytest

import gan_mri
from gan_mri import recipes
from gan_mri.errors import GanMriError
from gan_mri.inference.choice import exported_model
from gan_mri.train import completed


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return gan_mri.load_run(dual_gan_runs.finished(tmp_path_factory))


def test_the_values_of_the_paper():
    recipe = recipes.get("guibas/dual_gan")
    assert (recipe.noise, recipe.mask_filters, recipe.mask_generator_steps) == (100, 64, 2)
    assert (recipe.learning_rate, recipe.beta_1, recipe.epochs) == (2e-4, 0.5, 100)
    assert (recipe.batch_size, recipe.image_losses, recipe.adversarial_weight) == (32, "l1:1", 1)
    # RMSprop's defaults: 1e-3, 0.9, no momentum.
    assert (recipe.image_rate, recipe.image_beta_1, recipe.image_beta_2) == (1e-3, 0, 0.9)


def test_without_arguments_tissues_of_the_phantom_that_can_be_told_apart():
    arguments = completed({"recipe": "guibas/dual_gan", "settings": {}})
    assert arguments["contrasts"] == ("tissue", "T1w")
    assert arguments["scaling"] == ("window:0:13", "auto")
    own = completed({"recipe": "guibas/dual_gan", "settings": {}, "data": "/somewhere"})
    assert own["contrasts"] is None and own["scaling"] == "auto"


def test_masks_have_the_size_of_the_training_images():
    recipe = recipes.get("guibas/dual_gan").for_shape((64, 48, 1))
    assert (recipe.mask_size, recipe.levels) == ("64x48", 6)
    assert recipe.for_shape((64, 48, 1)) == recipe
    with pytest.raises(GanMriError, match="mask_size: expected 32x32.*Received: '64x48'"):
        recipe.for_shape((32, 32, 1))
    with pytest.raises(GanMriError, match="DCGAN: expected images of fixed size"):
        gan_mri.build("guibas/dual_gan", (7, 20, 1))


def test_a_finished_run_holds_both_stages(run):
    assert run.task == recipes.get("guibas/dual_gan", noise=5).task()
    assert run.contrasts == {"mask": "tissue", "image": "T1w"}
    assert set(run.terms) <= set(run.history[0])
    masks = run.translator("mask")(run.task.direction("mask").draw_noise(range(3)))
    assert masks.shape == (3, 20, 18, 1) and np.abs(masks).max() <= 1
    images = run.translator("image")(masks)
    assert images.shape == masks.shape
    made = run.network("mask_generator")(run.task.direction("mask").draw_noise(range(3)))
    np.testing.assert_allclose(made, masks, atol=1e-5)
    # Only stage II is measured: of what is made of noise there is no truth.
    for metrics in run.held_out["metrics"].values():
        assert {name.rpartition("_")[2] for name in metrics} == {"image"}
    card = run.translator("mask").card
    assert set(card.content["labels"]) <= set(range(13)) and len(card.content["labels"]) > 5
    assert card.inputs == {} and card.direction.noise == 5
    # A mask of one's own becomes an image, by default.
    assert exported_model(run.folder) == run.folder / "export" / "image"


def test_stage_1_translates_nothing(run, tmp_path):
    with pytest.raises(GanMriError, match="makes tissue out of noise.*gan_mri.generate"):
        gan_mri.translate(
            run.folder,
            dual_gan_runs.picture(tmp_path),
            tmp_path / "out.png",
            direction="mask",
            progress=False,
        )


def test_settings_are_remembered_with_the_size(run):
    settings = run.config["settings"]
    assert settings["mask_size"] == "20x18"
    assert recipes.get("guibas/dual_gan", **settings).mask_size == "20x18"
    fields = {field.name for field in dataclasses.fields(recipes.get("guibas/dual_gan"))}
    assert set(settings) == fields
