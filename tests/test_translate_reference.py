"""`translate --reference`: a network of known arithmetic shows what the reference did."""

import nibabel as nib
import numpy as np
import pytest
import referring
from cards import card
from PIL import Image

import gan_mri
from gan_mri.commands import run_command
from gan_mri.errors import GanMriError
from gan_mri.inference.export import export_translator
from gan_mri.translate import main

UINT8 = {"method": "uint8", "typical": [0, 255]}
CARD = card(source_scaling=UINT8, target_scaling=UINT8, channels=3, plane=None)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """SavedModels "takes", "noisy" and "plain" for RGB pictures, "volumes" for grey volumes."""
    folder = tmp_path_factory.mktemp("models")
    export_translator(referring.network(), folder / "takes", CARD)
    export_translator(referring.network(noise=0.02), folder / "noisy", CARD)
    export_translator(referring.plain(), folder / "plain", CARD)
    scaling = {"method": "volume", "typical": [0.0, 1000.0]}
    of_volumes = card(source_scaling=scaling, target_scaling=scaling)
    export_translator(referring.network(1), folder / "volumes", of_volumes)
    return folder


def picture(path, seed=0, shape=(25, 21, 3), high=256):
    array = np.random.default_rng(seed).integers(0, high, shape, dtype=np.uint8)
    Image.fromarray(array).save(path)
    return array


def made(source, reference):
    """What `referring.network` makes of 8-bit colours."""
    scaled = referring.expected(source / 127.5 - 1, (reference / 127.5 - 1)[np.newaxis])
    return np.clip((scaled + 1) * 127.5, 0, 255)[0]


def read(path):
    with Image.open(path) as image:
        return np.array(image)


def run(*arguments, **options):
    gan_mri.translate(*arguments, progress=False, **options)


def test_a_picture_from_the_command_line(models, tmp_path):
    source = picture(tmp_path / "in.png")
    reference = picture(tmp_path / "like.png", 1, (33, 40, 3), high=128)
    paths = [models / "takes", tmp_path / "in.png", tmp_path / "out.png"]
    run_command(main, [*map(str, paths), "--reference", str(tmp_path / "like.png")])
    assert np.abs(read(tmp_path / "out.png") - made(source, reference)).max() <= 0.51


def test_every_picture_of_a_folder(models, tmp_path):
    (tmp_path / "in").mkdir()
    sources = {
        name: picture(tmp_path / "in" / name, seed) for seed, name in enumerate(["a.png", "b.png"])
    }
    reference = picture(tmp_path / "like.png", 7, high=60)
    run(models / "takes", tmp_path / "in", tmp_path / "out", reference=tmp_path / "like.png")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]
    for name, source in sources.items():
        found = read(tmp_path / "out" / name)
        assert np.abs(found - made(source, reference)).max() <= 0.51


def test_samples_follow_the_reference(models, tmp_path):
    source = np.full((40, 40, 3), 128, np.uint8)
    source[:20] = 140
    Image.fromarray(source).save(tmp_path / "in.png")
    reference = picture(tmp_path / "like.png", 3, high=90)
    run(
        models / "noisy",
        tmp_path / "in.png",
        tmp_path / "out.png",
        reference=tmp_path / "like.png",
        samples=8,
    )
    difference = read(tmp_path / "out.png") - made(source, reference)
    assert np.abs(difference.mean(axis=(0, 1))).max() < 0.5
    deviation = np.load(tmp_path / "out_sd.npy")
    # The root of the biased variance of 8 normal numbers is 9.7 % low.
    assert deviation.mean() == pytest.approx(0.903 * 0.02 * 127.5, rel=0.03)


def test_slices_of_a_volume_like_the_middle_slice_of_another(models, tmp_path):
    rng = np.random.default_rng(0)
    array = rng.uniform(100, 900, (11, 12, 6)).astype(np.float32)
    other = rng.uniform(100, 400, (9, 14, 5)).astype(np.float32)
    other[..., 2] *= 2  # the middle one
    for name, volume in (("in", array), ("like", other)):
        nib.save(nib.Nifti1Image(volume, np.eye(4)), tmp_path / f"{name}.nii.gz")
    run(
        models / "volumes",
        tmp_path / "in.nii.gz",
        tmp_path / "out.nii.gz",
        reference=tmp_path / "like.nii.gz",
        batch_size=4,
    )

    def scaled(volume):
        low, top = np.percentile(volume, (0.5, 99.9))
        high = np.percentile(volume[volume > low + 0.05 * (top - low)], 99.5)
        return np.clip((volume - low) / (high - low) * 2 - 1, -1, 1)

    translated = 0.5 * scaled(array) + 0.5 * scaled(other)[..., 2].mean()
    found = nib.load(tmp_path / "out.nii.gz").get_fdata()
    np.testing.assert_allclose(found, (translated + 1) * 500, atol=0.01)


def bad(path, kind):
    if kind == "grey":
        picture(path / "like.png", shape=(20, 20))
    elif kind == "broken":
        (path / "like.png").write_bytes(b"no picture")
    elif kind == "good":
        picture(path / "like.png")
    return path / "like.png" if kind != "none" else None


@pytest.mark.parametrize(
    "model, kind, message",
    [
        (
            "takes",
            "none",
            r"takes makes an image after a reference image.*--reference IMAGE.*Received: none",
        ),
        ("plain", "good", "plain takes no reference image.*Received one"),
        ("takes", "missing", "like.png: expected an image file, received no such file"),
        ("takes", "broken", "like.png"),
        ("takes", "grey", r"like.png: expected a reference with 3 channel\(s\).*Received: 1"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(models, tmp_path, model, kind, message):
    (tmp_path / "in").mkdir()
    picture(tmp_path / "in" / "a.png")
    reference = bad(tmp_path, kind)
    before = sorted(tmp_path.rglob("*"))
    for source, output in (("in/a.png", "out.png"), ("in", "out")):
        with pytest.raises(GanMriError, match=message) as caught:
            run(models / model, tmp_path / source, tmp_path / output, reference=reference)
        assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before
