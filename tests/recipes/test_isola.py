import numpy as np
import pytest
import tiny

import gan_mri
from gan_mri import recipes
from gan_mri.data.augmentation import Augmentation

TINY = {"filters": 2, "discriminator_filters": 2, "discriminator_levels": 2}


def test_the_values_of_the_paper():
    recipe = recipes.get("isola/pix2pix")
    assert (recipe.learning_rate, recipe.beta_1, recipe.batch_size) == (2e-4, 0.5, 1)
    assert (recipe.image_losses, recipe.adversarial, recipe.dropout) == ("l1:100", "bce", 0.5)
    jitter = Augmentation.parse(recipe.data_options["augment"])
    assert (jitter.mirror, jitter.jitter) == (0.5, pytest.approx(286 / 256 - 1))


@pytest.mark.parametrize(("shape", "levels"), [((256, 256, 3), 8), ((64, 48, 1), 6)])
def test_as_many_levels_as_the_size_allows(shape, levels):
    assert recipes.get("isola/pix2pix").for_shape(shape).levels == levels
    assert recipes.get("isola/pix2pix", levels=2).for_shape(shape).levels == 2


@pytest.mark.parametrize("size", [(32, 32), (20, 20, 20)])
def test_from_training_to_translation(tmp_path, monkeypatch, size):

    from gan_mri.data.sources.built_in import BUILT_IN

    few = BUILT_IN["phantom"]._replace(training_subjects=4, training_volumes=3)
    monkeypatch.setitem(BUILT_IN, "phantom", few)
    run = gan_mri.train(
        "isola/pix2pix",
        out=tmp_path / "run",
        image_size=size,
        epochs=1,
        steps_per_epoch=2,
        precision="float32",
        progress=False,
        direction="B2A",
        **TINY,
    )
    assert run.config["arguments"]["augment"] == "mirror jitter"
    assert run.config["settings"]["levels"] == 5
    assert run.config["data"]["paired"]
    assert (run.folder / "export" / "B2A").is_dir()
    image = run.load_data().test.B[0]
    assert run.translator()(image[None]).shape == (1, *image.shape)


def test_both_networks_see_neighbouring_slices():
    """And a loss that compares with the source compares with the slice itself."""
    settings = {"levels": 2, "neighbours": 1, "direction": "B2A", **TINY}
    losses = {"image_losses": "self_regularization:1", "dropout": 0.0}
    model = gan_mri.build("isola/pix2pix", (20, 18, 3), seed=1, **settings, **losses)
    assert model.generator.input_shape[-1] == 9 and model.generator.output_shape[-1] == 3
    assert [tensor.shape[-1] for tensor in model.discriminator.inputs] == [3, 9]
    batch = {"A": tiny.images(2, 20, 18, 3), "B": tiny.images(2, 20, 18, 9, seed=1)}
    made = np.asarray(model.generator(batch["B"]))
    loss = tiny.step(model, batch)["self_regularization_A"]
    assert loss == pytest.approx(np.abs(made - batch["B"][..., 3:6]).mean(), rel=1e-5)
