import keras
import numpy as np
import pytest
import tiny
from PIL import Image

from gan_mri.errors import GanMriError
from gan_mri.layers import SelfAttention
from gan_mri.papers.maheshwari import attention_figure as module
from gan_mri.papers.maheshwari.attention_figure import attention_figure, landmarks
from gan_mri.papers.maheshwari.attention_maps import attention_maps

SIZE = (8, 6)
POSITIONS = [(0, 0), (5, 3)]


def network(channels):
    """Attention over means of 2x2 pixels, with random weights."""
    image, layer = keras.Input((None, None, channels)), SelfAttention(reduction=1)
    model = keras.Model(image, layer(keras.layers.AveragePooling2D(2)(image)))
    layer.set_weights([3 * tiny.images(*w.shape, seed=5) for w in layer.get_weights()])
    return model


@pytest.fixture
def drawn(monkeypatch):
    figures, save = [], module.save
    monkeypatch.setattr(
        module, "save", lambda figure, path: figures.append(figure) or save(figure, path)
    )
    return figures


def test_figure(tmp_path, drawn):
    images = tiny.images(2, *SIZE, 1)
    model = network(1)
    path = attention_figure(tmp_path / "f.png", model, images, POSITIONS, labels=["one", "two"])
    (figure,) = drawn
    grid = np.array(figure.axes[:6]).reshape(2, 3)
    maps = attention_maps(model, images, POSITIONS)
    for line, image, of_image, label in zip(grid, images, maps, ("one", "two")):
        assert line[0].get_ylabel() == label
        np.testing.assert_allclose(line[0].images[0].get_array(), (image[..., 0] + 1) / 2)
        marks = [tuple(mark.get_data()) for mark in line[0].lines[::2]]
        assert marks == [([column], [row]) for row, column in POSITIONS]
        for axes, row, position in zip(line[1:], of_image, POSITIONS):
            under, over = axes.images
            assert under.get_extent() == over.get_extent() == [-0.5, 5.5, 7.5, -0.5]
            np.testing.assert_allclose(over.get_array(), 12 * row, rtol=1e-6)
            np.testing.assert_array_equal(over.get_alpha() > 0, over.get_array() > 1)
            assert tuple(axes.lines[0].get_data()) == ([position[1]], [position[0]])
    assert (over.norm.vmin, over.norm.vmax) == (1, max(10, 12 * maps.max()))
    assert Image.open(path).format == "PNG"


def test_color_images_and_default_positions(tmp_path, drawn):
    images = tiny.images(1, *SIZE, 3)
    attention_figure(tmp_path / "f.png", network(3), images)
    axes = drawn[0].axes
    assert len(axes) == 1 + 3 + 1
    assert axes[0].images[0].get_array().shape == (*SIZE, 3)
    marks = [mark.get_data() for mark in axes[0].lines[::2]]
    assert [(row, column) for (column,), (row,) in marks] == [
        tuple(p) for p in landmarks(images[0])
    ]


def test_landmarks():
    # A head of 20 rows and 30 columns; inside, columns 20 and more are brighter.
    image = np.full((40, 50, 1), -1.0)
    image[10:31, 8:39] = 0.0
    image[10:31, 20:39] = 1.0
    center, edge, border = landmarks(image)
    assert tuple(center) == (20, 23)
    assert edge[1] in (19, 20) and 10 + 5 <= edge[0] <= 30 - 5
    assert tuple(border) == (20, 8)


@pytest.mark.parametrize("value", [-1.0, 0.3])
def test_landmarks_without_foreground(value):
    center, _, border = landmarks(np.full((9, 7, 3), value))
    assert tuple(center) == (4, 3) and tuple(border) == (4, 0)


def test_wrong_images_and_labels(tmp_path):
    model = network(3)
    with pytest.raises(GanMriError, match=r"Received: shape \(1, 2, 8, 6, 3\)"):
        attention_figure(tmp_path / "f.png", model, tiny.images(1, 2, *SIZE, 3), POSITIONS)
    with pytest.raises(GanMriError, match="labels must be one for each of 1 images. Received: 2"):
        attention_figure(tmp_path / "f.png", model, tiny.images(1, *SIZE, 3), labels=["a", "b"])
    assert not (tmp_path / "f.png").exists()
