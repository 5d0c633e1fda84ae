"""A run whose network sees neighbouring slices: from training to translation and evaluation."""

import nibabel as nib
import numpy as np
import pytest
import tensorflow as tf
from data_samples import head, write_nifti
from PIL import Image

import gan_mri
from gan_mri.data.images.planes import to_stack
from gan_mri.errors import GanMriError
from gan_mri.inference.rebuilt import rebuilt

AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])
TRAINING = {
    "contrasts": ("T1w", "T2w"),
    "scaling": "window:0:2000",
    "split": (0.5, 0, 0.5),
    "image_size": (20, 18),
    "fit": "crop",
    "steps_per_epoch": 2,
    "precision": "float32",
    "strategy": "none",
    "progress": False,
    "seed": 3,
    "filters": 2,
    "levels": 2,
    "residual_blocks": 1,
    "neighbours": 2,
}


def volume(seed):
    """A head that reaches the ends, with an empty slice in the middle."""
    array = head((18, 20, 11), seed=seed)[..., 2:-2].copy()
    array[..., 3] = 0
    array[0, 0, 3] = 9
    return array


@pytest.fixture(scope="module")
def bids(tmp_path_factory):
    folder = tmp_path_factory.mktemp("neighbours") / "bids"
    for number in range(4):
        for place, contrast in enumerate(("T1w", "T2w")):
            path = folder / f"sub-0{number}" / "anat" / f"sub-0{number}_{contrast}.nii.gz"
            write_nifti(path, volume(10 * number + place), AFFINE)
    return folder


@pytest.fixture(scope="module")
def run(bids):
    """Of two epochs: after the first it was stopped and resumed."""
    first = gan_mri.train(
        "isensee/residual_unet", data=bids, out=bids.parent / "run", epochs=1, **TRAINING
    )
    return gan_mri.train(out=first.folder, resume=True, epochs=2, progress=False)


def seen(array, number):
    """The five slices around one, of the padded stack, in [-1, 1]."""
    stack = np.pad(to_stack(array, AFFINE, "axial"), [(2, 2), (0, 0), (0, 0)], mode="edge")
    return np.moveaxis(np.clip(stack[number : number + 5] / 1000.0 - 1, -1, 1), 0, -1)


def test_the_export_takes_the_slices_as_channels_and_the_card_says_so(run):
    translator = run.translator()
    served = tf.saved_model.load(str(run.exported("A2B"))).signatures["serving_default"]
    (image,) = served.structured_input_signature[1].values()
    assert image.shape.as_list() == [None, None, None, 5]
    assert translator.card.neighbours == {"image": 2} and translator.card.channels == 1
    assert translator.card.content["inputs"]["image"]["neighbours"] == 2
    assert run.task.contexts == {"A": 2}
    with pytest.raises(GanMriError, match="5 channel.* for image, with 2 slices on either side"):
        translator(np.zeros((1, 20, 18, 1)))
    assert run.network("G_A2B").input_shape == (None, None, None, 5)
    assert rebuilt(translator).input_shape[-1] == 5


def test_a_volume_is_translated_slice_by_slice_with_its_neighbours(run, tmp_path):
    array = volume(77)
    source, output = write_nifti(tmp_path / "in.nii.gz", array, AFFINE), tmp_path / "out.nii.gz"
    gan_mri.translate(run.folder, source, output, batch_size=3, progress=False)
    network, made = run.network("G_A2B"), np.full(array.shape, -1.0)
    for number in (0, 1, 2, 4, 5, 6):  # the empty one becomes background
        image = np.asarray(network(seen(array, number)[np.newaxis].astype("float32")))[0, ..., 0]
        # Rows from the top, columns from the left: the inverse of how slices are shown.
        made[..., number] = image[::-1].T
    found = nib.load(output).get_fdata()
    assert found.shape == array.shape and np.ptp(made) > 0.01
    np.testing.assert_allclose(found, (made + 1) * 1000, atol=1.0)


def test_held_out_images_are_measured_as_they_are_translated(run):
    data, network = run.load_data(), run.network("G_A2B")
    subjects, errors, copies = data.test.subjects, [], []
    for subject in subjects:
        number = int(subject[-1])
        source, truth = volume(10 * number), volume(10 * number + 1)
        for k in (0, 1, 2, 4, 5, 6):
            image = seen(source, k)
            real = seen(truth, k)[..., 2]
            made = np.asarray(network(image[np.newaxis].astype("float32")))[0, ..., 0]
            mask = (image[..., 2] > -0.95) | (real > -0.95)
            errors.append(np.abs(made - real)[mask].mean())
            copies.append(np.abs(image[..., 2] - real)[mask].mean())
    measured = run.held_out["metrics"]
    assert measured["trained"]["mae_A2B"] == pytest.approx(np.mean(errors), rel=1e-4)
    assert measured["input itself"]["mae_A2B"] == pytest.approx(np.mean(copies), rel=1e-4)
    assert measured["input itself"]["rank_A2B"] == pytest.approx(1)
    evaluation = gan_mri.evaluate(run.folder, progress=False)
    (row,) = [one for one in evaluation.summary if one["metric"] == "mae"]
    # Of subjects, which have as many slices each.
    assert row["mean"] == pytest.approx(np.mean(errors), rel=1e-4)


def test_where_there_are_none(run, bids, tmp_path):
    picture = tmp_path / "a.png"
    Image.fromarray(np.arange(400, dtype=np.uint8).reshape(20, 20)).save(picture)
    with pytest.raises(GanMriError, match=r"a\.png: expected a volume.*neighbours=2.*a picture"):
        gan_mri.translate(run.folder, picture, tmp_path / "b.png", progress=False)
    options = {**TRAINING, "image_size": (20, 20, 20), "data": bids}
    with pytest.raises(GanMriError, match="expected neighbours=0, because whole volumes"):
        gan_mri.train("isensee/residual_unet", out=tmp_path / "run", **options)
    with pytest.raises(GanMriError, match=r"neighbours: expected 0 for volumes"):
        gan_mri.build("isensee/residual_unet", (20, 20, 20, 1), neighbours=1)
    with pytest.raises(GanMriError, match="'neighbours' is not a setting of this recipe"):
        gan_mri.build("welander/cyclegan", (20, 20, 1), neighbours=1)
    assert not (tmp_path / "run").exists()
