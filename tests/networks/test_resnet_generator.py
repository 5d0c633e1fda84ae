import numpy as np
import pytest
import tiny

from gan_mri.networks import resnet_generator

SMALL = {"filters": 2, "residual_blocks": 1}


@pytest.mark.parametrize("downsamplings", [2, 3])
def test_every_size_from_17(downsamplings):
    model = resnet_generator((None, None, 1), downsamplings=downsamplings, **SMALL)
    for height in range(17, 34):
        shape = (1, height, 17 + (5 * height) % 17, 1)
        output = np.asarray(model(tiny.images(*shape, dtype="float32")))
        assert output.shape == shape
        assert np.all(np.abs(output) <= 1)


@pytest.mark.parametrize("residual_padding", ["same", "reflect"])
def test_odd_sizes_are_mirrored_and_cropped(residual_padding):
    options = {"residual_padding": residual_padding, "dtype": "float64", **SMALL}
    model = resnet_generator((None, None, 1), **options)
    images = tiny.images(2, 17, 22, 1)
    # To 20 and 24: the odd pixel at the end.
    padded = np.pad(images, [(0, 0), (1, 2), (1, 1), (0, 0)], mode="reflect")
    expected = np.asarray(model(padded))[:, 1:18, 1:23]
    np.testing.assert_allclose(model(images), expected, rtol=0, atol=1e-12)


def test_batch_is_image_by_image():
    model = resnet_generator((None, None, 1), dtype="float64", **SMALL)
    images = tiny.images(3, 20, 20, 1)
    one_by_one = np.concatenate([model(images[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(model(images), one_by_one, rtol=0, atol=1e-12)


def test_output_channels():
    model = resnet_generator((16, 16, 1), output_channels=3, **SMALL)
    assert model.output_shape == (None, 16, 16, 3)


@pytest.mark.parametrize(("filters", "residual_blocks", "downsamplings"), [(4, 0, 1), (3, 2, 2)])
def test_parameters(filters, residual_blocks, downsamplings):
    """Counted from the block names: kernel + bias, and gamma + beta."""

    def convolution(size, before, after, normalized=True):
        return size * size * before * after + after + 2 * after * normalized

    widths = [filters * 2**level for level in range(downsamplings + 1)]
    expected = convolution(7, 1, filters)
    for before, after in zip(widths, widths[1:]):
        # One dk and one uk between each two widths.
        expected += convolution(3, before, after) + convolution(3, after, before)
    expected += residual_blocks * 2 * convolution(3, widths[-1], widths[-1])
    expected += convolution(7, filters, 1, normalized=False)
    model = resnet_generator(
        (16, 16, 1),
        filters=filters,
        residual_blocks=residual_blocks,
        downsamplings=downsamplings,
    )
    assert model.count_params() == expected
