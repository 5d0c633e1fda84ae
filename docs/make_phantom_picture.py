"""Draw docs/phantom.png: three subjects of the phantom in every contrast.

python docs/make_phantom_picture.py        (with gan_mri installed)
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from gan_mri.synthetic.brain import phantom

WINDOWS = {
    "T1w": (0, 1200),
    "T2w": (0, 750),
    "PDw": (0, 1150),
    "FLAIR": (0, 1500),
    "CT": (-40, 100),
    "FA": (0, 0.8),
    "PET": (0, 9),
}
CONTRASTS = tuple(WINDOWS)
UNITS = {"CT": "CT (HU)", "FA": "FA", "PET": "PET (SUV)"}
SUBJECTS = ((3, False), (14, False), (11, True))  # number, lesions
HEIGHT, WIDTH, MARGIN = 152, 125, 25  # pixels


def main(path=Path(__file__).with_name("phantom.png")):
    size = MARGIN + WIDTH * len(CONTRASTS), MARGIN + HEIGHT * len(SUBJECTS)
    figure = plt.figure(figsize=(size[0] / 100, size[1] / 100), dpi=100, facecolor="black")
    style = dict(color="white", ha="center", va="center", fontsize=9)
    for row, (number, lesions) in enumerate(SUBJECTS):
        (made,) = phantom([number], contrasts=CONTRASTS, shape=(HEIGHT, WIDTH), lesions=lesions)
        top = size[1] - MARGIN - HEIGHT * (row + 1)
        words = f"subject {number}" + (", lesions" if lesions else "")
        figure.text(MARGIN / 2 / size[0], (top + HEIGHT / 2) / size[1], words, rotation=90, **style)
        for column, contrast in enumerate(CONTRASTS):
            left = MARGIN + WIDTH * column
            low, high = WINDOWS[contrast]
            figure.figimage(
                made.images[contrast], left, top, origin="upper", cmap="gray", vmin=low, vmax=high
            )
            if row == 0:
                middle = (left + WIDTH / 2) / size[0], 1 - MARGIN / 2 / size[1]
                figure.text(*middle, UNITS.get(contrast, contrast), **style)
    figure.canvas.draw()
    gray = np.asarray(figure.canvas.buffer_rgba())[..., 0]
    # 64 grey levels halve the file and look the same.
    Image.fromarray(gray // 4 * 4 + gray // 64).save(path, optimize=True)
    plt.close(figure)


if __name__ == "__main__":
    main()
