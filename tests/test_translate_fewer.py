"""Translation from fewer contrasts than a model has, where it is trained for that."""

import nibabel as nib
import numpy as np
import pytest
from cards import card
from data_samples import LAS, head, write_nifti

import gan_mri
from gan_mri import recipes
from gan_mri.data.images.planes import to_stack
from gan_mri.errors import GanMriError
from gan_mri.inference.export import export_translator
from gan_mri.translate import main

CONTRASTS = ("T1w", "T2w", "PDw", "FLAIR")
SOURCES = CONTRASTS[:3]
SMALL = {"filters": 3, "branch_filters": 2, "levels": 2, "discriminator_filters": 2}
SHAPE = (20, 18, 6)


@pytest.fixture(scope="module")
def network():
    """CollaGAN's generator, untrained, and what of it makes FLAIR."""
    recipe = recipes.get("lee/collagan", input_dropout=0.3, **SMALL)
    model = gan_mri.build("lee/collagan", (20, 18, 1), contrasts=CONTRASTS, seed=1, **SMALL)
    return recipe, model


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "FLAIR"
    content = card(inputs={name: name for name in SOURCES}, target="FLAIR", target_domain="FLAIR")
    content["direction"] = "FLAIR"
    for one in content["inputs"].values():
        one["optional"] = network[0].may_lack_sources
    export_translator(network[1].exported_translators["FLAIR"], folder, content)
    return folder


@pytest.fixture
def volumes(tmp_path):
    arrays = {name: head(SHAPE, seed=k) for k, name in enumerate(SOURCES)}
    paths = {
        name: write_nifti(tmp_path / f"{name}.nii.gz", array) for name, array in arrays.items()
    }
    return arrays, paths


@pytest.mark.parametrize("given", [("T2w",), ("PDw", "T1w"), SOURCES])
def test_what_is_missing_is_zero_inside_of_the_network(given, network, exported, volumes, tmp_path):
    """Images of the published code are 0 in the background, where ours are -1."""
    arrays, paths = volumes
    output = tmp_path / "made.nii.gz"
    inputs = {name: paths[name] for name in given}
    gan_mri.translate(exported, output=output, inputs=inputs, target="FLAIR", progress=False)
    found = to_stack(nib.load(output).get_fdata(), LAS, "axial")
    shown = {
        name: to_stack(arrays[name], LAS, "axial") / 500.0 - 1
        if name in given
        else np.full((6, 18, 20), -1.0)
        for name in SOURCES
    }
    images = [np.clip(shown[name], -1, 1)[..., np.newaxis].astype("float32") for name in SOURCES]
    # The generator itself, as a training step calls it.
    generator = network[1].generator
    planes = np.zeros((6, 18, 20, 4), "float32")
    planes[..., 3] = 1
    background = np.full_like(images[0], -1)
    named = {f"image_{k}": image for k, image in enumerate([*images, background], 1)}
    made = np.asarray(generator([*named.values(), planes]))[..., 0]
    kept = [k for k in range(6) if any((shown[name][k] > -0.9).mean() > 0.01 for name in given)]
    assert len(kept) == 4
    np.testing.assert_allclose(found[kept], (made[kept] + 1) * 500, atol=1.5)
    assert (found[[k for k in range(6) if k not in kept]] == 0).all()


def test_by_the_command_line(exported, volumes, tmp_path):
    _, paths = volumes
    words = ["--inputs", f"PDw={paths['PDw']}", "--target", "FLAIR", str(tmp_path / "made.nii.gz")]
    main([str(exported), *words])
    assert nib.load(tmp_path / "made.nii.gz").shape == SHAPE


def test_none_at_all(exported, tmp_path):
    with pytest.raises(GanMriError, match="none of T1w and none of T2w and none of PDw. One of"):
        gan_mri.translate(exported, output=tmp_path / "made.nii.gz", inputs={}, progress=False)
