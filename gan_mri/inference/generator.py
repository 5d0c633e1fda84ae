"""The exported models of a run, chained from noise to images."""

import numpy as np

from gan_mri.inference.chain import from_noise
from gan_mri.inference.labels import nearest
from gan_mri.inference.translator import Translator
from gan_mri.tasks import NOISE

# Images made at a time, by rank: always as many, because what the last bits of an image are may
# depend on it.
_BATCH = {2: 16, 3: 1}


class Generator:
    """Images out of noise, and what is made of these images.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
        A finished run, whose task has a direction without a source.

    Attributes
    ----------
    cards : dict of str to gan_mri.inference.card.Card
        By domain, in the order in which they are made.
    batch_size : int
        How many images a call takes.

    Raises
    ------
    GanMriError
        If the run makes no image out of noise, or is not finished.
    """

    def __init__(self, run):
        ways = from_noise(run)
        self._translators = {way.target: Translator(run.exported(way.name)) for way in ways}
        self._ways = ways
        self.cards = {name: one.card for name, one in self._translators.items()}
        self.batch_size = _BATCH[run.view.rank]

    def __call__(self, numbers, seed=0):
        """Generate images.

        Parameters
        ----------
        numbers : sequence of int
            Which images, from 0; `batch_size` of them, so that each is the same to the
            last bit whatever the others are.
        seed : int

        Returns
        -------
        dict of str to ndarray (N, *spatial, C)
            By domain, float32 in its typical intensities; masks hold the values of the
            training masks and no other.
        """
        made, found = {}, {}
        for way in self._ways:
            card, network = self.cards[way.target], self._translators[way.target]
            drawn = {NOISE: way.draw_noise(numbers, seed)} if way.noise else {}
            inputs = way.inputs(made | drawn)
            image = network(inputs[NOISE] if way.noise else inputs)
            scaling, labels = card.target_scaling, card.content.get("labels")
            found[way.target] = scaling.invert(image)
            if labels:
                found[way.target] = nearest(found[way.target], labels)
                # What follows was trained on labels, and nothing between them.
                image = scaling.scale(found[way.target])
            made[way.target] = np.asarray(image, np.float32)
        return found
