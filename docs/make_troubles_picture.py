"""Draw docs/troubles.png: what results look like that went wrong.

python docs/make_troubles_picture.py        (with gan_mri installed)

No model made these: each is drawn from the phantom's true images in the way that its title says,
so that the picture shows one trouble and nothing else.
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from scipy import ndimage

from gan_mri.synthetic.brain import phantom

SUBJECTS = (3, 14)
HEIGHT, WIDTH, MARGIN = 152, 125, 25  # pixels
TILE, SHIFT = 38, 14  # pixels


def main(path=Path(__file__).with_name("troubles.png")):
    made = phantom(SUBJECTS, contrasts=("T1w", "T2w"), shape=(HEIGHT, WIDTH))
    sources, truths = ([scaled(one.images[c]) for one in made] for c in ("T1w", "T2w"))
    columns = {
        "T1w, source": sources,
        "T2w, true": truths,
        "collapsed": [truths[0], truths[0]],
        "inverted": [inverted(image) for image in truths],
        "shifted": [np.roll(image, SHIFT, axis=1) for image in truths],
        "grainy": [grainy(image) for image in truths],
        "seamed": [seamed(image) for image in truths],
        "blurred": [ndimage.gaussian_filter(image, 2.0) for image in truths],
    }
    size = WIDTH * len(columns), MARGIN + HEIGHT * len(SUBJECTS)
    figure = plt.figure(figsize=(size[0] / 100, size[1] / 100), dpi=100, facecolor="black")
    style = dict(color="white", ha="center", va="center", fontsize=9)
    for column, (title, images) in enumerate(columns.items()):
        middle = (column + 0.5) * WIDTH / size[0], 1 - MARGIN / 2 / size[1]
        figure.text(*middle, title, **style)
        for row, image in enumerate(images):
            top = size[1] - MARGIN - HEIGHT * (row + 1)
            figure.figimage(image, WIDTH * column, top, origin="upper", cmap="gray", vmin=0, vmax=1)
    figure.canvas.draw()
    gray = np.asarray(figure.canvas.buffer_rgba())[..., 0]
    # 64 grey levels halve the file and look the same.
    Image.fromarray(gray // 4 * 4 + gray // 64).save(path, optimize=True)
    plt.close(figure)


def scaled(image):
    """In [0, 1], by the 98th percentile."""
    image = np.asarray(image, np.float64)
    return np.clip(image / np.percentile(image, 98), 0, 1)


def inverted(image):
    """Dark where it was bright, within the head."""
    head = ndimage.binary_fill_holes(ndimage.gaussian_filter(image, 2.0) > 0.08)
    return np.where(head, 1 - image, image)


def grainy(image):
    """With the checkerboard of transposed convolutions."""
    rows, columns = np.indices(image.shape)
    board = (-1.0) ** (rows // 2 + columns // 2)
    return np.clip(image + 0.12 * board * (image > 0.05), 0, 1)


def seamed(image):
    """Each tile normalised by its own mean and deviation, as instance normalisation does."""
    result = image.copy()
    for top in range(0, HEIGHT, TILE):
        for left in range(0, WIDTH, TILE):
            tile = image[top : top + TILE, left : left + TILE]
            normalized = (tile - tile.mean()) / (tile.std() + 0.05)
            result[top : top + TILE, left : left + TILE] = 0.35 + 0.22 * normalized
    return np.clip(result, 0, 1)


if __name__ == "__main__":
    main()
