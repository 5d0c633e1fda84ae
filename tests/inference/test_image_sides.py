"""Lines are no images, whichever way they come; names that no disk allows are no models."""

import keras
import nibabel as nib
import numpy as np
import pytest
from cards import card
from PIL import Image

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.inference.export import export_translator


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Networks that return their input, of pictures and of volumes."""
    folder = tmp_path_factory.mktemp("identity")
    for rank, plane in ((2, "axial"), (3, "volume")):
        image = keras.Input((*[None] * rank, 1), name="image")
        network = keras.Model(image, keras.layers.Activation("linear")(image))
        geometry = {"size": [20] * rank, "fit": "crop"}
        export_translator(network, folder / plane, card(plane=plane, geometry=geometry))
    return folder


@pytest.mark.parametrize("shape", [(1, 30), (30, 1), (1, 1)])
def test_a_picture_one_pixel_wide(models, tmp_path, shape):
    pixels = np.linspace(0, 255, shape[0] * shape[1]).astype(np.uint8).reshape(shape)
    Image.fromarray(pixels).save(tmp_path / "line.png")
    with pytest.raises(GanMriError, match="line.png: expected a picture with at least two sides"):
        gan_mri.translate(
            models / "axial", tmp_path / "line.png", tmp_path / "out.png", progress=False
        )
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    "plane, shape, message",
    [
        ("axial", (1, 30, 9), "line.nii: expected a axial slice with at least two sides"),
        ("volume", (1, 1, 30), "line.nii: expected a volume with at least two sides"),
    ],
)
def test_a_volume_that_is_a_line(models, tmp_path, plane, shape, message):
    voxels = np.linspace(1, 900, int(np.prod(shape))).reshape(shape).astype(np.int16)
    nib.save(nib.Nifti1Image(voxels, np.eye(4)), tmp_path / "line.nii")
    with pytest.raises(GanMriError, match=message.replace("a axial", "an? axial")):
        gan_mri.translate(
            models / plane, tmp_path / "line.nii", tmp_path / "out.nii", progress=False
        )
    assert not (tmp_path / "out.nii").exists()


@pytest.mark.parametrize("name", ["m" * 300, "a/" * 3000, "é" * 200])
def test_a_model_whose_name_is_too_long(tmp_path, name):
    source = tmp_path / "in.npy"
    np.save(source, np.arange(400, dtype=np.float32).reshape(20, 20))
    with pytest.raises(GanMriError, match="expected a run folder of gan_mri.train"):
        gan_mri.translate(tmp_path / name, source, tmp_path / "out.npy", progress=False)
