"""Batches of training images as a `tf.data.Dataset`."""

import numpy as np
import tensorflow as tf

from gan_mri.seeds import generator


def batches(split, geometry, order, *, channels, seed, epoch, first_step=0, augmentation=None):
    """The batches of an epoch, prepared one step ahead of the training.

    Samples are cut, scaled and cropped when their step comes; nothing but the
    batches in flight exists as float32. Images of one row that show the same anatomy
    share their window and their augmentation.

    Parameters
    ----------
    split : gan_mri.data.Split
    geometry : gan_mri.data.images.geometry.Geometry
    order : ndarray (steps, batch, domains)
        From `gan_mri.data.order.epoch_order`.
    channels : int
        Of a slice; samples with neighbours have more.
    seed, epoch : int
        Of the random windows and the augmentation, together with the step.
    first_step : int
        Where to begin, for a resumed epoch.
    augmentation : gan_mri.data.augmentation.Augmentation, optional

    Returns
    -------
    tf.data.Dataset
        Of dicts from domain to float32 `(batch, *size, channels)`, of domains with n
        neighbours `(batch, *size, (2 n + 1) channels)`.
    """
    domains = split.domains
    row_reader = _RowReader(split, geometry, augmentation)

    def load(step):
        # Keyed by the step, so that a resumed epoch draws the same windows.
        rng = generator(seed, "images", epoch, int(step))
        rows = [row_reader.read(row, rng) for row in order[int(step)].tolist()]
        return [np.stack(images) for images in zip(*rows)]

    shape = (order.shape[1], *geometry.size)
    widths = [(2 * split[domain].neighbours + 1) * channels for domain in domains]

    def load_tensors(step):
        types = [tf.float32] * len(domains)
        batch = tf.numpy_function(load, [step], types, stateful=False)
        for images, width in zip(batch, widths):
            images.set_shape((*shape, width))
        return dict(zip(domains, batch))

    steps = tf.data.Dataset.range(first_step, len(order))
    return steps.map(load_tensors, num_parallel_calls=2, deterministic=True).prefetch(2)


class _RowReader:
    """One image of every domain, those of one anatomy alike."""

    def __init__(self, split, geometry, augmentation):
        self._split, self._geometry, self._augmentation = split, geometry, augmentation
        # Of rows that nobody paired, images may still happen to be of one anatomy.
        self._anatomies = {domain: split.anatomies(domain) for domain in split.domains}

    def read(self, row, rng):
        images, drawn = [], {}
        for domain, index in zip(self._split.domains, row):
            samples, anatomy = self._split[domain], self._anatomies[domain][index]
            if anatomy not in drawn:
                drawn[anatomy] = (
                    self._window(samples, index, rng),
                    self._transform(samples, index, rng),
                )
            window, transform = drawn[anatomy]
            image = self._geometry.training(samples, index, window)
            images.append(transform(image, rng) if transform else image)
        return images

    def _window(self, samples, index, rng):
        # The foreground of a slice is most of it; that of a volume is not.
        crops_volumes = self._geometry.fit == "crop" and self._geometry.rank == 3
        mask = samples.foreground(index) if crops_volumes else None
        return self._geometry.window(samples.shape(index), rng, mask)

    def _transform(self, samples, index, rng):
        if not self._augmentation:
            return None
        axis, spacing = mirror_axis_of(samples.plane(index)), samples.spacing(index)
        return self._augmentation.draw(rng, self._geometry.rank, axis, spacing=spacing)


def mirror_axis_of(plane):
    """The axis of an image that runs from the patient's left to right; None if there is none."""
    return {"axial": 1, "coronal": 1, "volume": 0, None: 1}.get(plane)
