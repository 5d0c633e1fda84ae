import dataclasses
import json

import nibabel
import numpy as np
import pytest
import runs

import gan_mri
from gan_mri import recipes
from gan_mri.errors import GanMriError
from gan_mri.synthetic.brain import phantom

CONTRASTS = ("T1w", "b0_AP", "b0_PA", "b0")
SMALL = {"filters": 2, "levels": 2}


def test_values_are_those_of_the_published_code():
    recipe = recipes.get("schilling/synb0")
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (100, 1, 1e-4)
    assert (recipe.beta_1, recipe.beta_2, recipe.weight_decay) == (0.9, 0.999, 1e-5)
    assert recipe.decay_epoch >= recipe.epochs
    assert (recipe.filters, recipe.levels) == (32, 4)
    assert (recipe.image_losses, recipe.agreement_weight) == ("foreground_l2:1", 1)
    assert recipe.built_in_options["contrasts"] == CONTRASTS


def test_settings_survive_json_and_reach_the_system():
    recipe = recipes.get("schilling/synb0", agreement_weight=0.5, weight_decay=0.0, **SMALL)
    stored = json.loads(json.dumps(dataclasses.asdict(recipe)))
    assert recipes.get("schilling/synb0", **stored) == recipe
    model = gan_mri.build("schilling/synb0", (16, 16, 1), **stored)
    assert (model.agreement_weight, model.weight_decay) == (0.5, 0.0)
    widths = {layer.filters for layer in model.network.layers if hasattr(layer, "filters")}
    assert max(widths) == 2 * 2**2


def test_roles():
    recipe = recipes.get("schilling/synb0")
    task = recipe.task()
    assert task.domains == task.paired == ("T1w", "distorted", "reversed", "undistorted")
    (way,) = task.directions
    assert (way.sources, way.target) == (("T1w", "distorted"), "undistorted")
    assert recipe.task(("T1w", "b0_AP", "b0")).domains == ("T1w", "distorted", "undistorted")


def test_a_loss_that_compares_with_the_truth_is_needed():
    with pytest.raises(GanMriError, match="image_losses: .*foreground_l2:1.*total_variation"):
        recipes.get("schilling/synb0", image_losses="total_variation:1")
    with pytest.raises(GanMriError, match="levels: expected from 1 to 5 .*Received: 6"):
        gan_mri.build("schilling/synb0", (17, 18, 1), levels=6)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Of two steps on the phantom."""
    folder = tmp_path_factory.mktemp("synb0") / "run"
    options = {"steps_per_epoch": 2, "image_size": (32, 28), "split": (0.5, 0, 0.5)}
    options |= {"precision": "float32", "strategy": "none", "recipe": "schilling/synb0"}
    return runs.train_phantom(folder, epochs=1, **options, **SMALL)


def save(made, name, folder):
    path = folder / f"{name}.nii.gz"
    nibabel.save(nibabel.Nifti1Image(made.images[name], made.affine), path)
    return path


def test_training(run):
    assert run.contrasts == dict(zip(run.task.domains, CONTRASTS))
    (row,) = run.history
    assert {"foreground_l2_undistorted", "agreement", "mae_undistorted"} <= row.keys()
    assert all(np.isfinite(row[name]) for name in ("G_total", "agreement"))
    assert (run.folder / "export" / "undistorted" / "saved_model.pb").is_file()


def test_either_blip_alone_is_translated(run, tmp_path):
    (made,) = phantom([9], contrasts=CONTRASTS, shape=(28, 32, 26))
    paths = {name: save(made, name, tmp_path) for name in CONTRASTS[:3]}
    images = {}
    for key, blip, target in (
        ("b0_AP", "b0_AP", "b0"),
        ("distorted", "b0_AP", "undistorted"),
        ("distorted", "b0_PA", "b0"),
    ):
        output = tmp_path / f"{key}-{blip}.nii.gz"
        inputs = {"T1w": paths["T1w"], key: paths[blip]}
        gan_mri.translate(run.folder, inputs=inputs, target=target, output=output, progress=False)
        written = nibabel.load(output)
        np.testing.assert_allclose(written.affine, made.affine, atol=1e-5)
        images[key, blip] = written.get_fdata()
        assert images[key, blip].shape == (28, 32, 26) and np.ptp(images[key, blip]) > 0
    np.testing.assert_array_equal(images["b0_AP", "b0_AP"], images["distorted", "b0_AP"])
    assert np.any(images["distorted", "b0_PA"] != images["distorted", "b0_AP"])
    with pytest.raises(GanMriError, match="Received none of b0_AP"):
        gan_mri.translate(
            run.folder, inputs={"T1w": paths["T1w"]}, target="b0", output=tmp_path / "no.nii.gz"
        )
