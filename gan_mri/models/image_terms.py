"""The losses on images that a user adds by name, as terms of a system."""

from gan_mri import losses
from gan_mri.errors import GanMriError
from gan_mri.tasks import Term


class ImageTerms:
    """The losses on images that a user adds by name, of every direction of a task.

    Parameters
    ----------
    given : dict, str or None
        Weights by name, see `gan_mri.losses.parse_image_losses`.
    task : gan_mri.tasks.Task
    features : dict of str to callable, optional
        By domain, what its discriminator sees of an image, for the loss
        "discriminator_features".

    Attributes
    ----------
    terms : dict of str to gan_mri.tasks.Term
        Such as "l1_A" for the mean absolute error of images made for domain A.
    needs_truth : bool
        Whether the images of a batch must be paired.

    Raises
    ------
    GanMriError
        For a loss that the system cannot compute, or as `parse_image_losses`.
    """

    def __init__(self, given, task, features=None):
        self._features = features or {}
        self._weights = losses.parse_image_losses(given)
        for name in self._weights:
            self._check(losses.IMAGE_LOSSES[name], name, task)
        self.needs_truth = losses.needs_truth(self._weights)
        self.terms = {
            f"{name}_{direction.target}": Term("image", weight, direction.name)
            for direction in task.directions
            for name, weight in self._weights.items()
        }

    def measure(self, direction, truth, image, source):
        """The unweighted losses of one translation.

        Parameters
        ----------
        direction : gan_mri.tasks.Direction
        truth, image, source : tensor (N, *spatial, C)

        Returns
        -------
        dict of str to scalar tensor
        """
        features = {"discriminator_features": self._features.get(direction.target)}
        measured = losses.measured(self._weights, truth, image, source, features=features)
        return {f"{name}_{direction.target}": value for name, value in measured.items()}

    def _check(self, loss, name, task):
        lacking = None
        if loss.of_features:
            looked_at = self._features if name == "discriminator_features" else {}
            if any(direction.target not in looked_at for direction in task.directions):
                lacking = "has no network for its features"
        elif loss.beside == "source":
            if any(len(direction.sources) != 1 for direction in task.directions):
                lacking = "does not make each image from one other"
        if lacking:
            raise GanMriError(
                "image_losses: expected losses that the system can compute. Received: "
                f"{name!r}, but the system {lacking}."
            )
