import json

import numpy as np
import pytest
from data_samples import head, picture_of, stack_of

from gan_mri.data.images.foreground import statistics
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.images.scaling_choice import choose
from gan_mri.errors import GanMriError


def volume(array):
    return stack_of(array, affine=np.eye(4))


def test_ends_middle_and_clipping():
    scaling = IntensityScaling.from_text("window:-100:300")
    np.testing.assert_array_equal(scaling.scale([-900, -100, 100, 300, 900]), [-1, -1, 0, 1, 1])
    assert scaling.scale(np.zeros((2, 3), np.int16)).dtype == np.float32


def test_scaling_does_not_touch_its_input():
    array = np.array([0, 255], np.float32)
    IntensityScaling.from_text("uint8").scale(array)
    np.testing.assert_array_equal(array, [0, 255])


@pytest.mark.parametrize("text, count", [("uint8", 256), ("uint16", 65536)])
def test_integers_survive_the_round_trip(text, count):
    scaling = IntensityScaling.from_text(text)
    values = np.arange(count, dtype=text)
    np.testing.assert_array_equal(np.rint(scaling.invert(scaling.scale(values))), values)


@pytest.mark.parametrize(
    "text", ["window:-1000:2000", "percentile", "volume", "zscore", "zscore:1.5"]
)
def test_inversion_returns_the_input_inside_the_window(text):
    stack = volume(head((16, 16, 16), dtype=np.float32) / 7 - 5)
    scaling = choose(IntensityScaling.from_text(text), [stack], pictures=False)
    window = scaling.window(stack.statistics)
    values = np.clip(stack.array, *window)
    restored = scaling.invert(scaling.scale(stack.array, window), window)
    np.testing.assert_allclose(
        restored, values, atol=4 * np.finfo(np.float32).eps * np.abs(window).max()
    )


def test_inversion_in_place_is_the_same():
    scaling, image = IntensityScaling("window", (-3.0, 700.0)), np.linspace(-1, 1, 7, dtype="f4")
    expected = scaling.invert(image)
    assert scaling.invert(image, out=image) is image
    np.testing.assert_array_equal(image, expected)


def test_volume_window_is_the_files_own():
    array = head((16, 16, 16), dtype=np.float32) - 20
    low, high = IntensityScaling.from_text("volume").window(statistics(array))
    assert low == -20
    assert high == pytest.approx(np.percentile(array[array > 0], 99.5))


def test_zscore_window_and_background():
    array = head((16, 16, 16), dtype=np.float32)
    foreground = array[array > 0]
    scaling = IntensityScaling.from_text("zscore:2")
    low, high = scaling.window(statistics(array))
    assert low == pytest.approx(foreground.mean() - 2 * foreground.std(), rel=1e-5)
    assert high == pytest.approx(foreground.mean() + 2 * foreground.std(), rel=1e-5)
    assert (scaling.scale(array, (low, high))[array == 0] == -1).all()


def test_zscore_of_a_constant_foreground():
    with pytest.raises(GanMriError, match="zscore: expected a foreground that varies"):
        IntensityScaling.from_text("zscore").window(statistics(np.repeat([0, 1], 50)))


def test_percentile_is_of_the_whole_domain_and_its_foreground():
    dark, bright = head((3, 40, 40), 0)[1], head((3, 40, 40), 1)[1] * 10
    scaling = choose(
        IntensityScaling.from_text("percentile"),
        [picture_of(dark), picture_of(bright)],
        pictures=True,
    )
    foreground = np.concatenate([dark[dark > 0], bright[bright > 0]])
    assert scaling.typical == (0, pytest.approx(np.percentile(foreground, 99.5)))


def test_typical_is_the_median_of_the_training_files():
    stacks = [volume(head((8, 8, 8), 0) * factor) for factor in (1, 2, 10)]
    scaling = choose(IntensityScaling.from_text("volume"), stacks, pictures=False)
    assert scaling.typical == scaling.window(stacks[1].statistics)
    np.testing.assert_array_equal(scaling.invert([-1.0, 1.0]), np.float32(scaling.typical))


def test_fixed_scalings_refuse_another_type():
    stack = picture_of(np.arange(100).reshape(10, 10).astype(np.uint16))
    with pytest.raises(GanMriError, match=r"a\.png: expected uint8 pixels .*received uint16"):
        IntensityScaling.from_text("uint8").check(stack)
    IntensityScaling.from_text("uint16").check(stack)


def test_percentile_of_images_that_do_not_vary():
    slab = np.zeros((8, 8, 8), np.uint8)
    slab[:, :, 3:6] = 1
    stack = stack_of(slab, name="slab.nii", affine=np.eye(4), slices=(3, 6))
    with pytest.raises(
        GanMriError, match=r"percentile: expected training images that vary.*slab\.nii"
    ):
        IntensityScaling.from_text("percentile").fitted([stack])


@pytest.mark.parametrize(
    "text", ["uint8", "uint16", "window:-100:300.5", "percentile", "volume", "zscore", "zscore:2"]
)
def test_config_round_trip(text):
    scaling = choose(IntensityScaling.from_text(text), [volume(head())], pictures=False)
    assert scaling.typical is not None
    assert IntensityScaling.from_config(json.loads(json.dumps(scaling.to_config()))) == scaling


@pytest.mark.parametrize(
    "text",
    [
        "uint7",
        "",
        "uint8:1",
        "window",
        "window:1",
        "window:5:5",
        "window:9:1",
        "window:a:b",
        "window:liver",
        "window:brain:80",
        "brain",
        "window:0:inf",
        "zscore:0",
        "zscore:-1",
        "zscore:1:2",
        "volume:1",
        7,
    ],
)
def test_unknown_texts(text):
    """Neither a window without numbers, nor one of no such name."""
    with pytest.raises(GanMriError, match="scaling: expected auto, uint8, .*received"):
        IntensityScaling.from_text(text)


@pytest.mark.parametrize(
    ("name", "width", "level"), [("brain", 80, 40), ("bone", 2000, 500), ("full", 4095, 1023.5)]
)
def test_windows_of_ct_in_hounsfield_units(name, width, level):
    scaling = IntensityScaling.from_text(f"window:{name}")
    assert scaling.method == "window" and not scaling.per_file
    hounsfield = np.array([-5000, level - width / 2, level, level + width / 4, 9000])
    np.testing.assert_allclose(scaling.scale(hounsfield), [-1, -1, 0, 0.5, 1], atol=1e-6)
    assert IntensityScaling.from_config(scaling.to_config()) == scaling
