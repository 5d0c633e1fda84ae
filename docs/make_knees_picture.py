"""Draw docs/knees.png: simulated knees above, photographs below.

python docs/make_knees_picture.py        (with gan_mri installed)
"""

from pathlib import Path

import numpy as np
from PIL import Image

from gan_mri.synthetic.knees import knees

ROWS = (
    ("simulated", range(0, 8)),
    ("simulated", range(8, 16)),
    ("photograph", range(24, 32)),
    ("photograph", range(140, 148)),
)
SIZE, GAP = 112, 3  # pixels


def main(path=Path(__file__).with_name("knees.png")):
    columns = len(ROWS[0][1])
    size = SIZE + GAP
    sheet = np.full((len(ROWS) * size - GAP, columns * size - GAP, 3), 255, np.uint8)
    for row, (kind, numbers) in enumerate(ROWS):
        for column, knee in enumerate(knees(numbers, kind=kind, shape=(SIZE, SIZE))):
            sheet[row * size : row * size + SIZE, column * size : column * size + SIZE] = knee.image
    # 64 levels a channel make a smaller file that looks the same.
    Image.fromarray(sheet // 4 * 4 + sheet // 64).save(path, optimize=True)


if __name__ == "__main__":
    main()
