"""From a source to the target and back: the cycle, for which no second image is needed."""


def way_back(run, direction):
    """The direction of a run that leads back from what another one makes.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    direction : gan_mri.tasks.Direction

    Returns
    -------
    gan_mri.tasks.Direction or None
        None if the model has none (pix2pix), or `direction` starts from several images.
    """
    for other in run.task.directions:
        if tuple(other.sources) == (direction.target,) and direction.sources == (other.target,):
            return other
    return None


class ThereAndBack:
    """Two models one after the other, as `translate(batches)` of `translate_images`.

    The translation goes into the second model as the first one made it, in [-1, 1], as it does
    in training: it is not written, and no window is looked for in it.

    Parameters
    ----------
    there, back : callable
        As `gan_mri.inference.images.translate_images` takes them.
    name : str
        Of the second model's input.
    """

    def __init__(self, there, back, name):
        self._there, self._back, self._name = there, back, name

    def __call__(self, batches):
        """(images of the source domain, None)."""
        made, _ = self._there(batches)
        return self._back({self._name: made})[0], None
