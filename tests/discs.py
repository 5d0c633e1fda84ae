"""Images whose radius says which they are, and what errors a model makes on them by NumPy."""

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from gan_mri.data.images.geometry import Geometry
from gan_mri.data.samples import Split
from gan_mri.data.stacks import SampleKey
from gan_mri.tasks import TWO_DOMAINS
from gan_mri.training.held_out import HeldOut

ROWS, COLUMNS = 28, 30


class Discs:
    """Noise in a disc, whose radius says which image it is."""

    def __init__(self, count, seed, empty=()):
        self.keys = [SampleKey(f"{seed}-{number}", "", 0) for number in range(count)]
        self._images = []
        rows, columns = np.ogrid[-1 : 1 : ROWS * 1j, -1 : 1 : COLUMNS * 1j]
        for number in range(count):
            inside = np.hypot(rows, columns) < 0.5 + 0.04 * number
            inside &= number not in empty
            noise = np.random.default_rng([seed, number]).uniform(-0.5, 1, (ROWS, COLUMNS))
            self._images.append((np.where(inside, noise, -1).astype(np.float32), inside))

    def __len__(self):
        return len(self._images)

    def __getitem__(self, index):
        return self._images[index][0][..., np.newaxis]

    def mask(self, index):
        return self._images[index][1]

    def label(self, index):
        return f"disc {index}"


def split(count_A=4, count_B=4, pairs=None, **options):
    if pairs is None:
        pairs = [(index, index) for index in range(min(count_A, count_B))]
    return paired(pairs, A=Discs(count_A, 1, **options), B=Discs(count_B, 2, **options))


def paired(rows, **images):
    """A split in which the images of each of these rows are of one anatomy."""
    for number, row in enumerate(rows):
        for samples, index in zip(images.values(), row):
            samples.keys[index] = SampleKey(f"row-{number}", "", 0)
    return Split(images)


CROP = Geometry((20, 20), "crop")


def held_out(data, geometry=CROP, task=TWO_DOMAINS, **options):
    return HeldOut(data, geometry, task, **options)


def negative(name, inputs):
    images = inputs["image"]
    return (-images if name == "A2B" else 0.5 * images).astype(np.float32)


def reference(truth, image, mask):
    """The three metrics by NumPy and scikit-image, over a mask."""
    truth, image = truth[..., 0].astype(float), image[..., 0].astype(float)
    _, similarities = structural_similarity(
        truth,
        image,
        data_range=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    return {
        "mae": np.abs(truth - image)[mask].mean(),
        "psnr": peak_signal_noise_ratio(truth[mask], image[mask], data_range=2),
        "ssim": similarities[mask].mean(),
    }
