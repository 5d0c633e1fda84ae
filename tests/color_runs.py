"""Stand-ins for finished runs of RGB images, whose translators are plain functions."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.view import View
from gan_mri.data.samples import Split
from gan_mri.tasks import TWO_DOMAINS


class Domain(list):
    """Images with names."""

    def __init__(self, images, name="image"):
        super().__init__(images)
        self.name = name

    def label(self, index):
        return f"{self.name} {index}"

    def files(self):
        """None: these images were never read."""
        return iter(())


class Translator:
    """`makes(image, reference)`, or `makes(image)` where it takes none; notes the sizes of its
    batches.
    """

    def __init__(self, makes, takes_reference=True):
        self.makes, self.takes_reference = makes, takes_reference
        self.batches = []

    def __call__(self, images, references=None):
        assert (references is not None) == self.takes_reference
        self.batches.append(len(images))
        if references is None:
            return np.stack([self.makes(one) for one in images])
        assert len(references) == len(images)
        return np.stack([self.makes(*pair) for pair in zip(images, references)])


def tinted(image, reference):
    """Half the image, and half the reference's mean colour: within [-1, 1], with the image's
    structure.
    """
    return image / 2 + reference.reshape(-1, 3).mean(axis=0) / 2


def images(count, seed, shape=(20, 24)):
    """Coloured noise around colours of their own, float32 in [-1, 1]."""
    rng = np.random.default_rng(seed)
    colors = rng.uniform(-0.6, 0.6, (count, *[1] * len(shape), 3))
    return list((colors + rng.uniform(-0.3, 0.3, (count, *shape, 3))).astype("float32"))


def data(sources=4, references=3, channels=3):
    """Test parts of both domains."""
    a, b = Domain(images(sources, 1), "render"), Domain(images(references, 2), "photo")
    return SimpleNamespace(
        channels=channels,
        domains=("A", "B"),
        contrasts=("renders", "photos"),
        test=Split({"A": a, "B": b}),
    )


def run(translator, own_data=None, *, folder="runs/method6", size=(20, 24), fit="resize"):
    """What a round robin asks of a `gan_mri.runs.run.Run`."""
    own_data = data() if own_data is None else own_data
    return SimpleNamespace(
        folder=Path(folder),
        task=TWO_DOMAINS,
        view=View(None, Geometry(size, fit)),
        config={
            "data": {"source": "somewhere"},
            "arguments": {"image_size": None},
        },
        load_data=lambda: own_data,
        translator=lambda direction: translator,
    )
